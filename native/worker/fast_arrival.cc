#include "worker/fast_arrival.h"

#include "wire/geneve.h"
#include "wire/gre.h"
#include "wire/udp.h"
#include "wire/vxlan.h"
#include "worker/fast_frame.h"

namespace adit {
namespace {

constexpr std::uint32_t kIpOffset = sizeof(EthernetHeader);

/// A packet between the steps; nothing is set where it is not ordinary.
struct Outer {
  std::uint64_t hash;
  /// The address as the 16 bytes of an IpAddress.
  std::uint64_t source[2];
  std::uint32_t endpoint;
  std::uint32_t id;
  IdKind id_kind;

  [[nodiscard]] TunnelIdentity identity() const noexcept { return {endpoint, id, id_kind}; }
  void set(std::uint32_t of_endpoint, std::uint32_t an_id, IdKind kind) noexcept {
    endpoint = of_endpoint;
    id = an_id;
    id_kind = kind;
  }
};

/// The endpoint of the packet before, which mostly is that of the next one.
class EndpointMemo {
 public:
  explicit EndpointMemo(const EndpointMap& endpoints) noexcept : endpoints_(&endpoints) {}

  /// \param udp_port as it stands in the packet; 0 of GRE. False where there is none.
  [[nodiscard]] bool find_ipv4(const std::uint8_t* address, IpProto proto,
                               std::uint16_t udp_port) noexcept {
    const std::uint64_t key = (std::uint64_t{udp_port} << 48) |
                              (static_cast<std::uint64_t>(proto) << 32) | load32(address);
    if (key == ipv4_key_) [[likely]] {
      return true;
    }
    ipv4_key_ = look_up(IpAddress::v4(address), proto, udp_port) ? key : 0;
    return ipv4_key_ != 0;
  }
  [[nodiscard]] bool find_ipv6(const std::uint8_t* address, IpProto proto,
                               std::uint16_t udp_port) noexcept {
    ipv4_key_ = 0;
    const std::uint64_t low = load64(address);
    const std::uint64_t high = load64(address + sizeof low);
    const bool same = low == low_ && high == high_ && proto == proto_ && udp_port == udp_port_;
    if (same) [[likely]] {
      return true;
    }
    const bool found = look_up(IpAddress::v6(address), proto, udp_port);
    low_ = found ? low : 0;
    high_ = found ? high : 0;
    proto_ = proto;
    udp_port_ = udp_port;
    return found;
  }

  // Of what was found last.
  [[nodiscard]] std::uint32_t index() const noexcept { return index_; }
  [[nodiscard]] TunnelType type() const noexcept { return type_; }

 private:
  [[gnu::noinline]] bool look_up(const IpAddress& local, IpProto proto,
                                 std::uint16_t udp_port) noexcept {
    low_ = high_ = 0;
    index_ = endpoints_->find(local, proto, be16::from_raw(udp_port).get());
    if (index_ == EndpointMap::kNone) return false;
    type_ = endpoints_->at(index_).type;
    return true;
  }

  const EndpointMap* endpoints_;
  /// 0: it was none.
  std::uint64_t ipv4_key_ = 0;
  /// The unspecified address: it was none.
  std::uint64_t low_ = 0;
  std::uint64_t high_ = 0;
  IpProto proto_ = IpProto::kUdp;
  std::uint16_t udp_port_ = 0;
  std::uint32_t index_ = EndpointMap::kNone;
  TunnelType type_ = TunnelType::kVxlan;
};

/// Whether the one's-complement sum of an IPv4 header without options is all ones (RFC 791): then
/// its words, as numbers of any width of 16-bit digits, sum up to a multiple of 65535.
bool is_ipv4_sum_right(const std::uint8_t* ip) noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < sizeof(Ipv4Header); i += sizeof(std::uint32_t)) sum += load32(ip + i);
  return sum % 0xffff == 0;
}

[[gnu::always_inline]] inline bool read_vni(const std::uint8_t* header, const EndpointMemo& memo,
                                            Outer& outer) noexcept {
  // Geneve: version 0, no options, no flags, and an Ethernet frame (RFC 8926 §3.4).
  constexpr std::uint32_t kPlainGeneve = 0x00006558;
  const auto* words = reinterpret_cast<const be32*>(header);
  outer.set(memo.index(), words[1].get() >> 8, IdKind::kVni);
  return memo.type() == TunnelType::kVxlan ? (header[0] & VxlanHeader::kVniValid) != 0
                                           : words[0].raw() == be32{kPlainGeneve}.raw();
}

