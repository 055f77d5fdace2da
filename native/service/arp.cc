#include "service/arp.h"

#include <cstring>

#include "wire/ethernet.h"

namespace adit {

const ArpPacket* read_arp(const Packet& frame) noexcept {
  const auto* arp = frame.at<ArpPacket>(sizeof(EthernetHeader));
  if (arp == nullptr) return nullptr;
  const bool is_for_ipv4 = arp->hardware_type.get() == ArpPacket::kEthernet &&
                           static_cast<EtherType>(arp->protocol_type.get()) == EtherType::kIpv4 &&
                           arp->hardware_bytes == sizeof arp->sender_mac &&
                           arp->protocol_bytes == sizeof arp->sender_ip;
  const std::uint16_t operation = arp->operation.get();
  const bool is_known = operation == ArpPacket::kRequest || operation == ArpPacket::kReply;
  return is_for_ipv4 && is_known ? arp : nullptr;
}

bool asks_for_another(const ArpPacket& arp) noexcept {
  constexpr std::uint8_t kUnspecified[4] = {};
  return arp.operation.get() == ArpPacket::kRequest &&
         std::memcmp(arp.sender_ip, kUnspecified, sizeof kUnspecified) != 0 &&
         std::memcmp(arp.sender_ip, arp.target_ip, sizeof arp.sender_ip) != 0;
}

void answer_arp(Packet& frame, const MacAddress& own) noexcept {
  // What the frame had behind the request is not sent back.
  static_cast<void>(frame.trim(sizeof(EthernetHeader) + sizeof(ArpPacket)));
  auto* ethernet = frame.at<EthernetHeader>(0);
  auto* arp = frame.at<ArpPacket>(sizeof(EthernetHeader));
  const ArpPacket request = *arp;
  ethernet->destination = ethernet->source;
  ethernet->source = own;
  arp->operation = ArpPacket::kReply;
  arp->sender_mac = own;
  std::memcpy(arp->sender_ip, request.target_ip, sizeof arp->sender_ip);
  arp->target_mac = request.sender_mac;
  std::memcpy(arp->target_ip, request.sender_ip, sizeof arp->target_ip);
}

}  // namespace adit
