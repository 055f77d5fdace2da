#pragma once

#include "steer_case.h"

/// Which IP packets are a tunnel's.
namespace steer_cases {

inline void add_ipv4(std::vector<Case>& all) {
  const auto to_underlay = [&](const char* name, const V4& v, const Bytes& rest, steer_verdict is) {
    all.push_back({name, kUnderlay, ethernet(kUnderlay, ipv4(v, rest)), is});
  };
  to_underlay("VXLAN to our address", {}, udp(4789), STEER_TUNNEL);
  to_underlay("another UDP port", {}, udp(8472), STEER_PASS);
  to_underlay("swapped UDP port", {}, udp(0xb512), STEER_PASS);
  to_underlay("another address", {.to = {192, 0, 2, 9}}, udp(4789), STEER_PASS);
  to_underlay("VXLAN to an address that only GRE ends at", {.to = kGreOnly4}, udp(4789),
              STEER_PASS);
  to_underlay("GRE", {.proto = 47}, gre(), STEER_TUNNEL);
  to_underlay("GRE to an address that only GRE ends at", {.to = kGreOnly4, .proto = 47}, gre(),
              STEER_TUNNEL);
  to_underlay("GRE without a byte behind IP", {.proto = 47}, {}, STEER_TUNNEL);
  to_underlay("TCP", {.proto = 6}, udp(4789), STEER_PASS);
  to_underlay("IPIP", {.proto = 4}, udp(4789), STEER_PASS);
  to_underlay("UDP-Lite", {.proto = 136}, udp(4789), STEER_PASS);
  to_underlay("wrong version nibble", {.version_ihl = 0x65}, udp(4789), STEER_TUNNEL);
  to_underlay("IHL 0 counts as 5", {.version_ihl = 0x40}, udp(4789), STEER_TUNNEL);
  to_underlay("IHL 4 counts as 5", {.version_ihl = 0x44}, udp(4789), STEER_TUNNEL);
  to_underlay("options of 4 bytes", {.version_ihl = 0x46}, join({zeros(4), udp(4789)}),
              STEER_TUNNEL);
  to_underlay("options of 40 bytes", {.version_ihl = 0x4f}, join({zeros(40), udp(4789)}),
              STEER_TUNNEL);
  to_underlay("our port stands where the options are", {.version_ihl = 0x46}, udp(4789),
              STEER_PASS);
  to_underlay("GRE with options beyond the frame", {.proto = 47, .version_ihl = 0x4f}, {},
              STEER_TUNNEL);
  to_underlay("first fragment of UDP", {.fragment = 0x2000}, udp(4789), STEER_TUNNEL);
  to_underlay("later fragment of UDP", {.fragment = 0x2001}, udp(4789), STEER_PASS);
  to_underlay("last fragment of UDP", {.fragment = 0x1fff}, udp(4789), STEER_PASS);
  to_underlay("first fragment of GRE", {.proto = 47, .fragment = 0x2000}, gre(), STEER_TUNNEL);
  to_underlay("later fragment of GRE", {.proto = 47, .fragment = 0x20b9}, zeros(30), STEER_TUNNEL);
  to_underlay("UDP ports cut off", {}, {0xc0, 0x01, 0x12}, STEER_PASS);
  to_underlay("blocked source", {.from = kBlocked4}, udp(4789), STEER_BLOCKED);
  to_underlay("blocked source to nobody", {.to = {8, 8, 8, 8}, .from = kBlocked4, .proto = 6},
              udp(80), STEER_BLOCKED);
  to_underlay("blocked host", {.from = {198, 51, 100, 66}}, udp(4789), STEER_BLOCKED);
  to_underlay("neighbor of the blocked host", {.from = {198, 51, 100, 67}}, udp(4789),
              STEER_TUNNEL);
  to_underlay("one address before the blocked prefix", {.from = {203, 0, 112, 255}}, udp(4789),
              STEER_TUNNEL);
  to_underlay("one address behind the blocked prefix", {.from = {203, 0, 114, 0}}, udp(4789),
              STEER_TUNNEL);
}

inline void add_ipv6(std::vector<Case>& all) {
  const auto to_underlay = [&](const char* name, const Bytes& packet, steer_verdict is) {
    all.push_back({name, kUnderlay, ethernet(kUnderlay, packet), is});
  };
  to_underlay("VXLAN over IPv6", ipv6(17, udp(4789)), STEER_TUNNEL);
  to_underlay("another UDP port over IPv6", ipv6(17, udp(4790)), STEER_PASS);
  to_underlay("GRE over IPv6", ipv6(47, gre()), STEER_TUNNEL);
  to_underlay("ICMPv6", ipv6(58, zeros(32)), STEER_PASS);
  to_underlay("wrong version over IPv6", ipv6(17, udp(4789), kPeer6, 0x40), STEER_TUNNEL);
  to_underlay("hop-by-hop", ipv6(0, join({extension(17), udp(4789)})), STEER_TUNNEL);
  to_underlay("routing header of 2048 bytes", ipv6(43, join({extension(47, 255), gre()})),
              STEER_TUNNEL);
  to_underlay("destination options", ipv6(60, join({extension(17, 3), udp(4789)})), STEER_TUNNEL);
  to_underlay("authentication header, counted in words of 4",
              ipv6(51, join({authentication(17, 4), udp(4789)})), STEER_TUNNEL);
  to_underlay("extension header to TCP", ipv6(0, join({extension(6), udp(4789)})), STEER_PASS);
  to_underlay("extension header to another port", ipv6(0, join({extension(17), udp(53)})),
              STEER_PASS);
  to_underlay("no next header", ipv6(59, udp(4789)), STEER_PASS);
  to_underlay("extension header longer than the frame", ipv6(0, join({{17, 9}, udp(4789)})),
              STEER_PASS);
  to_underlay("extension header cut off", ipv6(0, {47, 0, 0, 0}), STEER_PASS);
  to_underlay("atomic fragment of UDP", ipv6(44, join({fragment_header(17, 0), udp(4789)})),
              STEER_TUNNEL);
  to_underlay("first fragment of UDP over IPv6",
              ipv6(44, join({fragment_header(17, 1), udp(4789)})), STEER_TUNNEL);
  to_underlay("later fragment of UDP over IPv6",
              ipv6(44, join({fragment_header(17, 8), udp(4789)})), STEER_PASS);
  to_underlay("first fragment of GRE over IPv6", ipv6(44, join({fragment_header(47, 1), gre()})),
              STEER_TUNNEL);
  to_underlay("later fragment of GRE over IPv6",
              ipv6(44, join({fragment_header(47, 0xfff8), zeros(30)})), STEER_TUNNEL);
  to_underlay("reserved bits of a fragment header are no offset",
              ipv6(44, join({fragment_header(17, 6), udp(4789)})), STEER_TUNNEL);
  to_underlay("later fragment of a further extension header",
              ipv6(44, join({fragment_header(60, 8), extension(47), gre()})), STEER_PASS);
  to_underlay("hop-by-hop, routing, fragment, options, UDP",
              ipv6(0, join({extension(43, 1), extension(44, 2), fragment_header(60, 1),
                            extension(17), udp(4789)})),
              STEER_TUNNEL);
  Bytes eight;
  for (int i = 0; i < 7; ++i) eight = join({eight, extension(60)});
  to_underlay("eight extension headers", ipv6(60, join({eight, extension(17), udp(4789)})),
              STEER_TUNNEL);
  to_underlay("nine extension headers",
              ipv6(60, join({eight, extension(60), extension(17), udp(4789)})), STEER_PASS);
  to_underlay("blocked IPv6 source", ipv6(17, udp(4789), kBlocked6), STEER_BLOCKED);
}
}  // namespace steer_cases