[[gnu::always_inline]] inline bool read_gre(const std::uint8_t* header, const EndpointMemo& memo,
                                            FastArrival& arrival, Outer& outer) noexcept {
  constexpr std::uint32_t kEthernet = 0x6558;
  constexpr std::uint32_t kKeyed = (std::uint32_t{GreHeader::kKey} << 16) | kEthernet;
  const auto* words = reinterpret_cast<const be32*>(header);
  const std::uint32_t word = words[0].raw();
  if (word == be32{kKeyed}.raw()) {
    outer.set(memo.index(), words[1].get(), IdKind::kKey);
    arrival.begin += std::uint32_t{sizeof(GreHeader) + sizeof(be32)};
    return arrival.begin <= arrival.end;
  }
  outer.set(memo.index(), 0, IdKind::kNone);
  arrival.begin += std::uint32_t{sizeof(GreHeader)};
  return word == be32{kEthernet}.raw() && arrival.begin <= arrival.end;
}

/// Reads what the IP header carries, `arrival.begin` to `arrival.end`, sets `outer.identity`, and
/// moves the beginning to the inner frame. \param find finds the endpoint.
template <typename Find>
[[gnu::always_inline]] inline bool read_l4(const std::uint8_t* frame, IpProto proto, Find find,
                                           const EndpointMemo& memo, FastArrival& arrival,
                                           Outer& outer) noexcept {
  const std::uint8_t* l4 = frame + arrival.begin;
  if (proto == IpProto::kUdp) [[likely]] {
    constexpr std::uint32_t kHeaders = sizeof(UdpHeader) + sizeof(VxlanHeader);
    const auto* udp = reinterpret_cast<const UdpHeader*>(l4);
    const std::uint32_t bytes = arrival.end - arrival.begin;
    // Length and checksum, which is 0, in one.
    const std::uint32_t length = be16{static_cast<std::uint16_t>(bytes)}.raw();
    if (bytes < kHeaders || load32(l4 + sizeof(be32)) != length) return false;
    if (!find(proto, udp->destination_port.raw())) return false;
    arrival.begin += kHeaders;
    return read_vni(l4 + sizeof *udp, memo, outer);
  }
  return proto == IpProto::kGre && find(proto, 0) && read_gre(l4, memo, arrival, outer);
}

[[gnu::always_inline]] inline bool read_ipv4(const std::uint8_t* frame, std::uint32_t size,
                                             EndpointMemo& memo, FastArrival& arrival,
                                             Outer& outer) noexcept {
  const std::uint8_t* ip = frame + kIpOffset;
  const auto* header = reinterpret_cast<const Ipv4Header*>(ip);
  const std::uint16_t first = load16(ip);
  arrival.begin = kIpOffset + sizeof *header;
  arrival.end = kIpOffset + header->total_length.get();
  arrival.ecn_word = first & kEcnWord;
  const bool is_whole = (first & 0xff) == Ipv4Header::kNoOptions && arrival.end <= size &&
                        arrival.end >= arrival.begin;
  if (!is_whole || header->is_fragment() || !is_ipv4_sum_right(ip)) return false;
  outer.source[0] = load32(header->source);
  outer.source[1] = 0;
  const auto find = [&](IpProto proto, std::uint16_t udp_port) {
    return memo.find_ipv4(header->destination, proto, udp_port);
  };
  return read_l4(frame, header->proto(), find, memo, arrival, outer);
}

[[gnu::always_inline]] inline bool read_ipv6(const std::uint8_t* frame, std::uint32_t size,
                                             EndpointMemo& memo, FastArrival& arrival,
                                             Outer& outer) noexcept {
  const std::uint8_t* ip = frame + kIpOffset;
  const auto* header = reinterpret_cast<const Ipv6Header*>(ip);
  arrival.begin = kIpOffset + std::uint32_t{sizeof *header};
  arrival.end = arrival.begin + header->payload_length.get();
  arrival.ecn_word = static_cast<std::uint16_t>(header->traffic_class() << 8) & kEcnWord;
  if (header->version() != 6 || arrival.end > size) return false;
  outer.source[0] = load64(header->source);
  outer.source[1] = load64(header->source + 8);
  const auto find = [&](IpProto proto, std::uint16_t udp_port) {
    return memo.find_ipv6(header->destination, proto, udp_port);
  };
  return read_l4(frame, static_cast<IpProto>(header->next_header), find, memo, arrival, outer);
}

