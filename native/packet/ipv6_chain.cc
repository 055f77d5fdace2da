#include "packet/ipv6_chain.h"

namespace adit {
namespace {

enum class Step : std::uint8_t { kGoOn, kDone };

/// Bytes of an extension header whose length field is `length`.
std::uint32_t extension_bytes(IpProto proto, std::uint32_t length) noexcept {
  constexpr std::uint32_t kFragmentBytes = 8;
  if (proto == IpProto::kFragment) return kFragmentBytes;
  // The authentication header alone counts in words of 4 (RFC 4302 §2.2).
  return proto == IpProto::kAuthentication ? (length + 2) * 4 : (length + 1) * 8;
}

Step step_over(const Packet& packet, Ipv6Chain& chain) noexcept {
  constexpr std::uint64_t kFragmentOffsetBits = std::uint64_t{0xfff8} << 32;
  switch (chain.proto) {
    case IpProto::kFragment:
      chain.fragment = true;
      break;
    case IpProto::kHopByHop:
    case IpProto::kRouting:
    case IpProto::kDestinationOptions:
    case IpProto::kAuthentication:
      chain.options = true;
      break;
    default:
      return Step::kDone;
  }
  const auto head = packet.read<be64>(chain.offset);
  if (!head) {
    chain.truncated = true;
    return Step::kDone;
  }
  const std::uint64_t word = head->get();
  const IpProto next = static_cast<IpProto>(word >> 56);
  if (chain.proto == IpProto::kFragment && (word & kFragmentOffsetBits) != 0) {
    chain.later_fragment = true;
    chain.proto = next;
    return Step::kDone;
  }
  chain.offset += extension_bytes(chain.proto, (word >> 48) & 0xff);
  chain.proto = next;
  return Step::kGoOn;
}

}  // namespace

Ipv6Chain walk_ipv6(const Packet& packet, std::uint32_t ip_offset) noexcept {
  constexpr int kMostExtensions = 8;
  const auto* ip = packet.at<Ipv6Header>(ip_offset);
  Ipv6Chain chain;
  chain.proto = static_cast<IpProto>(ip->next_header);
  chain.offset = ip_offset + std::uint32_t{sizeof *ip};
  for (int i = 0; i < kMostExtensions; ++i) {
    if (step_over(packet, chain) == Step::kDone) return chain;
  }
  chain.endless = true;
  return chain;
}

}  // namespace adit
