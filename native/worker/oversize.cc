#include "table/size_limit.h"
#include "worker/egress.h"

namespace adit {
namespace {

/// A message needs a way back: a tunnel that only receives has none.
bool has_way_back(const Table& table, std::uint32_t member_in) noexcept {
  const Member& member = table.member(member_in);
  return member.kind == Member::Kind::kAttachment ||
         table.tunnel(member.index).next_hop != kNoNextHop;
}

/// The IP packet is whole, and by itself larger than what is told: else the sender would learn
/// nothing that helps.
bool is_ip_too_big(const Packet& packet, const InnerFrame& inner, std::uint32_t told) noexcept {
  const std::uint32_t bytes = ip_packet_bytes(packet, inner);
  return bytes > told && bytes <= packet.length() - inner.ip_offset;
}

}  // namespace

DropReason Egress::exceed(const Table& table, const Outgoing& outgoing, const InnerFrame& inner,
                          const NextHop& hop, std::uint64_t now_ns) noexcept {
  const Tunnel& tunnel = table.tunnel(table.member(outgoing.member_out).index);
  const std::uint32_t limit = inner_limit(tunnel, limit_of(tunnel, hop), inner.ip_offset);
  if (tunnel.fragment_inner && !outgoing.is_message) {
    // A fragment takes one frame.
    const FrameLayout& layout = env_.pool.layout();
    const std::uint32_t room = layout.frame_bytes - layout.data_offset - inner.ip_offset;
    const FragmentPlan plan = plan_fragments(outgoing.frame, inner, std::min(limit, room));
    if (plan.count > 0) return send_fragments(table, outgoing, plan, hop, now_ns);
  }
  if (tunnel.tell_sender) return refuse_size(table, outgoing, inner, limit, now_ns);
  if (trace_ != nullptr) [[unlikely]] {
    trace_->not_told("oversize is \"drop\"");
  }
  return DropReason::k_too_big;
}

DropReason Egress::send_fragments(const Table& table, const Outgoing& outgoing,
                                  const FragmentPlan& plan, const NextHop& hop,
                                  std::uint64_t now_ns) noexcept {
  std::array<Packet, kBurst> fragments;
  if (plan.count > fragments.size() || env_.pool.free() + 1 < plan.count) {
    return DropReason::k_no_frame;
  }
  bool is_whole = true;
  for (std::uint32_t i = 1; i < plan.count; ++i) {
    fragments[i] = env_.pool.take_packet();
    is_whole = is_whole && copy_fragment(outgoing.frame, plan, i, fragments[i]);
  }
  if (!is_whole) {
    for (std::uint32_t i = 1; i < plan.count; ++i) env_.pool.give(fragments[i]);
    return DropReason::k_no_frame;
  }
  fragments[0] = outgoing.frame;
  cut_to_first_fragment(fragments[0], plan);
  env_.counters.generated.add(plan.count - 1);
  const bool is_ip = plan.ip_offset == 0;
  for (std::uint32_t i = 0; i < plan.count; ++i) {
    Outgoing fragment = outgoing;
    fragment.frame = fragments[i];
    if (trace_ != nullptr) [[unlikely]] {
      trace_->fragment(outgoing.member_out, i + 1, plan.count, fragment.frame);
    }
    InnerFrame inner;
    DropReason reason = parse_payload(fragment.frame, is_ip, inner);
    if (reason == DropReason::kNone) reason = encapsulate(table, fragment, inner, hop, now_ns);
    if (reason != DropReason::kNone) drop(table, fragment.frame, outgoing.member_in, reason);
  }
  return DropReason::kNone;
}

DropReason Egress::refuse_size(const Table& table, const Outgoing& outgoing,
                               const InnerFrame& inner, std::uint32_t limit,
                               std::uint64_t now_ns) noexcept {
  const IcmpError error = IcmpError::too_big(inner.payload, limit);
  const bool helps = inner.payload == InnerFrame::Payload::kOther ||
                     is_ip_too_big(outgoing.frame, inner, error.rest);
  if (!helps) {
    if (trace_ != nullptr) [[unlikely]] {
      trace_->not_told("the IP packet is cut short, or no larger than what would be told");
    }
    return DropReason::k_too_big;
  }
  return tell(table, outgoing, inner, error, DropReason::k_too_big, now_ns) ? DropReason::kNone
                                                                            : DropReason::k_too_big;
}

const char* Egress::silence(const Table& table, const Outgoing& outgoing, const InnerFrame& inner,
                            const IcmpError& error, std::uint64_t now_ns) noexcept {
  if (outgoing.is_message || !may_tell(outgoing.frame, inner, error)) {
    return "no ICMP error is sent about such a packet";
  }
  if (!has_way_back(table, outgoing.member_in)) return "its tunnel only receives";
  const std::uint32_t tenant = table.member(outgoing.member_in).tenant;
  return env_.icmp.take(tenant, table.icmp_per_second(tenant), now_ns)
             ? nullptr
             : "over the limit of ICMP errors";
}

bool Egress::tell(const Table& table, const Outgoing& outgoing, const InnerFrame& inner,
                  const IcmpError& error, DropReason reason, std::uint64_t now_ns) noexcept {
  const char* why_not = silence(table, outgoing, inner, error, now_ns);
  if (why_not != nullptr) {
    if (trace_ != nullptr) [[unlikely]] {
      trace_->not_told(why_not);
    }
    return false;
  }
  if (reason != DropReason::kNone) {
    count_drop(table, outgoing.frame, outgoing.member_in, reason);
  }
  Outgoing message = outgoing;
  message.member_out = outgoing.member_in;
  message.is_message = true;
  InnerFrame content = inner;
  if (!make_icmp_error(message.frame, content, error)) {
    env_.pool.give(outgoing.frame);
    return true;
  }
  env_.counters.generated.add(1);
  if (trace_ != nullptr) [[unlikely]] {
    trace_->told(error, inner.payload);
    trace_->generated(message.member_out, message.frame);
  }
  send(table, message, content, now_ns);
  return true;
}

}  // namespace adit
