#include "table/quote.h"

#include <algorithm>

#include "packet/payload_sum.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/icmp.h"
#include "wire/udp.h"

namespace adit {
namespace {

constexpr std::uint32_t kIpOffset = sizeof(EthernetHeader);

/// What the quoted IP header says.
struct QuotedIp {
  IpAddress source;
  IpProto proto = IpProto::kUdp;
  std::uint32_t l4_offset = 0;
};

bool verifies(const Packet& packet, const OuterPacket& outer) noexcept {
  const std::uint32_t bytes = packet.length() - outer.l4_offset;
  ChecksumSum sum;
  if (outer.family == IpFamily::kIpv6) {
    const auto* ip = packet.at<Ipv6Header>(kIpOffset);
    sum =
        pseudo_header_sum(ip->source, ip->destination, sizeof ip->source, IpProto::kIcmpv6, bytes);
  }
  add_payload(sum, packet, outer.l4_offset, bytes);
  return sum.verifies();
}

bool is_error(IpFamily family, std::uint8_t type) noexcept {
  if (family == IpFamily::kIpv6) {
    return type >= icmpv6::kUnreachable && type <= icmpv6::kParameterProblem;
  }
  return type == icmpv4::kUnreachable || type == icmpv4::kTimeExceeded ||
         type == icmpv4::kParameterProblem;
}

/// Bytes of quote that the length field of RFC 4884 §3 allows; 0: the message has none.
std::uint32_t quoted_bytes(const UnderlayError& error) noexcept {
  constexpr std::uint32_t kWord4 = 4;
  constexpr std::uint32_t kWord6 = 8;
  if (error.family == IpFamily::kIpv4) return ((error.rest >> 16) & 0xff) * kWord4;
  const bool has_length = error.type == icmpv6::kUnreachable || error.type == icmpv6::kTimeExceeded;
  return has_length ? (error.rest >> 24) * kWord6 : 0;
}

DropReason read_ipv4(const Packet& quoting, std::uint32_t offset, QuotedIp& quoted,
                     Quote& quote) noexcept {
  const auto* ip = quoting.at<Ipv4Header>(offset);
  if (ip == nullptr) return DropReason::k_truncated;
  if (ip->version() != 4 || ip->header_bytes() < sizeof *ip) return DropReason::k_bad_outer_header;
  // A later fragment shows no tunnel header.
  if ((ip->flags_offset.get() & Ipv4Header::kOffsetMask) != 0) return DropReason::k_truncated;
  quoted = {IpAddress::v4(ip->source), ip->proto(), offset + ip->header_bytes()};
  quote.remote = IpAddress::v4(ip->destination);
  quote.ip_bytes = ip->total_length.get();
  return DropReason::kNone;
}

DropReason read_ipv6(const Packet& quoting, std::uint32_t offset, QuotedIp& quoted,
                     Quote& quote) noexcept {
  const auto* ip = quoting.at<Ipv6Header>(offset);
  if (ip == nullptr) return DropReason::k_truncated;
  if (ip->version() != 6) return DropReason::k_bad_outer_header;
  // The gateway sends no extension headers.
  quoted = {IpAddress::v6(ip->source), static_cast<IpProto>(ip->next_header),
            offset + std::uint32_t{sizeof *ip}};
  quote.remote = IpAddress::v6(ip->destination);
  quote.ip_bytes = ip->payload_length.get() + std::uint32_t{sizeof *ip};
  return DropReason::kNone;
}

/// From whom the error itself says that the packet was: it was sent to that address.
IpAddress addressee(const Packet& packet, IpFamily family) noexcept {
  return family == IpFamily::kIpv4 ? IpAddress::v4(packet.at<Ipv4Header>(kIpOffset)->destination)
                                   : IpAddress::v6(packet.at<Ipv6Header>(kIpOffset)->destination);
}

DropReason read_l4(const EndpointMap& endpoints, const Packet& quoting, const QuotedIp& quoted,
                   Quote& quote) noexcept {
  std::uint16_t udp_port = 0;
  if (quoted.proto == IpProto::kUdp) {
    const auto* ports = quoting.at<be32>(quoted.l4_offset);
    if (ports == nullptr) return DropReason::k_truncated;
    quote.source_port = static_cast<std::uint16_t>(ports->get() >> 16);
    udp_port = static_cast<std::uint16_t>(ports->get());
  }
  quote.endpoint = endpoints.find(quoted.source, quoted.proto, udp_port);
  if (quote.endpoint == EndpointMap::kNone) return DropReason::k_unknown_tunnel;
  const TunnelTypeOps& ops = tunnel_type_ops(endpoints.at(quote.endpoint).type);
  return ops.read_sent(quoting, quoted.l4_offset, quote.header) ? DropReason::kNone
                                                                : DropReason::k_truncated;
}

}  // namespace

DropReason read_underlay_error(const EndpointMap& endpoints, const Packet& packet,
                               const OuterPacket& outer, UnderlayError& error) noexcept {
  error = {};
  const auto* icmp = packet.at<IcmpHeader>(outer.l4_offset);
  if (icmp == nullptr) return DropReason::k_truncated;
  if (!verifies(packet, outer)) return DropReason::k_bad_outer_checksum;
  error.family = outer.family;
  error.type = icmp->type;
  error.code = icmp->code;
  error.rest = icmp->rest.get();
  if (!is_error(error.family, error.type)) return DropReason::k_unknown_tunnel;

  const std::uint32_t offset = outer.l4_offset + std::uint32_t{sizeof *icmp};
  const std::uint32_t limit = quoted_bytes(error);
  error.quote.end = limit == 0 ? packet.length() : std::min(packet.length(), offset + limit);
  Packet quoting = packet;
  static_cast<void>(quoting.trim(error.quote.end));
  QuotedIp quoted;
  const DropReason reason = error.family == IpFamily::kIpv4
                                ? read_ipv4(quoting, offset, quoted, error.quote)
                                : read_ipv6(quoting, offset, quoted, error.quote);
  if (reason != DropReason::kNone) return reason;
  if (quoted.source != addressee(packet, error.family)) return DropReason::k_unknown_tunnel;
  return read_l4(endpoints, quoting, quoted, error.quote);
}

}  // namespace adit
