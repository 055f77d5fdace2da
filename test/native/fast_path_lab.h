#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "pipeline_lab.h"

/// Tables that the fast path takes, frames for them, and ways to send these through.
namespace fast_path_lab {

using namespace pipeline_lab;
using adit::FastWay;
using bytes::from_hex;

inline adit::MemberSpec attached(std::uint32_t peer, adit::TagMatch match, std::uint16_t outer = 0,
                                 std::uint16_t inner = 0,
                                 adit::EtherType tpid = adit::EtherType::kVlan) {
  return {.tenant = 0,
          .peer = peer,
          .kind = adit::AttachmentSpec{.port = kAccess,
                                       .match = match,
                                       .outer_tpid = tpid,
                                       .outer = outer,
                                       .inner = inner,
                                       .pcp = std::uint8_t{3}}};
}

/// One end of a tunnel; the other end has the addresses the other way round.
inline adit::MemberSpec end_of(std::uint32_t self, std::uint32_t peer, bool is_far, bool is_ipv6,
                               adit::TunnelSpec spec) {
  adit::IpAddress local = is_ipv6 ? kLocal6 : kLocal4;
  adit::IpAddress remote = is_ipv6 ? kRemote6 : kRemote4;
  if (is_far) std::swap(local, remote);
  spec.local = local;
  spec.remote = remote;
  spec.next_hop = hop_of(self);
  spec.accept_zero_checksum = is_ipv6;
  return {.tenant = 0, .peer = peer, .kind = spec};
}

inline adit::TunnelSpec of_type(adit::TunnelType type, std::uint32_t id) {
  adit::TunnelSpec spec;
  spec.type = type;
  spec.send_id = id;
  spec.receive_id = id;
  if (type == adit::TunnelType::kVxlan) spec.udp_port = 4789;
  if (type == adit::TunnelType::kGeneve) spec.udp_port = 6081;
  return spec;
}

/// Cross-connects of all kinds that the fast path takes. \param is_far the other end of the
/// tunnels.
inline adit::TableSpec plain_spec(bool is_far) {
  using enum adit::TagMatch;
  using enum adit::TunnelType;
  const auto tunnel = [is_far](std::uint32_t self, std::uint32_t peer, bool is_ipv6,
                               adit::TunnelType type, std::uint32_t id) {
    return end_of(self, peer, is_far, is_ipv6, of_type(type, id));
  };
  adit::TableSpec spec;
  spec.ports = {adit::PortSpec{}, adit::PortSpec{.takes_tunnels = true}};
  spec.members = {attached(1, kDouble, 10, 20, adit::EtherType::kServiceVlan),
                  tunnel(1, 0, false, kVxlan, 5),
                  attached(3, kSingle, 300),
                  tunnel(3, 2, true, kVxlan, 6),
                  attached(5, kDouble, 11, 21),
                  tunnel(5, 4, false, kNvgre, 4097),
                  attached(7, kSingle, 301),
                  tunnel(7, 6, false, kGeneve, 7),
                  attached(9, kSingle, 20),
                  attached(8, kDouble, 30, 40),
                  tunnel(10, 11, false, kVxlan, 8),
                  tunnel(11, 10, true, kGre, 9)};
  spec.tenants = kTenants;
  spec.next_hops = kHops;
  spec.seed = adit::HashSeed::from(1);
  return spec;
}

inline adit::TableSpec untagged_spec(bool is_far) {
  adit::TableSpec spec = plain_spec(is_far);
  spec.members = {attached(1, adit::TagMatch::kUntagged),
                  end_of(1, 0, is_far, false, of_type(adit::TunnelType::kGre, 3))};
  return spec;
}

/// Inner frames behind the MAC addresses: TCP without payload, UDP with ECT(0), a fragment, one
/// with an option, ICMP, IPv6 with UDP and with ICMPv6, ARP, an EtherType of nobody.
inline const char* const kPayloads[] = {
    "080045000028000140004006265e0a0000010a00000204570050000000010000000250102000acb20000",
    "08004502002c0002000040116a720a0000010a000002003500350018000074686973206973206461746120686572",
    "080045000024000320ff40114a7b0a0000010a000002003500350010000061626364656667686970",
    "08004600002800040000401165680a0000010a00000200000000003500350010000061626364656667686970",
    "080045000024000500004001667d0a0000010a00000208000000000100016162636465666768",
    "86dd60300000000c11403ffe0000000000000000000000000001fd0000000000000000000000000000020035003500"
    "0c000061626364",
    "86dd600000000008"
    "3a40fe800000000000000000000000000001fe80000000000000000000000000000280000000"
    "00010001",
    "08060001080006040001020000000a010a000001000000000000"
    "0a000002",
    "88cc0207040200000000010403050100"};

inline Bytes frame_of(std::string_view tags, std::string_view payload) {
  const std::string macs = "020000000b02020000000a01";
  return from_hex(macs + std::string(tags) + std::string(payload));
}

/// What came out of a lab, and what was counted.
struct Outcome {
  std::vector<Bytes> access;
  std::vector<Bytes> underlay;
  Drops drops;
  std::vector<std::uint64_t> counts;

