#include "service/ip_attachment.h"

#include "service/arp.h"
#include "service/neighbor_discovery.h"
#include "wire/ethernet.h"
#include "wire/ip.h"

namespace adit {
namespace {

using Fate = IpArrival::Fate;

IpArrival drop(DropReason reason, bool teaches = false) noexcept {
  return {.fate = Fate::kDrop, .reason = reason, .teaches = teaches};
}

IpArrival consume(bool answered, bool teaches) noexcept {
  return {.fate = answered ? Fate::kAnswer : Fate::kConsume, .teaches = teaches};
}

IpArrival judge_arp(const Packet& frame, const EthernetHeader& ethernet, bool is_for_us,
                    bool teaches) noexcept {
  const ArpPacket* arp = read_arp(frame);
  if (arp == nullptr) return drop(DropReason::k_not_ip);
  if (!is_for_us && !ethernet.destination.is_group()) {
    return drop(DropReason::k_not_for_router, teaches);
  }
  return consume(teaches && asks_for_another(*arp), teaches);
}

IpArrival judge_neighbor_discovery(const Packet& frame, const EthernetHeader& ethernet,
                                   bool is_for_us, bool teaches) noexcept {
  // Nobody here looks for routers, or is one, and redirects change nothing.
  const bool is_read = read_neighbor_message(frame) != nullptr;
  if (!is_read || (!is_for_us && !ethernet.destination.is_group())) {
    return drop(DropReason::k_not_for_router, teaches);
  }
  return consume(teaches && solicits_another(frame), teaches);
}

}  // namespace

IpArrival judge_ip_arrival(const Packet& frame, const InnerFrame& inner,
                           const MacAddress& own) noexcept {
  const auto* ethernet = frame.at<EthernetHeader>(0);
  if (ethernet->source.is_group()) return drop(DropReason::k_reserved_mac);
  if (inner.tagged) return drop(DropReason::k_tag_mismatch);
  const bool is_for_us = ethernet->destination == own;
  // A frame of our own that comes back says nothing about the neighbor.
  const bool teaches = ethernet->source != own && ethernet->source != MacAddress{};
  if (ethernet->ether_type() == EtherType::kArp) {
    return judge_arp(frame, *ethernet, is_for_us, teaches);
  }
  if (inner.payload == InnerFrame::Payload::kOther) return drop(DropReason::k_not_ip);
  if (is_neighbor_discovery(frame, inner)) {
    return judge_neighbor_discovery(frame, *ethernet, is_for_us, teaches);
  }
  if (ip_packet_bytes(frame, inner) == 0) return drop(DropReason::k_not_ip);
  if (!is_for_us) return drop(DropReason::k_not_for_router, teaches);
  // RFC 2003 §3.1: a packet whose time is over is not encapsulated.
  if (inner.ttl == 0) return drop(DropReason::k_inner_ttl, teaches);
  return {.fate = Fate::kForward, .teaches = teaches};
}

void take_ip_packet(Packet& frame, InnerFrame& inner) noexcept {
  const std::uint32_t bytes = ip_packet_bytes(frame, inner);
  static_cast<void>(frame.pop(inner.ip_offset));
  static_cast<void>(frame.trim(bytes));
  static_cast<void>(parse_ip_packet(frame, inner));
}

bool answer_neighbor(Packet& frame, const MacAddress& own) noexcept {
  if (frame.at<EthernetHeader>(0)->ether_type() != EtherType::kArp) {
    return answer_solicitation(frame, own);
  }
  answer_arp(frame, own);
  return true;
}

}  // namespace adit
