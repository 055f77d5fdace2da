#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "steer/steer_abi.h"
#include "steer/steering_config.h"

/// Frames and what the steering rules have to make of them, for the host's rules and for the
/// program in the kernel alike.
namespace steer_cases {

using Bytes = std::vector<std::uint8_t>;

struct Case {
  std::string name;
  std::size_t port;
  Bytes frame;
  steer_verdict verdict;
};

/// Ports of `config`, by what they take.
enum PortIndex : std::size_t {
  kUnderlay,
  kAccess,
  kBoth,
  kUntagged,
  kStacked,
  kEverything,
  kTaggedUnderlay,
  kPorts
};

using adit::IpAddress;
using adit::IpPrefix;
using adit::IpProto;

inline constexpr std::array<std::uint8_t, 4> kLocal4{192, 0, 2, 1};
inline constexpr std::array<std::uint8_t, 4> kGreOnly4{192, 0, 2, 2};
inline constexpr std::array<std::uint8_t, 4> kPeer4{198, 51, 100, 7};
inline constexpr std::array<std::uint8_t, 4> kBlocked4{203, 0, 113, 200};
inline constexpr std::array<std::uint8_t, 16> kLocal6{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0,
                                                      0,    0,    0,    0,    0, 0, 0, 1};
inline constexpr std::array<std::uint8_t, 16> kPeer6{0x20, 0x01, 0x0d, 0xb8, 0, 7, 0, 0,
                                                     0,    0,    0,    0,    0, 0, 0, 7};
inline constexpr std::array<std::uint8_t, 16> kBlocked6{0x20, 0x01, 0x0d, 0xb8, 0x0b, 0xad, 0, 0,
                                                        0,    0,    0,    0,    0,    0,    0, 9};

inline Bytes join(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

inline std::uint8_t high(unsigned value) { return static_cast<std::uint8_t>(value >> 8); }
inline std::uint8_t low(unsigned value) { return static_cast<std::uint8_t>(value); }

/// To the MAC of the port with this index, from elsewhere; `rest` begins with the EtherType.
inline Bytes ethernet(std::size_t port, const Bytes& rest) {
  return join({{2, 0, 0, 0, 0, low(static_cast<unsigned>(port) + 1), 2, 0xaa, 0, 0, 0, 9}, rest});
}

inline Bytes tag(unsigned tpid, unsigned tci) {
  return {high(tpid), low(tpid), high(tci), low(tci)};
}

struct V4 {
  std::array<std::uint8_t, 4> to = kLocal4;
  std::array<std::uint8_t, 4> from = kPeer4;
  std::uint8_t proto = 17;
  std::uint8_t version_ihl = 0x45;
  unsigned fragment = 0x4000;
};

/// EtherType, IPv4 header without its options, and what follows.
inline Bytes ipv4(const V4& v, const Bytes& rest) {
  Bytes header{
      0x08, 0x00, v.version_ihl, 0, 0, 50, 0, 0, high(v.fragment), low(v.fragment), 64, v.proto,
      0,    0};
  header.insert(header.end(), v.from.begin(), v.from.end());
  header.insert(header.end(), v.to.begin(), v.to.end());
  return join({header, rest});
}

inline Bytes ipv6(std::uint8_t next, const Bytes& rest,
                  const std::array<std::uint8_t, 16>& from = kPeer6, std::uint8_t version = 0x60) {
  Bytes header{0x86, 0xdd, version, 0, 0, 0, 0, 50, next, 64};
  header.insert(header.end(), from.begin(), from.end());
  header.insert(header.end(), kLocal6.begin(), kLocal6.end());
  return join({header, rest});
}

inline Bytes udp(unsigned port) {
  return join({{0xc0, 0x01, high(port), low(port), 0, 30, 0, 0}, Bytes(22, 0x5a)});
}

inline Bytes gre() { return join({{0x20, 0, 0x65, 0x58, 0, 0, 0, 7}, Bytes(22, 0x5a)}); }

/// An IPv6 extension header of 8 + 8 * more bytes.
inline Bytes extension(std::uint8_t next, std::uint8_t more = 0) {
  Bytes header(8 + std::size_t{more} * 8, 0);
  header[0] = next;
  header[1] = more;
  return header;
}

inline Bytes authentication(std::uint8_t next, std::uint8_t words_less_2) {
  Bytes header((std::size_t{words_less_2} + 2) * 4, 0);
  header[0] = next;
  header[1] = words_less_2;
  return header;
}

inline Bytes fragment_header(std::uint8_t next, unsigned offset_and_more) {
  return {next, 0, high(offset_and_more), low(offset_and_more), 0, 0, 0, 1};
}

inline Bytes zeros(std::size_t count) { return Bytes(count, 0); }

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

inline adit::SteeringConfig config() {
  adit::SteeringConfig made;
  made.ports.resize(kPorts);
  for (std::uint8_t i = 0; i < kPorts; ++i) {
    made.ports[i].mac.bytes = {2, 0, 0, 0, 0, static_cast<std::uint8_t>(i + 1)};
  }
  made.ports[kUnderlay].takes_tunnels = true;
  made.ports[kAccess].vlans.set(100).set(4094);
  made.ports[kBoth].takes_tunnels = true;
  made.ports[kBoth].vlans.set(0).set(100);
  made.ports[kUntagged].vlans.set(0);
  made.ports[kStacked].vlans.set(7);
  // VID 0 is nothing that a configuration can claim here; the rules must not take it for one.
  made.ports[kStacked].outer_vlans[0].set(0).set(500);
  made.ports[kStacked].outer_vlans[1].set(0).set(600);
  made.ports[kStacked].doubles = {{true, 100, 200}, {false, 100, 201}, {true, 4094, 4094}};
  made.ports[kEverything].any = true;
  made.ports[kEverything].takes_tunnels = true;
  made.ports[kTaggedUnderlay].takes_tunnels = true;
  made.ports[kTaggedUnderlay].tunnel_vlan = 30;
  made.ports[kTaggedUnderlay].vlans.set(0).set(30);
  const IpAddress local4 = IpAddress::v4(kLocal4.data());
  const IpAddress local6 = IpAddress::v6(kLocal6.data());
  made.endpoints = {{local4, IpProto::kUdp, 4789},
                    {local4, IpProto::kGre, 0},
                    {IpAddress::v4(kGreOnly4.data()), IpProto::kGre, 0},
                    {local6, IpProto::kUdp, 4789},
                    {local6, IpProto::kGre, 0}};
  constexpr std::array<std::uint8_t, 4> kNet{203, 0, 113, 0};
  constexpr std::array<std::uint8_t, 4> kHost{198, 51, 100, 66};
  constexpr std::array<std::uint8_t, 16> kNet6{0x20, 0x01, 0x0d, 0xb8, 0x0b, 0xad};
  made.block = {IpPrefix{IpAddress::v4(kNet.data()), 24}, IpPrefix{IpAddress::v4(kHost.data()), 32},
                IpPrefix{IpAddress::v6(kNet6.data()), 48}};
  return made;
}

inline std::vector<Case> cases() {
  std::vector<Case> all;
  add_ipv4(all);
  add_ipv6(all);
  add_tags(all);
  add_stacks(all);
  add_everything(all);
  add_tagged_tunnels(all);
  return all;
}

}  // namespace steer_cases
