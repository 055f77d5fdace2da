#include "worker/outer_reader.h"

#include "wire/geneve.h"
#include "wire/gre.h"
#include "wire/udp.h"
#include "wire/vxlan.h"
#include "worker/fast_frame.h"

namespace adit {
namespace {

constexpr std::uint32_t kIpOffset = sizeof(EthernetHeader);

/// One packet while it is read.
struct Outer {
  /// The address as the 16 bytes of an IpAddress.
  std::uint64_t source[2];
  std::uint32_t endpoint;
  std::uint32_t id;
  IdKind id_kind;
  /// The inner frame, from the packet's start.
  std::uint32_t begin;
  std::uint32_t end;
  /// ECN, in the bits of `FastFrame::kEcn`.
  std::uint32_t marks;
  bool is_ipv4;

  void set(std::uint32_t of_endpoint, std::uint32_t an_id, IdKind kind) noexcept {
    endpoint = of_endpoint;
    id = an_id;
    id_kind = kind;
  }
};

/// Whether the one's-complement sum of an IPv4 header without options is all ones (RFC 791): then
/// its words, as numbers of any width of 16-bit digits, sum up to a multiple of 65535.
bool is_ipv4_sum_right(const std::uint8_t* ip) noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < sizeof(Ipv4Header); i += sizeof(std::uint32_t)) sum += load32(ip + i);
  return sum % 0xffff == 0;
}

bool read_vni(const std::uint8_t* header, const EndpointMemo& memo, Outer& outer) noexcept {
  // Geneve: version 0, no options, no flags, and an Ethernet frame (RFC 8926 §3.4).
  constexpr std::uint32_t kPlainGeneve = 0x00006558;
  const auto* words = reinterpret_cast<const be32*>(header);
  outer.set(memo.index(), words[1].get() >> 8, IdKind::kVni);
  return memo.type() == TunnelType::kVxlan ? (header[0] & VxlanHeader::kVniValid) != 0
                                           : words[0].raw() == be32{kPlainGeneve}.raw();
}

bool read_gre(const std::uint8_t* header, const EndpointMemo& memo, Outer& outer) noexcept {
  constexpr std::uint32_t kEthernet = 0x6558;
  constexpr std::uint32_t kKeyed = (std::uint32_t{GreHeader::kKey} << 16) | kEthernet;
  const auto* words = reinterpret_cast<const be32*>(header);
  const std::uint32_t word = words[0].raw();
  if (word == be32{kKeyed}.raw()) {
    outer.set(memo.index(), words[1].get(), IdKind::kKey);
    outer.begin += std::uint32_t{sizeof(GreHeader) + sizeof(be32)};
    return outer.begin <= outer.end;
  }
  outer.set(memo.index(), 0, IdKind::kNone);
  outer.begin += std::uint32_t{sizeof(GreHeader)};
  return word == be32{kEthernet}.raw() && outer.begin <= outer.end;
}

/// Reads what the IP header carries, `outer.begin` to `outer.end`, sets endpoint and identifier,
/// and moves the beginning to the inner frame. \param find finds the endpoint.
template <typename Find>
bool read_l4(const std::uint8_t* frame, IpProto proto, Find find, const EndpointMemo& memo,
             Outer& outer) noexcept {
  const std::uint8_t* l4 = frame + outer.begin;
  if (proto == IpProto::kUdp) [[likely]] {
    constexpr std::uint32_t kHeaders = sizeof(UdpHeader) + sizeof(VxlanHeader);
    const auto* udp = reinterpret_cast<const UdpHeader*>(l4);
    const std::uint32_t bytes = outer.end - outer.begin;
    // Length and checksum, which is 0, in one.
    const std::uint32_t length = be16{static_cast<std::uint16_t>(bytes)}.raw();
    if (bytes < kHeaders || load32(l4 + sizeof(be32)) != length) return false;
    if (!find(proto, udp->destination_port.raw())) return false;
    outer.begin += kHeaders;
    return read_vni(l4 + sizeof *udp, memo, outer);
  }
  return proto == IpProto::kGre && find(proto, 0) && read_gre(l4, memo, outer);
}