  [[nodiscard]] bool operator==(const Outcome&) const = default;
};

inline Outcome run(const adit::TableSpec& spec, std::size_t port, const std::vector<Bytes>& frames,
                   bool is_general) {
  Lab lab({}, {0, 0}, 512, spec);
  adit::Trace trace;
  if (is_general) lab.pipeline.record(&trace);
  for (std::size_t first = 0; first < frames.size(); first += adit::kBurst) {
    const auto begin = frames.begin() + static_cast<std::ptrdiff_t>(first);
    const std::size_t count = std::min(adit::kBurst, frames.size() - first);
    lab.receive(port, {begin, begin + static_cast<std::ptrdiff_t>(count)});
    lab.access.complete();
    lab.underlay.complete();
  }
  Outcome outcome{lab.access.sent, lab.underlay.sent, lab.drops(), {}};
  for (std::size_t i = 0; i < spec.members.size(); ++i) {
    const adit::MemberCounters& member = lab.counters.members[i];
    for (const adit::Counter* counter :
         {&member.rx_packets, &member.rx_bytes, &member.tx_packets, &member.tx_bytes}) {
      outcome.counts.push_back(counter->get());
    }
  }
  return outcome;
}

/// Both paths come to the same, in the same order. \returns what it was.
inline Outcome run_both(const adit::TableSpec& spec, std::size_t port,
                        const std::vector<Bytes>& frames) {
  Outcome fast = run(spec, port, frames, false);
  const Outcome general = run(spec, port, frames, true);
  CHECK(fast.access == general.access);
  CHECK(fast.underlay == general.underlay);
  CHECK(fast.drops == general.drops);
  CHECK(fast.counts == general.counts);
  return fast;
}

inline std::vector<Bytes> access_frames() {
  std::vector<Bytes> frames;
  for (const char* payload : kPayloads) {
    for (const char* tags : {"88a8000a81000014", "8100012c", "8100000b81000015", "8100e12d",
                             "81000014", "8100001e81000028", "", "81000000"}) {
      frames.push_back(frame_of(tags, payload));
    }
  }
  return frames;
}

/// A fast path with no pipeline behind it.
class Alone {
 public:
  explicit Alone(const adit::TableSpec& spec) : lab_({}, {0, 0}, 512, spec) {}

  /// Whether it takes the frame; then the frame is queued for sending.
  [[nodiscard]] bool takes(std::size_t port, const Bytes& frame) {
    const adit::Packet packet = packet_of(frame);
    path_.look_at_ports();
    const bool is_taken = port == kAccess ? takes_attached(packet) : takes_tunneled(packet);
    CHECK(egress_.frames_in_hand() == (is_taken ? 1 : 0));
    egress_.flush(lab_.table);
    return is_taken;
  }

  /// How many frames of one burst are sent between attachments before they are looked up one by
  /// one.
  [[nodiscard]] std::size_t crosses(std::span<const Bytes> frames) {
    std::vector<adit::Packet> packets;
    for (const Bytes& frame : frames) packets.push_back(packet_of(frame));
    path_.look_at_ports();
    const std::size_t sent = path_.forward_crossing(lab_.table, kAccess, packets);
    egress_.flush(lab_.table);
    lab_.underlay.complete();
    for (const adit::Packet& packet : std::span(packets).subspan(sent)) lab_.pool.give(packet);
    return sent;
  }

  /// What is found of the frames of one burst: where each came in and what of it is the inner
  /// frame; nothing of those left to the pipeline.
  using Found = std::vector<std::array<std::uint32_t, 4>>;
  [[nodiscard]] Found find(std::size_t port, std::span<const Bytes> frames) {
    std::vector<adit::Packet> packets;
    for (const Bytes& frame : frames) packets.push_back(packet_of(frame));
    adit::FastBurst burst;
    if (port == kAccess) {
      path_.find_claims(lab_.table, kAccess, packets, burst);
    } else {
      path_.find_arrivals(lab_.table, kUnderlay, packets, burst);
    }
    Found found;
    for (std::size_t i = 0; i < packets.size(); ++i) {
      found.push_back({burst.from[i], 0, 0, 0});
      if (burst.has(i)) found.back()[1] = burst.inner[i];
      if (burst.has(i) && port == kUnderlay) {
        found.back()[2] = burst.begin[i];
        found.back()[3] = burst.size[i];
      }
      lab_.pool.give(packets[i]);
    }
    return found;
  }

 private:
  [[nodiscard]] adit::Packet packet_of(const Bytes& frame) {
    const adit::Packet packet = lab_.pool.take_packet();
    std::ranges::copy(frame, packet.data());
    const auto size = static_cast<std::uint32_t>(frame.size());
    return lab_.pool.packet_at(lab_.pool.address_of(packet), size);
  }
  [[nodiscard]] bool takes_attached(const adit::Packet& packet) {
    adit::FastBurst claims;
    path_.find_claims(lab_.table, kAccess, {&packet, 1}, claims);
    return claims.has(0) && path_.forward_claims(lab_.table, kAccess, {&packet, 1}, claims, 0) == 1;
  }
  [[nodiscard]] bool takes_tunneled(const adit::Packet& packet) {
    adit::FastBurst arrivals;
    path_.find_arrivals(lab_.table, kUnderlay, {&packet, 1}, arrivals);
    return arrivals.has(0) &&
           path_.forward_arrivals(lab_.table, kUnderlay, {&packet, 1}, arrivals, 0) == 1;
  }

  Lab lab_;
  adit::PathEnvironment environment_{
      lab_.pool, {&lab_.access, &lab_.underlay}, {0, 0}, lab_.counters, lab_.shared};
  adit::Egress egress_{environment_};
  adit::FastPath path_{environment_, egress_};
};

/// Each frame again with one byte changed, or cut short.
inline std::vector<Bytes> broken(const std::vector<Bytes>& frames, std::size_t times) {
  std::mt19937 random(1);
  std::vector<Bytes> all;
  for (std::size_t i = 0; i < times; ++i) {
    for (Bytes frame : frames) {
      const std::size_t at = random() % std::min<std::size_t>(frame.size(), 110);
      if (random() % 8 == 0) {
        frame.resize(at);
      } else {
        frame[at] = static_cast<std::uint8_t>(random());
      }
      all.push_back(frame);
    }
  }
  return all;
}

}  // namespace fast_path_lab
