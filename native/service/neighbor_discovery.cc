#include "service/neighbor_discovery.h"

#include <cstring>

#include "packet/payload_sum.h"
#include "wire/ethernet.h"
#include "wire/ip.h"

namespace adit {
namespace {

constexpr std::uint32_t kIpOffset = sizeof(EthernetHeader);
constexpr std::uint32_t kMessageOffset = kIpOffset + sizeof(Ipv6Header);
constexpr std::uint32_t kOptionsOffset = kMessageOffset + sizeof(NeighborMessage);
constexpr std::uint8_t kLinkHopLimit = 255;
constexpr std::uint8_t kMulticast = 0xff;

bool is_unspecified(const std::uint8_t* address) noexcept {
  constexpr std::uint8_t kUnspecified[16] = {};
  return std::memcmp(address, kUnspecified, sizeof kUnspecified) == 0;
}

/// ff02::1:ff00:0/104 and the target's last 24 bits (RFC 4291 §2.7.1).
bool is_solicited_node(const std::uint8_t* destination, const std::uint8_t* target) noexcept {
  constexpr std::uint8_t kPrefix[13] = {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff};
  return std::memcmp(destination, kPrefix, sizeof kPrefix) == 0 &&
         std::memcmp(destination + sizeof kPrefix, target + sizeof kPrefix, 3) == 0;
}

bool is_checksum_ok(const Packet& frame, const Ipv6Header& ip) noexcept {
  const std::uint32_t bytes = ip.payload_length.get();
  ChecksumSum sum =
      pseudo_header_sum(ip.source, ip.destination, sizeof ip.source, IpProto::kIcmpv6, bytes);
  add_payload(sum, frame, kMessageOffset, bytes);
  return sum.verifies();
}

/// Options fill the message exactly, and where `forbidden` (an option's type) is not 0, none is of
/// that type.
bool are_options_ok(const Packet& frame, std::uint32_t end, std::uint8_t forbidden) noexcept {
  constexpr std::uint32_t kUnit = 8;
  for (std::uint32_t at = kOptionsOffset; at < end;) {
    const auto option = frame.read<LinkLayerOption>(at);
    if (!option || option->length == 0) return false;
    if (forbidden != 0 && option->type == forbidden) return false;
    at += option->length * kUnit;
    if (at > end) return false;
  }
  return true;
}

}  // namespace

bool is_neighbor_discovery(const Packet& frame, const InnerFrame& inner) noexcept {
  if (inner.payload != InnerFrame::Payload::kIpv6 || inner.ttl != kLinkHopLimit) return false;
  const auto* ip = frame.at<Ipv6Header>(kIpOffset);
  const auto* type = frame.at<std::uint8_t>(kMessageOffset);
  return static_cast<IpProto>(ip->next_header) == IpProto::kIcmpv6 && type != nullptr &&
         *type >= NeighborMessage::kRouterSolicitation && *type <= NeighborMessage::kRedirect;
}

const NeighborMessage* read_neighbor_message(const Packet& frame) noexcept {
  const auto* message = frame.at<NeighborMessage>(kMessageOffset);
  if (message == nullptr) return nullptr;
  const bool solicits = message->type == NeighborMessage::kSolicitation;
  if (!solicits && message->type != NeighborMessage::kAdvertisement) return nullptr;
  const auto* ip = frame.at<Ipv6Header>(kIpOffset);
  const std::uint32_t bytes = ip->payload_length.get();
  if (bytes < sizeof *message || bytes > frame.length() - kMessageOffset) return nullptr;
  if (message->code != 0 || message->target[0] == kMulticast) return nullptr;
  std::uint8_t forbidden = 0;
  if (solicits && is_unspecified(ip->source)) {
    if (!is_solicited_node(ip->destination, message->target)) return nullptr;
    forbidden = LinkLayerOption::kSource;
  }
  const bool ok =
      are_options_ok(frame, kMessageOffset + bytes, forbidden) && is_checksum_ok(frame, *ip);
  return ok ? message : nullptr;
}

bool solicits_another(const Packet& frame) noexcept {
  const auto* ip = frame.at<Ipv6Header>(kIpOffset);
  const auto* message = frame.at<NeighborMessage>(kMessageOffset);
  return message->type == NeighborMessage::kSolicitation && !is_unspecified(ip->source) &&
         std::memcmp(ip->source, message->target, sizeof message->target) != 0;
}

bool answer_solicitation(Packet& frame, const MacAddress& own) noexcept {
  constexpr std::uint32_t kBytes = kOptionsOffset + sizeof(LinkLayerOption);
  constexpr std::uint32_t kVersion = 0x60000000;
  static_cast<void>(frame.trim(kBytes));
  if (!frame.pad(kBytes)) return false;
  auto* ethernet = frame.at<EthernetHeader>(0);
  ethernet->destination = ethernet->source;
  ethernet->source = own;
  auto* ip = frame.at<Ipv6Header>(kIpOffset);
  auto* message = frame.at<NeighborMessage>(kMessageOffset);
  ip->version_class_label = kVersion;
  ip->payload_length = std::uint16_t{kBytes - kMessageOffset};
  std::memcpy(ip->destination, ip->source, sizeof ip->destination);
  std::memcpy(ip->source, message->target, sizeof ip->source);
  message->type = NeighborMessage::kAdvertisement;
  message->checksum = std::uint16_t{0};
  message->flags = NeighborMessage::kSolicited | NeighborMessage::kOverride;
  *frame.at<LinkLayerOption>(kOptionsOffset) = {LinkLayerOption::kTarget, 1, own};
  ChecksumSum sum = pseudo_header_sum(ip->source, ip->destination, sizeof ip->source,
                                      IpProto::kIcmpv6, kBytes - kMessageOffset);
  sum.add(frame.data() + kMessageOffset, kBytes - kMessageOffset);
  message->checksum = sum.checksum();
  return true;
}

}  // namespace adit