/// Sets all of `outer` but the hash, and the bounds of `arrival`.
[[gnu::always_inline]] inline bool read_outer(const Packet& packet, EndpointMemo& memo,
                                              FastArrival& arrival, Outer& outer) noexcept {
  // Nothing shorter is a tunnel packet with an inner IP header, and all that is read ends here.
  constexpr std::uint32_t kLeast = kIpOffset + sizeof(Ipv4Header) + sizeof(GreHeader) +
                                   sizeof(EthernetHeader) + sizeof(Ipv4Header);
  static_assert(kLeast >= kIpOffset + sizeof(Ipv6Header) + sizeof(UdpHeader) + sizeof(VxlanHeader));
  if (packet.next() != nullptr || packet.size() < kLeast) [[unlikely]] {
    return false;
  }
  const std::uint8_t* frame = packet.data();
  const std::uint16_t type = load16(frame + kIpOffset - sizeof(be16));
  if (type == raw(EtherType::kIpv4)) [[likely]] {
    return read_ipv4(frame, packet.size(), memo, arrival, outer);
  }
  return type == raw(EtherType::kIpv6) && read_ipv6(frame, packet.size(), memo, arrival, outer);
}

/// The first bucket of the packet's hash; where a key may be an NVGRE subnet and flow, that of the
/// subnet too (RFC 7637 §3.2).
[[gnu::always_inline]] inline std::uint32_t candidate_of(const TunnelMap& tunnels,
                                                         Outer& outer) noexcept {
  constexpr unsigned kFlowBits = 8;
  const std::uint32_t found = tunnels.candidate(outer.hash);
  const bool may_be_vsid =
      found == TunnelMap::kNone && outer.id_kind == IdKind::kKey && tunnels.has_vsids();
  if (!may_be_vsid) [[likely]] {
    return found;
  }
  outer.id >>= kFlowBits;
  outer.id_kind = IdKind::kVsid;
  return tunnels.candidate(tunnels.hash(outer.identity(), outer.source[0], outer.source[1]));
}

/// Whether the candidate is the packet's tunnel, and takes it without more ado.
[[gnu::always_inline]] inline bool is_for(const Tunnel& tunnel, const Outer& outer) noexcept {
  const bool same_identity =
      tunnel.endpoint == outer.endpoint && tunnel.id == outer.id && tunnel.id_kind == outer.id_kind;
  if (!same_identity || tunnel.fast_way == FastWay::kNone) return false;
  const std::uint8_t* remote = tunnel.remote_wire();
  if (tunnel.family == IpFamily::kIpv4) [[likely]] {
    return load32(remote) == outer.source[0];
  }
  const bool is_udp = tunnel.type == TunnelType::kVxlan || tunnel.type == TunnelType::kGeneve;
  // Over IPv6 a checksum of 0 needs leave (RFC 6936 §4).
  const bool is_sum_ok = !is_udp || tunnel.accept_zero_checksum;
  return is_sum_ok && load64(remote) == outer.source[0] && load64(remote + 8) == outer.source[1];
}

}  // namespace

void find_arrivals(const Table& table, const Counters& counters, std::span<const Packet> burst,
                   std::array<FastArrival, kBurst>& arrivals) noexcept {
  const TunnelMap& tunnels = table.tunnels();
  const Tunnel* list = table.tunnel_list().data();
  const Attachment* attachments = table.attachments().data();
  const MemberCounters* members = &counters.members[0];
  const std::size_t count = burst.size();
  std::array<Outer, kBurst> outers;
  EndpointMemo memo(table.endpoints());
  // Each step fetches for the whole burst what the next one reads.
  for (std::size_t i = 0; i < count; ++i) {
    Outer& outer = outers[i];
    FastArrival& arrival = arrivals[i];
    arrival.tunnel = TunnelMap::kNone;
    if (!read_outer(burst[i], memo, arrival, outer)) continue;
    arrival.tunnel = 0;
    outer.hash = tunnels.hash(outer.identity(), outer.source[0], outer.source[1]);
    tunnels.prefetch(outer.hash);
  }
  for (std::size_t i = 0; i < count; ++i) {
    FastArrival& arrival = arrivals[i];
    if (arrival.tunnel == TunnelMap::kNone) continue;
    arrival.tunnel = candidate_of(tunnels, outers[i]);
    if (arrival.tunnel == TunnelMap::kNone) continue;
    __builtin_prefetch(&list[arrival.tunnel]);
    __builtin_prefetch(&list[arrival.tunnel].peer_index);
  }
  for (std::size_t i = 0; i < count; ++i) {
    FastArrival& arrival = arrivals[i];
    if (arrival.tunnel == TunnelMap::kNone) continue;
    const Tunnel& tunnel = list[arrival.tunnel];
    if (!is_for(tunnel, outers[i])) {
      arrival.tunnel = TunnelMap::kNone;
      continue;
    }
    __builtin_prefetch(&members[tunnel.member]);
    if (tunnel.fast_way == FastWay::kToAttachment) {
      __builtin_prefetch(&attachments[tunnel.peer_index]);
    } else {
      __builtin_prefetch(&list[tunnel.peer_index]);
    }
  }
}

}  // namespace adit