bool read_ipv4(const std::uint8_t* frame, std::uint32_t size, EndpointMemo& memo,
               Outer& outer) noexcept {
  const std::uint8_t* ip = frame + kIpOffset;
  const auto* header = reinterpret_cast<const Ipv4Header*>(ip);
  const std::uint16_t first = load16(ip);
  outer.begin = kIpOffset + sizeof *header;
  outer.end = kIpOffset + header->total_length.get();
  outer.marks = first & FastFrame::kEcn;
  const bool is_whole =
      (first & 0xff) == Ipv4Header::kNoOptions && outer.end <= size && outer.end >= outer.begin;
  if (!is_whole || header->is_fragment() || !is_ipv4_sum_right(ip)) return false;
  outer.source[0] = load32(header->source);
  outer.source[1] = 0;
  const auto find = [&](IpProto proto, std::uint16_t udp_port) {
    return memo.find_ipv4(header->destination, proto, udp_port);
  };
  return read_l4(frame, header->proto(), find, memo, outer);
}

bool read_ipv6(const std::uint8_t* frame, std::uint32_t size, EndpointMemo& memo,
               Outer& outer) noexcept {
  const std::uint8_t* ip = frame + kIpOffset;
  const auto* header = reinterpret_cast<const Ipv6Header*>(ip);
  outer.begin = kIpOffset + std::uint32_t{sizeof *header};
  outer.end = outer.begin + header->payload_length.get();
  outer.marks = (std::uint32_t{header->traffic_class()} << 8) & FastFrame::kEcn;
  if (header->version() != 6 || outer.end > size) return false;
  outer.source[0] = load64(header->source);
  outer.source[1] = load64(header->source + 8);
  const auto find = [&](IpProto proto, std::uint16_t udp_port) {
    return memo.find_ipv6(header->destination, proto, udp_port);
  };
  return read_l4(frame, static_cast<IpProto>(header->next_header), find, memo, outer);
}

/// Reads all headers around the inner frame.
bool read_outer(const Packet& packet, EndpointMemo& memo, Outer& outer) noexcept {
  // Nothing shorter is a tunnel packet with an inner IP header, and all that is read ends here.
  constexpr std::uint32_t kLeast = kIpOffset + sizeof(Ipv4Header) + sizeof(GreHeader) +
                                   sizeof(EthernetHeader) + sizeof(Ipv4Header);
  static_assert(kLeast >= kIpOffset + sizeof(Ipv6Header) + sizeof(UdpHeader) + sizeof(VxlanHeader));
  if (packet.next() != nullptr || packet.size() < kLeast) [[unlikely]] {
    return false;
  }
  const std::uint8_t* frame = packet.data();
  const std::uint16_t type = load16(frame + kIpOffset - sizeof(be16));
  outer.is_ipv4 = type == raw(EtherType::kIpv4);
  if (outer.is_ipv4) [[likely]] {
    return read_ipv4(frame, packet.size(), memo, outer);
  }
  return type == raw(EtherType::kIpv6) && read_ipv6(frame, packet.size(), memo, outer);
}

/// Reads the frame inside; false where it is not ordinary, or its ECN changes (RFC 6040 §4.2).
bool read_inside(const Packet& packet, const Outer& outer, std::uint32_t& inner) noexcept {
  const std::uint8_t* frame = packet.data() + outer.begin;
  return read_inner(frame, outer.end - outer.begin, inner) &&
         (outer.marks == 0 || outer.marks == (inner & FastFrame::kEcn));
}

}  // namespace

void OuterReader::read(const Packet& packet, std::size_t place, FastBurst& burst,
                       FastOuters& outers) noexcept {
  Outer outer;
  outers.place[place] = outers.tag[place] = 0;
  outers.identity[place] = Arrival::kNoIdentity;
  if (!read_outer(packet, memo_, outer)) return;
  if (!read_inside(packet, outer, burst.inner[place])) return;
  burst.from[place] = 0;
  burst.begin[place] = outer.begin;
  burst.size[place] = outer.end - outer.begin;
  const std::uint32_t salt = tunnels_.salt(outer.endpoint, outer.id_kind);
  outers.source[place] = tunnels_.source_word(outer.source[0], outer.source[1]);
  const std::uint32_t hash = TunnelMap::hash(outers.source[place], outer.id, salt);
  outers.place[place] = tunnels_.buckets().place(hash);
  outers.tag[place] = TunnelMap::tag_of(hash);
  outers.id[place] = outer.id;
  outers.identity[place] = Tunnel::identity_of(outer.endpoint, outer.id_kind);
  if (outer.is_ipv4 && !shape_) {
    shape_.emplace(packet.data(), memo_.type(), outer.endpoint, outer.id_kind, salt);
  }
}

}  // namespace adit
