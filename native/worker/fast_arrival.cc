#include "worker/fast_arrival.h"

#include "wire/checksum.h"
#include "wire/geneve.h"
#include "wire/gre.h"
#include "wire/udp.h"
#include "wire/vxlan.h"
#include "worker/fast_frame.h"

namespace adit {
namespace {

constexpr std::uint32_t kIpOffset = sizeof(EthernetHeader);
constexpr std::uint8_t kIpv4NoOptions = 0x45;

/// A packet between the steps; addresses as 16 bytes, as an IpAddress has them.
struct Outer {
  std::uint64_t source[2] = {};
  std::uint64_t hash = 0;
  TunnelIdentity identity;
  std::uint32_t tunnel = TunnelMap::kNone;
};

/// The endpoint of the packet before, which mostly is that of the next one.
class EndpointMemo {
 public:
  explicit EndpointMemo(const EndpointMap& endpoints) noexcept : endpoints_(endpoints) {}

  /// Null where there is none. \param address `size` bytes.
  [[nodiscard]] const Endpoint* find(const std::uint8_t* address, IpFamily family, IpProto proto,
                                     std::uint16_t udp_port) noexcept {
    const bool same = endpoint_ != nullptr && family == endpoint_->local.family &&
                      proto == proto_ && udp_port == endpoint_->udp_port &&
                      is_local(address, family);
    if (same) [[likely]] {
      return endpoint_;
    }
    const IpAddress local =
        family == IpFamily::kIpv4 ? IpAddress::v4(address) : IpAddress::v6(address);
    index_ = endpoints_.find(local, proto, udp_port);
    endpoint_ = index_ == EndpointMap::kNone ? nullptr : &endpoints_.at(index_);
    proto_ = proto;
    return endpoint_;
  }
  /// Index of the one that was found last.
  [[nodiscard]] std::uint32_t index() const noexcept { return index_; }

 private:
  [[nodiscard]] bool is_local(const std::uint8_t* address, IpFamily family) const noexcept {
    const std::uint8_t* local = endpoint_->local.bytes.data();
    if (family == IpFamily::kIpv4) return load32(address) == load32(local);
    return load64(address) == load64(local) && load64(address + 8) == load64(local + 8);
  }

  const EndpointMap& endpoints_;
  const Endpoint* endpoint_ = nullptr;
  IpProto proto_ = IpProto::kUdp;
  std::uint32_t index_ = EndpointMap::kNone;
};

/// The one's-complement sum of an IPv4 header without options is all ones (RFC 791).
bool is_ipv4_sum_right(const std::uint8_t* ip) noexcept {
  ChecksumSum sum;
  sum.add_word(load64(ip));
  sum.add_word(load64(ip + 8));
  sum.add_word(load32(ip + 16));
  return sum.verifies();
}

class Reader {
 public:
  explicit Reader(const Table& table) noexcept : table_(table), memo_(table.endpoints()) {}

  /// Sets all of `outer` but the tunnel, and the bounds of `arrival`.
  [[nodiscard]] bool read(const Packet& packet, Outer& outer, FastArrival& arrival) noexcept {
    // Nothing shorter is a tunnel packet with an inner IP header.
    constexpr std::uint32_t kLeast = kIpOffset + sizeof(Ipv4Header) + sizeof(GreHeader) +
                                     sizeof(EthernetHeader) + sizeof(Ipv4Header);
    if (packet.next() != nullptr || packet.size() < kLeast) [[unlikely]] {
      return false;
    }
    const std::uint8_t* ip = packet.data() + kIpOffset;
    const std::uint16_t type = load16(ip - sizeof(be16));
    if (type == raw(EtherType::kIpv4)) return read_ipv4(packet, ip, outer, arrival);
    return type == raw(EtherType::kIpv6) && read_ipv6(packet, ip, outer, arrival);
  }

