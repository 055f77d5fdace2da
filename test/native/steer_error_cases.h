#pragma once

#include "steer_cases.h"

/// ICMP errors and what the steering rules have to make of them.
namespace steer_cases {

inline constexpr std::array<std::uint8_t, 4> kRouter4{203, 0, 112, 1};
inline constexpr std::array<std::uint8_t, 16> kRouter6{0x20, 0x01, 0x0d, 0xb8, 0, 8, 0, 0,
                                                       0,    0,    0,    0,    0, 0, 0, 1};

/// The packet of an ICMP error: headers of its own, then `quote`, an IP packet.
inline Bytes error4(std::uint8_t type, const Bytes& quote, V4 v = {}) {
  if (v.from == kPeer4) v.from = kRouter4;
  v.proto = 1;
  return ipv4(v, join({{type, 4, 0, 0, 0, 0, 5, 0x78}, quote}));
}
inline Bytes error6(std::uint8_t type, const Bytes& quote, std::uint8_t next = 58,
                    const std::array<std::uint8_t, 16>& from = kRouter6) {
  return ipv6(next, join({{type, 0, 0, 0, 0, 0, 5, 0x78}, quote}), from);
}

/// What stands behind the EtherType: a packet that this gateway sent to its peer.
inline Bytes sent4(std::uint8_t proto, const Bytes& rest, V4 v = {}) {
  v.from = v.to == kGreOnly4 ? kGreOnly4 : kLocal4;
  v.to = kPeer4;
  v.proto = proto;
  const Bytes packet = ipv4(v, rest);
  return {packet.begin() + 2, packet.end()};
}
inline Bytes sent6(std::uint8_t proto, const Bytes& rest,
                   const std::array<std::uint8_t, 16>& from = kLocal6) {
  const Bytes packet = ipv6(proto, rest, from);
  return {packet.begin() + 2, packet.end()};
}

inline void add_errors4(std::vector<Case>& all) {
  const auto add = [&](const char* name, const Bytes& packet, steer_verdict is) {
    all.push_back({name, kUnderlay, ethernet(kUnderlay, packet), is});
  };
  const Bytes vxlan = sent4(17, udp(4789));
  add("unreachable about VXLAN", error4(3, vxlan), STEER_TUNNEL);
  add("time exceeded about VXLAN", error4(11, vxlan), STEER_TUNNEL);
  add("parameter problem about VXLAN", error4(12, vxlan), STEER_TUNNEL);
  add("redirect about VXLAN", error4(5, vxlan), STEER_PASS);
  add("source quench about VXLAN", error4(4, vxlan), STEER_PASS);
  add("echo request with VXLAN in it", error4(8, vxlan), STEER_PASS);
  add("echo reply with VXLAN in it", error4(0, vxlan), STEER_PASS);
  add("error about GRE", error4(3, sent4(47, gre())), STEER_TUNNEL);
  add("error about GRE, its header cut off", error4(3, sent4(47, {})), STEER_TUNNEL);
  add("error about GRE from an address that only GRE ends at",
      error4(3, sent4(47, gre(), {.to = kGreOnly4}), {.to = kGreOnly4}), STEER_TUNNEL);
  add("error about VXLAN from an address that only GRE ends at",
      error4(3, sent4(17, udp(4789), {.to = kGreOnly4}), {.to = kGreOnly4}), STEER_PASS);
  add("error about 8 bytes of UDP", error4(3, sent4(17, {0xc0, 1, 0x12, 0xb5, 0, 50, 0, 0})),
      STEER_TUNNEL);
  add("error about UDP, its ports cut off", error4(3, sent4(17, {0xc0, 1, 0x12})), STEER_PASS);
  add("error about another UDP port", error4(3, sent4(17, udp(53))), STEER_PASS);
  add("error about TCP", error4(3, sent4(6, udp(4789))), STEER_PASS);
  add("error about an ICMP error", error4(3, sent4(1, udp(4789))), STEER_PASS);
  add("error sent elsewhere", error4(3, vxlan, {.to = {192, 0, 2, 9}}), STEER_PASS);
  add("error to one of ours about another of ours", error4(3, vxlan, {.to = kGreOnly4}),
      STEER_PASS);
  Bytes received = ipv4({}, udp(4789));
  received.erase(received.begin(), received.begin() + 2);
  add("error about a packet that was sent to us", error4(3, received), STEER_PASS);
  add("error quoting options",
      error4(3, sent4(17, join({zeros(8), udp(4789)}), {.version_ihl = 0x47})), STEER_TUNNEL);
  add("error quoting options, our port stands in them",
      error4(3, sent4(17, udp(4789), {.version_ihl = 0x47})), STEER_PASS);
  add("error quoting options that it ends in",
      error4(3, sent4(17, zeros(8), {.version_ihl = 0x4f})), STEER_PASS);
  add("error about a later fragment of UDP", error4(3, sent4(17, udp(4789), {.fragment = 0x0001})),
      STEER_PASS);
  add("error about a first fragment", error4(3, sent4(17, udp(4789), {.fragment = 0x2000})),
      STEER_TUNNEL);
  add("error with options of its own", error4(3, vxlan, {.version_ihl = 0x46}), STEER_PASS);
  add("first fragment of an error", error4(3, vxlan, {.fragment = 0x2000}), STEER_PASS);
  add("later fragment of an error", error4(3, vxlan, {.fragment = 0x0001}), STEER_PASS);
  add("error without a quote", error4(3, {}), STEER_PASS);
  add("error with 19 bytes of quote", error4(3, Bytes(vxlan.begin(), vxlan.begin() + 19)),
      STEER_PASS);
  add("error from a blocked source", error4(3, vxlan, {.from = kBlocked4}), STEER_BLOCKED);
  all.push_back(
      {"error to another MAC", kUnderlay, ethernet(kAccess, error4(3, vxlan)), STEER_PASS});
  all.push_back({"error where tunnels are not taken", kAccess, ethernet(kAccess, error4(3, vxlan)),
                 STEER_PASS});
  all.push_back({"error before the untagged attachment", kBoth, ethernet(kBoth, error4(3, vxlan)),
                 STEER_TUNNEL});
  all.push_back({"error about other things on the untagged attachment", kBoth,
                 ethernet(kBoth, error4(3, sent4(17, udp(53)))), STEER_ATTACHMENT});
  all.push_back({"tagged error", kTaggedUnderlay,
                 ethernet(kTaggedUnderlay, join({tag(0x8100, 30), error4(3, vxlan)})),
                 STEER_TUNNEL});
  all.push_back({"untagged error where tunnel packets are tagged", kTaggedUnderlay,
                 ethernet(kTaggedUnderlay, error4(3, vxlan)), STEER_ATTACHMENT});
}

inline void add_errors6(std::vector<Case>& all) {
  const auto add = [&](const char* name, const Bytes& packet, steer_verdict is) {
    all.push_back({name, kUnderlay, ethernet(kUnderlay, packet), is});
  };
  const Bytes vxlan = sent6(17, udp(4789));
  for (std::uint8_t type = 1; type <= 4; ++type) {
    all.push_back({"ICMPv6 error " + std::to_string(type), kUnderlay,
                   ethernet(kUnderlay, error6(type, vxlan)), STEER_TUNNEL});
  }
  add("ICMPv6 type 0", error6(0, vxlan), STEER_PASS);
  add("ICMPv6 type 5", error6(5, vxlan), STEER_PASS);
  add("ICMPv6 echo request with VXLAN in it", error6(128, vxlan), STEER_PASS);
  add("ICMPv6 redirect", error6(137, vxlan), STEER_PASS);
  add("ICMPv6 error about GRE", error6(2, sent6(47, {})), STEER_TUNNEL);
  add("ICMPv6 error about another UDP port", error6(2, sent6(17, udp(53))), STEER_PASS);
  add("ICMPv6 error about TCP", error6(2, sent6(6, udp(4789))), STEER_PASS);
  add("ICMPv6 error about extension headers",
      error6(2, sent6(60, join({extension(17), udp(4789)}))), STEER_PASS);
  add("ICMPv6 error about another host's packet", error6(2, sent6(17, udp(4789), kPeer6)),
      STEER_PASS);
  add("ICMPv6 error, the quoted ports cut off", error6(2, sent6(17, {0xc0, 1, 0x12})), STEER_PASS);
  add("ICMPv6 error with 39 bytes of quote", error6(2, Bytes(vxlan.begin(), vxlan.begin() + 39)),
      STEER_PASS);
  add("ICMPv6 error behind options", error6(58, join({vxlan}), 60), STEER_PASS);
  add("ICMPv6 error from a blocked source", error6(2, vxlan, 58, kBlocked6), STEER_BLOCKED);
}

inline std::vector<Case> error_cases() {
  std::vector<Case> all;
  add_errors4(all);
  add_errors6(all);
  return all;
}

}  // namespace steer_cases
