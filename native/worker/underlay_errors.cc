#include "worker/underlay_errors.h"

#include "table/outer.h"
#include "table/size_limit.h"
#include "wire/icmp.h"

namespace adit {
namespace {

/// RFC 792: so much of a packet behind its IP header tells whose it was.
constexpr std::uint32_t kTellingBytes = 8;

/// Takes the frame down to the inner frame, as far as it is quoted. False where that is not enough
/// to tell its sender anything.
bool pop_to_inner(const Tunnel& tunnel, const Quote& quote, Packet& packet,
                  InnerFrame& inner) noexcept {
  if (!packet.trim(quote.end) || packet.pop(quote.header.inner_offset) == nullptr) return false;
  if (parse_payload(packet, tunnel.payload_ip, inner) != DropReason::kNone) return false;
  if (inner.payload == InnerFrame::Payload::kOther) return false;
  const bool is_ipv4 = inner.payload == InnerFrame::Payload::kIpv4;
  const std::uint32_t header =
      is_ipv4 ? packet.at<Ipv4Header>(inner.ip_offset)->header_bytes() : sizeof(Ipv6Header);
  return packet.size() >= inner.ip_offset + header + kTellingBytes;
}

}  // namespace

SentMap::Match UnderlayErrors::believe(const Table& table, const Packet& packet,
                                       const OuterPacket& outer, UnderlayError& error) noexcept {
  const EndpointMap& endpoints = table.endpoints();
  const DropReason unread = read_underlay_error(endpoints, packet, outer, error);
  if (unread != DropReason::kNone) return {.reason = unread};
  const Endpoint& endpoint = endpoints.at(error.quote.endpoint);
  if (trace_ != nullptr) [[unlikely]] {
    trace_->underlay_error(outer, endpoint, error);
  }
  SentMap::Match match =
      table.senders().find(error.quote, table.tunnels(), tunnel_type_ops(endpoint.type).unknown_id);
  if (match.reason == DropReason::kNone &&
      !is_valid_source(endpoints, env_.own_addresses.get(), outer.source)) {
    match.reason = DropReason::k_bad_outer_source;
  }
  return match;
}

void UnderlayErrors::take(const Table& table, const Packet& packet, const OuterPacket& outer,
                          std::uint64_t now_ns) noexcept {
  UnderlayError error;
  const SentMap::Match match = believe(table, packet, outer, error);
  if (match.reason != DropReason::kNone) {
    egress_.drop(table, packet, kNoMember, match.reason);
    return;
  }
  learn(table, match.tunnel, error, now_ns);
  env_.counters.consumed.add(1);
  if (trace_ != nullptr) [[unlikely]] {
    trace_->consumed(table.tunnel(match.tunnel).member);
  }
  if (!relay(table, match, error, packet, now_ns)) env_.pool.give(packet);
}

void UnderlayErrors::learn(const Table& table, std::uint32_t index, const UnderlayError& error,
                           std::uint64_t now_ns) noexcept {
  const Tunnel& tunnel = table.tunnel(index);
  const PathAdvice advice = advice_of(error);
  if (advice.kind != PathAdvice::Kind::kTooBig) {
    env_.path_errors.add(tunnel.next_hop, error.type, error.code, now_ns);
    return;
  }
  const bool is_lowered = tunnel.learns_path && advice.mtu != 0 &&
                          env_.next_hops.lower_path_mtu(tunnel.next_hop, advice.mtu, now_ns);
  if (trace_ != nullptr) [[unlikely]] {
    trace_->path_mtu(tunnel.member, advice.mtu, is_lowered);
  }
}

bool UnderlayErrors::relay(const Table& table, const SentMap::Match& match,
                           const UnderlayError& error, const Packet& packet,
                           std::uint64_t now_ns) noexcept {
  const PathAdvice advice = advice_of(error);
  if (advice.kind == PathAdvice::Kind::kOther)
    return not_told("it is a matter between the tunnel's ends");
  // What one tenant sent is nothing to tell another.
  if (match.is_shared) return not_told("more than one tunnel sends such packets");
  const Tunnel& tunnel = table.tunnel(match.tunnel);
  const std::uint32_t sender = table.member(tunnel.member).peer;
  if (sender == kNoMember) return not_told("its tunnel is in no service");
  Outgoing quoted{.frame = packet, .member_in = sender, .member_out = tunnel.member};
  InnerFrame inner;
  if (!pop_to_inner(tunnel, error.quote, quoted.frame, inner)) {
    return not_told("the quote shows too little of an inner IP packet");
  }
  const std::optional<IcmpError> message = message_of(tunnel, advice, quoted.frame, inner, now_ns);
  if (!message) return not_told("the size says nothing new to the inner sender");
  return egress_.tell(table, quoted, inner, *message, DropReason::kNone, now_ns);
}

bool UnderlayErrors::not_told(const char* why) noexcept {
  if (trace_ != nullptr) [[unlikely]] {
    trace_->not_told(why);
  }
  return false;
}

std::optional<IcmpError> UnderlayErrors::message_of(const Tunnel& tunnel, const PathAdvice& advice,
                                                    const Packet& packet, const InnerFrame& inner,
                                                    std::uint64_t now_ns) const noexcept {
  const bool is_ipv4 = inner.payload == InnerFrame::Payload::kIpv4;
  if (advice.kind != PathAdvice::Kind::kTooBig) {
    const bool is_net = advice.kind == PathAdvice::Kind::kNetUnreachable;
    const std::uint8_t code4 = is_net ? icmpv4::kNetUnreachable : icmpv4::kHostUnreachable;
    return IcmpError::unreachable(inner.payload, is_ipv4 ? code4 : icmpv6::kAddressUnreachable);
  }
  const NextHop hop = env_.next_hops.get(tunnel.next_hop, now_ns);
  const bool is_believed = tunnel.learns_path && advice.mtu != 0 && advice.mtu < hop.mtu;
  if (!is_believed || !tunnel.tell_sender) return std::nullopt;
  const std::uint32_t fits = inner_limit(tunnel, limit_of(tunnel, hop), inner.ip_offset);
  const IcmpError message = IcmpError::too_big(inner.payload, fits);
  if (ip_packet_bytes(packet, inner) <= message.rest) return std::nullopt;
  return message;
}

}  // namespace adit
