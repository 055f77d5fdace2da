#pragma once

#include "steer_case.h"

/// Which VLAN tags are claimed, and which tunnel packets carry.
namespace steer_cases {

inline void add_tags(std::vector<Case>& all) {
  const auto add = [&](const char* name, std::size_t port, const Bytes& rest, steer_verdict is) {
    all.push_back({name, port, ethernet(port, rest), is});
  };
  const Bytes arp = join({{0x08, 0x06}, zeros(46)});
  const Bytes packet = ipv4({}, udp(4789));
  add("claimed VID", kAccess, join({tag(0x8100, 100), arp}), STEER_ATTACHMENT);
  add("claimed VID with priority and DEI", kAccess, join({tag(0x8100, 0xf064), arp}),
      STEER_ATTACHMENT);
  add("highest VID", kAccess, join({tag(0x8100, 4094), arp}), STEER_ATTACHMENT);
  add("unclaimed VID", kAccess, join({tag(0x8100, 101), arp}), STEER_PASS);
  add("reserved VID", kAccess, join({tag(0x8100, 4095), arp}), STEER_PASS);
  add("untagged where only VIDs are claimed", kAccess, arp, STEER_PASS);
  add("priority tag where only VIDs are claimed", kAccess, join({tag(0x8100, 0), arp}), STEER_PASS);
  add("service tag with a claimed VID", kAccess, join({tag(0x88a8, 100), arp}), STEER_PASS);
  add("tag behind the claimed one", kAccess, join({tag(0x8100, 100), tag(0x8100, 100), arp}),
      STEER_PASS);
  add("service tag behind the claimed one", kAccess, join({tag(0x8100, 100), tag(0x88a8, 5), arp}),
      STEER_PASS);
  add("tag cut off", kAccess, {0x81, 0x00, 0x00, 0x64, 0x08}, STEER_PASS);
  add("untagged", kUntagged, arp, STEER_ATTACHMENT);
  add("untagged, a length for a type", kUntagged, join({{0x00, 0x20}, zeros(46)}),
      STEER_ATTACHMENT);
  add("priority tag", kUntagged, join({tag(0x8100, 0xe000), arp}), STEER_ATTACHMENT);
  add("tag behind a priority tag", kUntagged, join({tag(0x8100, 0), tag(0x8100, 0), arp}),
      STEER_PASS);
  add("priority service tag", kUntagged, join({tag(0x88a8, 0), arp}), STEER_PASS);
  add("three tags", kUntagged, join({tag(0x8100, 0), tag(0x8100, 0), tag(0x8100, 0), arp}),
      STEER_PASS);
  add("truncated IPv4 on an untagged attachment", kUntagged, {0x08, 0x00, 0x45}, STEER_ATTACHMENT);
  add("tunnel packet where tunnels are not taken", kAccess, packet, STEER_PASS);
  add("tunnel packet on an untagged attachment", kUntagged, packet, STEER_ATTACHMENT);
  add("tunnel packet before the untagged attachment", kBoth, packet, STEER_TUNNEL);
  add("tagged tunnel packet is the attachment's", kBoth, join({tag(0x8100, 100), packet}),
      STEER_ATTACHMENT);
  add("priority-tagged tunnel packet is not a tunnel's", kUnderlay, join({tag(0x8100, 0), packet}),
      STEER_PASS);
  add("other packet on the untagged attachment", kBoth, ipv4({}, udp(53)), STEER_ATTACHMENT);
  add("ARP on the underlay", kUnderlay, arp, STEER_PASS);
  const V4 bad{.from = kBlocked4};
  add("blocked source behind a tag", kAccess, join({tag(0x8100, 7), ipv4(bad, udp(1))}),
      STEER_BLOCKED);
  add("blocked source behind two tags", kAccess,
      join({tag(0x88a8, 7), tag(0x8100, 8), ipv4(bad, udp(1))}), STEER_BLOCKED);
  add("blocked IPv6 source behind two tags", kAccess,
      join({tag(0x8100, 7), tag(0x8100, 8), ipv6(6, zeros(20), kBlocked6)}), STEER_BLOCKED);
  add("blocked source behind three tags", kAccess,
      join({tag(0x8100, 7), tag(0x8100, 8), tag(0x8100, 9), ipv4(bad, udp(1))}), STEER_PASS);
  all.push_back({"tunnel packet to another MAC", kUnderlay, ethernet(kAccess, packet), STEER_PASS});
  all.push_back({"tunnel packet to another MAC on an attachment", kBoth, ethernet(kAccess, packet),
                 STEER_ATTACHMENT});
}

inline void add_stacks(std::vector<Case>& all) {
  const auto add = [&](const char* name, std::initializer_list<Bytes> rest, steer_verdict is) {
    all.push_back({name, kStacked, ethernet(kStacked, join(rest)), is});
  };
  const Bytes arp = join({{0x08, 0x06}, zeros(46)});
  const Bytes service = tag(0x88a8, 100);
  const Bytes customer = tag(0x8100, 200);
  add("two tags", {service, customer, arp}, STEER_ATTACHMENT);
  add("two tags with priorities and DEI", {tag(0x88a8, 0xf064), tag(0x8100, 0x70c8), arp},
      STEER_ATTACHMENT);
  add("two tags of the highest VID", {tag(0x88a8, 4094), tag(0x8100, 4094), arp}, STEER_ATTACHMENT);
  add("two tags and a type alone", {service, customer, {0x08, 0x06}}, STEER_ATTACHMENT);
  add("two customer tags", {tag(0x8100, 100), tag(0x8100, 201), arp}, STEER_ATTACHMENT);
  add("two tags, the outer TPID of others", {tag(0x8100, 100), customer, arp}, STEER_PASS);
  add("two tags, the inner VID of others", {service, tag(0x8100, 201), arp}, STEER_PASS);
  add("two tags in the wrong order", {tag(0x88a8, 200), tag(0x8100, 100), arp}, STEER_PASS);
  add("two service tags", {service, tag(0x88a8, 200), arp}, STEER_PASS);
  add("tag behind two claimed ones", {service, customer, tag(0x8100, 5), arp}, STEER_PASS);
  add("service tag behind two claimed ones", {service, customer, tag(0x88a8, 5), arp}, STEER_PASS);
  add("tag cut off behind two claimed ones", {service, customer, {0x81, 0x00, 0x00}}, STEER_PASS);
  add("outer of two claimed tags alone", {service, arp}, STEER_PASS);
  add("inner of two claimed tags alone", {customer, arp}, STEER_PASS);
  add("outer of two claimed tags, then a priority tag", {service, tag(0x8100, 0), arp}, STEER_PASS);
  add("inner of two claimed tags cut off", {service, {0x81, 0x00, 0x00}}, STEER_PASS);
  add("one tag beside claims of two", {tag(0x8100, 7), arp}, STEER_ATTACHMENT);
  add("outer tag alone", {tag(0x8100, 500), arp}, STEER_ATTACHMENT);
  add("outer tag and another", {tag(0x8100, 500), tag(0x8100, 1), arp}, STEER_ATTACHMENT);
  add("outer tag and a service tag", {tag(0x8100, 0xe1f4), tag(0x88a8, 1), arp}, STEER_ATTACHMENT);
  add("outer tag and a priority tag", {tag(0x8100, 500), tag(0x8100, 0), arp}, STEER_ATTACHMENT);
  add("outer tag and three", {tag(0x8100, 500), service, service, customer, arp}, STEER_ATTACHMENT);
  add("outer tag and one cut off", {tag(0x8100, 500), {0x81, 0x00, 0x00}}, STEER_ATTACHMENT);
  add("outer tag, its type missing", {{0x81, 0x00, 0x01, 0xf4}}, STEER_PASS);
  add("outer tag of the other TPID", {tag(0x88a8, 500), arp}, STEER_PASS);
  add("outer tag behind another", {tag(0x8100, 7), tag(0x8100, 500), arp}, STEER_PASS);
  add("outer service tag alone", {tag(0x88a8, 600), arp}, STEER_ATTACHMENT);
  add("outer service tag and another", {tag(0x88a8, 600), service, arp}, STEER_ATTACHMENT);
  add("outer service tag's VID in a customer tag", {tag(0x8100, 600), arp}, STEER_PASS);
  add("VID 0 is no outer tag", {tag(0x8100, 0), arp}, STEER_PASS);
  add("VID 0 is no outer tag before another", {tag(0x8100, 0), tag(0x8100, 7), arp}, STEER_PASS);
  add("VID 0 is no outer service tag", {tag(0x88a8, 0), tag(0x8100, 200), arp}, STEER_PASS);
  add("tunnel packet behind an outer tag", {tag(0x8100, 500), ipv4({}, udp(4789))},
      STEER_ATTACHMENT);
  add("blocked source behind claimed tags",
      {service, customer, ipv4({.from = kBlocked4}, udp(4789))}, STEER_BLOCKED);
}

inline void add_everything(std::vector<Case>& all) {
  const auto add = [&](const char* name, std::initializer_list<Bytes> rest, steer_verdict is) {
    all.push_back({name, kEverything, ethernet(kEverything, join(rest)), is});
  };
  const Bytes arp = join({{0x08, 0x06}, zeros(46)});
  const Bytes packet = ipv4({}, udp(4789));
  add("untagged where all is claimed", {arp}, STEER_ATTACHMENT);
  add("Ethernet header alone where all is claimed", {{0x08, 0x06}}, STEER_ATTACHMENT);
  add("tag where all is claimed", {tag(0x8100, 9), arp}, STEER_ATTACHMENT);
  add("priority service tag where all is claimed", {tag(0x88a8, 0), arp}, STEER_ATTACHMENT);
  add("tag cut off where all is claimed", {{0x81, 0x00, 0x00}}, STEER_ATTACHMENT);
  add("four tags where all is claimed",
      {tag(0x8100, 0), tag(0x88a8, 1), tag(0x88a8, 4095), tag(0x8100, 2), arp}, STEER_ATTACHMENT);
  add("tunnel packet where all is claimed", {packet}, STEER_TUNNEL);
  add("tagged tunnel packet where all is claimed", {tag(0x8100, 30), packet}, STEER_ATTACHMENT);
  add("other packet where all is claimed", {ipv4({}, udp(53))}, STEER_ATTACHMENT);
  add("blocked source where all is claimed", {tag(0x8100, 9), ipv4({.from = kBlocked4}, udp(4789))},
      STEER_BLOCKED);
}

inline void add_tagged_tunnels(std::vector<Case>& all) {
  const auto add = [&](const char* name, std::initializer_list<Bytes> rest, steer_verdict is) {
    all.push_back({name, kTaggedUnderlay, ethernet(kTaggedUnderlay, join(rest)), is});
  };
  const Bytes vlan = tag(0x8100, 30);
  const Bytes packet = ipv4({}, udp(4789));
  add("tagged VXLAN", {vlan, packet}, STEER_TUNNEL);
  add("tagged VXLAN with priority and DEI", {tag(0x8100, 0xf01e), packet}, STEER_TUNNEL);
  add("tagged VXLAN over IPv6", {vlan, ipv6(17, udp(4789))}, STEER_TUNNEL);
  add("tagged GRE", {vlan, ipv4({.proto = 47}, gre())}, STEER_TUNNEL);
  add("tagged GRE over IPv6", {vlan, ipv6(47, gre())}, STEER_TUNNEL);
  add("tagged, options of 4 bytes",
      {vlan, ipv4({.version_ihl = 0x46}, join({zeros(4), udp(4789)}))}, STEER_TUNNEL);
  add("tagged, our port stands where the options are",
      {vlan, ipv4({.version_ihl = 0x46}, udp(4789))}, STEER_ATTACHMENT);
  add("tagged, extension headers",
      {vlan, ipv6(0, join({extension(60), extension(17, 2), udp(4789)}))}, STEER_TUNNEL);
  add("tagged, first fragment of GRE over IPv6",
      {vlan, ipv6(44, join({fragment_header(47, 1), gre()}))}, STEER_TUNNEL);
  add("tagged, later fragment of UDP", {vlan, ipv4({.fragment = 0x2001}, udp(4789))},
      STEER_ATTACHMENT);
  add("tagged, another UDP port", {vlan, ipv4({}, udp(53))}, STEER_ATTACHMENT);
  add("tagged, blocked source", {vlan, ipv4({.from = kBlocked4}, udp(4789))}, STEER_BLOCKED);
  add("untagged where tunnel packets are tagged", {packet}, STEER_ATTACHMENT);
  add("priority tag where tunnel packets are tagged", {tag(0x8100, 0), packet}, STEER_ATTACHMENT);
  add("another VID where tunnel packets are tagged", {tag(0x8100, 31), packet}, STEER_PASS);
  add("service tag where tunnel packets are tagged", {tag(0x88a8, 30), packet}, STEER_PASS);
  add("two tags where tunnel packets are tagged", {vlan, vlan, packet}, STEER_PASS);
  all.push_back({"tagged tunnel packet to another MAC", kTaggedUnderlay,
                 ethernet(kUnderlay, join({vlan, packet})), STEER_ATTACHMENT});
}
}  // namespace steer_cases
