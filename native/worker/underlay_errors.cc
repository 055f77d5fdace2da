#include "worker/underlay_errors.h"

#include "table/outer.h"
#include "table/path_advice.h"

namespace adit {

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
  env_.pool.give(packet);
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

}  // namespace adit