 private:
  bool read_ipv4(const Packet& packet, const std::uint8_t* ip, Outer& outer,
                 FastArrival& arrival) noexcept {
    const auto* header = reinterpret_cast<const Ipv4Header*>(ip);
    const std::uint32_t end = kIpOffset + header->total_length.get();
    const bool is_whole = header->version_ihl == kIpv4NoOptions && end <= packet.size();
    if (!is_whole || header->is_fragment() || !is_ipv4_sum_right(ip)) return false;
    outer.source[0] = load32(header->source);
    outer.source[1] = 0;
    arrival.ecn_word = load16(ip) & kEcnWord;
    return read_l4(packet, {header->proto(), IpFamily::kIpv4, header->destination},
                   kIpOffset + std::uint32_t{sizeof *header}, end, outer, arrival);
  }

  bool read_ipv6(const Packet& packet, const std::uint8_t* ip, Outer& outer,
                 FastArrival& arrival) noexcept {
    const auto* header = reinterpret_cast<const Ipv6Header*>(ip);
    const std::uint32_t begin = kIpOffset + std::uint32_t{sizeof *header};
    const std::uint32_t end = begin + header->payload_length.get();
    if (header->version() != 6 || end > packet.size()) return false;
    outer.source[0] = load64(header->source);
    outer.source[1] = load64(header->source + 8);
    arrival.ecn_word = static_cast<std::uint16_t>(header->traffic_class() << 8) & kEcnWord;
    const auto proto = static_cast<IpProto>(header->next_header);
    return read_l4(packet, {proto, IpFamily::kIpv6, header->destination}, begin, end, outer,
                   arrival);
  }

  struct Target {
    IpProto proto;
    IpFamily family;
    const std::uint8_t* address;
  };

  /// \param begin, end of what the IP header carries.
  bool read_l4(const Packet& packet, const Target& to, std::uint32_t begin, std::uint32_t end,
               Outer& outer, FastArrival& arrival) noexcept {
    const std::uint8_t* l4 = packet.data() + begin;
    // Ends that the header gives may lie before where the headers do; checked before it is used.
    if (to.proto == IpProto::kUdp) {
      constexpr std::uint32_t kHeaders = sizeof(UdpHeader) + sizeof(VxlanHeader);
      if (begin + kHeaders > end) return false;
      const auto* udp = reinterpret_cast<const UdpHeader*>(l4);
      if (udp->length.get() != end - begin || udp->checksum.raw() != 0) return false;
      const Endpoint* endpoint =
          memo_.find(to.address, to.family, IpProto::kUdp, udp->destination_port.get());
      if (endpoint == nullptr) return false;
      arrival.begin = begin + kHeaders;
      arrival.end = end;
      return read_vni(l4 + sizeof *udp, endpoint->type, outer);
    }
    if (to.proto != IpProto::kGre || begin + sizeof(GreHeader) > end) return false;
    if (memo_.find(to.address, to.family, IpProto::kGre, 0) == nullptr) return false;
    return read_gre(l4, begin, end, outer, arrival);
  }

  bool read_vni(const std::uint8_t* header, TunnelType type, Outer& outer) noexcept {
    // Geneve: version 0, no options, no flags, and an Ethernet frame (RFC 8926 §3.4).
    constexpr std::uint32_t kPlainGeneve = 0x00006558;
    const auto* words = reinterpret_cast<const be32*>(header);
    const bool is_right = type == TunnelType::kVxlan
                              ? (header[0] & VxlanHeader::kVniValid) != 0
                              : words[0].raw() == be32{kPlainGeneve}.raw();
    outer.identity = {memo_.index(), words[1].get() >> 8, IdKind::kVni};
    return is_right;
  }

  bool read_gre(const std::uint8_t* header, std::uint32_t begin, std::uint32_t end, Outer& outer,
                FastArrival& arrival) noexcept {
    constexpr std::uint32_t kEthernet = 0x6558;
    constexpr std::uint32_t kPlain = kEthernet;
    constexpr std::uint32_t kKeyed = (std::uint32_t{GreHeader::kKey} << 16) | kEthernet;
    const auto* words = reinterpret_cast<const be32*>(header);
    const std::uint32_t word = words[0].raw();
    arrival.end = end;
    if (word == be32{kKeyed}.raw()) {
      const std::uint32_t inner = begin + std::uint32_t{sizeof(GreHeader) + sizeof(be32)};
      outer.identity = {memo_.index(), words[1].get(), IdKind::kKey};
      arrival.begin = inner;
      return inner <= end;
    }
    outer.identity = {memo_.index(), 0, IdKind::kNone};
    arrival.begin = begin + std::uint32_t{sizeof(GreHeader)};
    return word == be32{kPlain}.raw();
  }

  const Table& table_;
  EndpointMemo memo_;
};

/// The first bucket of the packet's hash; where a key may be an NVGRE subnet and flow, that of the
/// subnet too (RFC 7637 §3.2).
std::uint32_t candidate_of(const TunnelMap& tunnels, Outer& outer) noexcept {
  constexpr unsigned kFlowBits = 8;
  const std::uint32_t found = tunnels.candidate(outer.hash);
  const bool may_be_vsid = outer.identity.id_kind == IdKind::kKey && tunnels.has_vsids();
  if (found != TunnelMap::kNone || !may_be_vsid) [[likely]] {
    return found;
  }
  outer.identity.id >>= kFlowBits;
  outer.identity.id_kind = IdKind::kVsid;
  return tunnels.candidate(tunnels.hash(outer.identity, outer.source[0], outer.source[1]));
}

/// Whether the candidate is the packet's tunnel, and takes it without more ado.
bool is_for(const Tunnel& tunnel, const Outer& outer) noexcept {
  const bool same_identity = tunnel.endpoint == outer.identity.endpoint &&
                             tunnel.id == outer.identity.id &&
                             tunnel.id_kind == outer.identity.id_kind;
  if (!same_identity || tunnel.fast_way == FastWay::kNone) return false;
  const std::uint8_t* remote = tunnel.remote_wire();
  if (tunnel.family == IpFamily::kIpv4) return load32(remote) == outer.source[0];
  const bool is_udp = tunnel.type == TunnelType::kVxlan || tunnel.type == TunnelType::kGeneve;
  // Over IPv6 a checksum of 0 needs leave (RFC 6936 §4).
  const bool is_sum_ok = !is_udp || tunnel.accept_zero_checksum;
  return is_sum_ok && load64(remote) == outer.source[0] && load64(remote + 8) == outer.source[1];
}

}  // namespace

void find_arrivals(const Table& table, const Counters& counters, std::span<const Packet> burst,
                   std::array<FastArrival, kBurst>& arrivals) noexcept {
  const TunnelMap& tunnels = table.tunnels();
  std::array<Outer, kBurst> outers;
  Reader reader(table);
  // Each step fetches for the whole burst what the next one reads.
  for (std::size_t i = 0; i < burst.size(); ++i) {
    Outer& outer = outers[i];
    const bool is_plain = reader.read(burst[i], outer, arrivals[i]);
    outer.tunnel = is_plain ? 0 : TunnelMap::kNone;
    if (!is_plain) continue;
    outer.hash = tunnels.hash(outer.identity, outer.source[0], outer.source[1]);
    tunnels.prefetch(outer.hash);
  }
  for (std::size_t i = 0; i < burst.size(); ++i) {
    Outer& outer = outers[i];
    if (outer.tunnel == TunnelMap::kNone) continue;
    outer.tunnel = candidate_of(tunnels, outer);
    if (outer.tunnel == TunnelMap::kNone) continue;
    const Tunnel& tunnel = table.tunnel(outer.tunnel);
    __builtin_prefetch(&tunnel);
    __builtin_prefetch(&tunnel.peer_index);
  }
  for (std::size_t i = 0; i < burst.size(); ++i) {
    const Outer& outer = outers[i];
    arrivals[i].tunnel = outer.tunnel;
    if (outer.tunnel == TunnelMap::kNone) continue;
    const Tunnel& tunnel = table.tunnel(outer.tunnel);
    if (!is_for(tunnel, outer)) {
      arrivals[i].tunnel = TunnelMap::kNone;
      continue;
    }
    __builtin_prefetch(&counters.members[tunnel.member]);
    if (tunnel.fast_way == FastWay::kToAttachment) {
      __builtin_prefetch(&table.attachment(tunnel.peer_index));
    } else {
      __builtin_prefetch(&table.tunnel(tunnel.peer_index));
    }
  }
}

}  // namespace adit
