#pragma once

#include <random>
#include <vector>

#include "steer_cases.h"

/// Random claims and random stacks of tags, and what has to become of them: worked out from how a
/// frame was made, not by reading it.
namespace steer_claims {

using adit::SteeringConfig;
using steer_cases::Bytes;

struct Tag {
  unsigned tpid;
  unsigned vid;
};

enum class Payload { kArp, kForeignTpid, kVxlan, kVxlanBehindOptions, kGre6, kBlocked };

struct Stack {
  std::vector<Tag> tags;
  Payload payload = Payload::kArp;
  bool to_port = true;
  Bytes frame;
};

inline bool holds(const SteeringConfig::Port& port, const Tag& outer, const Tag& inner) {
  for (const SteeringConfig::DoubleTag& tags : port.doubles) {
    const unsigned tpid = tags.service_tpid ? 0x88a8 : 0x8100;
    if (tpid == outer.tpid && tags.outer == outer.vid && tags.inner == inner.vid) return true;
  }
  return false;
}

/// `tags` are those that are there whole; `cut`: the frame ends inside a further one.
inline bool claimed(const SteeringConfig::Port& port, const std::vector<Tag>& tags, bool cut) {
  if (port.any) return true;
  if (!tags.empty() && tags[0].vid != 0) {
    if (port.outer_vlans[tags[0].tpid == 0x88a8 ? 1 : 0][tags[0].vid]) return true;
  }
  if (cut || tags.size() > 2) return false;
  if (tags.empty()) return port.vlans[0];
  if (tags.size() == 1) return tags[0].tpid == 0x8100 && port.vlans[tags[0].vid];
  return tags[1].tpid == 0x8100 && holds(port, tags[0], tags[1]);
}

/// How many bytes of the payload, behind its EtherType, have to be there to know it for a tunnel's.
inline std::size_t needed_of(Payload payload) {
  switch (payload) {
    case Payload::kVxlan:
      return 24;
    case Payload::kVxlanBehindOptions:
      return 28;
    case Payload::kGre6:
      return 40;
    default:
      return 0;
  }
}

/// What the rules have to make of the first `bytes` bytes of the frame on this port.
inline steer_verdict expected(const SteeringConfig::Port& port, const Stack& stack,
                              std::size_t bytes) {
  if (bytes < 14) return STEER_PASS;
  std::vector<Tag> whole = stack.tags;
  if (whole.size() > (bytes - 14) / 4) whole.resize((bytes - 14) / 4);
  const bool cut = whole.size() < stack.tags.size();
  const std::size_t behind = bytes - 14 - 4 * whole.size();
  if (!cut && whole.size() <= 2 && stack.payload == Payload::kBlocked && behind >= 20) {
    return STEER_BLOCKED;
  }
  const bool tagged = whole.size() == 1 && whole[0].tpid == 0x8100 && whole[0].vid != 0;
  const bool fits =
      port.tunnel_vlan == 0 ? whole.empty() : tagged && whole[0].vid == port.tunnel_vlan;
  const std::size_t needed = needed_of(stack.payload);
  if (port.takes_tunnels && stack.to_port && fits && !cut && needed > 0 && behind >= needed) {
    return STEER_TUNNEL;
  }
  return claimed(port, whole, cut) ? STEER_ATTACHMENT : STEER_PASS;
}

/// Makes stacks and claims out of so few VIDs that they meet often.
class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  /// A port like that of `steer_cases::config()` with this index, with other claims.
  SteeringConfig::Port port(std::size_t index) {
    SteeringConfig::Port port;
    port.mac = steer_cases::config().ports[index].mac;
    port.any = one_in(8);
    port.takes_tunnels = one_in(2);
    port.tunnel_vlan = one_in(2) ? 0 : kVids[1 + pick(3)];
    for (const std::uint16_t vid : kVids) {
      if (one_in(3)) port.vlans.set(vid);
      if (one_in(6)) port.outer_vlans[pick(2)].set(vid);
    }
    for (unsigned i = pick(12); i > 0; --i) {
      port.doubles.push_back({one_in(2), kVids[1 + pick(4)], kVids[1 + pick(4)]});
    }
    return port;
  }

  Stack stack(std::size_t port) {
    Stack made;
    Bytes rest;
    for (unsigned i = pick(2) + pick(4); i > 0; --i) {
      made.tags.push_back({one_in(3) ? 0x88a8U : 0x8100U, kVids[pick(kVids.size())]});
      const unsigned priority = one_in(2) ? pick(16) << 12 : 0;
      rest = steer_cases::join(
          {rest, steer_cases::tag(made.tags.back().tpid, priority | made.tags.back().vid)});
    }
    made.payload = static_cast<Payload>(pick(6));
    made.to_port = !one_in(6);
    made.frame = steer_cases::ethernet(made.to_port ? port : port + 1,
                                       steer_cases::join({rest, payload_of(made.payload)}));
    return made;
  }

  unsigned pick(std::size_t below) { return static_cast<unsigned>(random_() % below); }

 private:
  static constexpr std::array<std::uint16_t, 6> kVids{0, 1, 64, 100, 4094, 4095};

  bool one_in(unsigned count) { return pick(count) == 0; }

  static Bytes payload_of(Payload payload) {
    using namespace steer_cases;
    switch (payload) {
      case Payload::kForeignTpid:
        return join({tag(0x9100, 100), {0x08, 0x06}, zeros(42)});
      case Payload::kVxlan:
        return ipv4({}, udp(4789));
      case Payload::kVxlanBehindOptions:
        return ipv4({.version_ihl = 0x46}, join({zeros(4), udp(4789)}));
      case Payload::kGre6:
        return ipv6(47, gre());
      case Payload::kBlocked:
        return ipv4({.from = kBlocked4}, udp(4789));
      default:
        return join({{0x08, 0x06}, zeros(46)});
    }
  }

  std::mt19937 random_;
};

/// Two tags of which there are `count` different ones.
inline std::vector<SteeringConfig::DoubleTag> many_doubles(std::uint32_t count) {
  std::vector<SteeringConfig::DoubleTag> doubles;
  doubles.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    doubles.push_back({i % 2 == 0, static_cast<std::uint16_t>(1 + i / 2 % 4094),
                       static_cast<std::uint16_t>(1 + i / 2 / 4094 * 3)});
  }
  return doubles;
}

inline Bytes frame_of(const SteeringConfig::DoubleTag& tags) {
  using namespace steer_cases;
  return ethernet(0, join({tag(tags.service_tpid ? 0x88a8 : 0x8100, tags.outer),
                           tag(0x8100, tags.inner),
                           {0x08, 0x06},
                           zeros(46)}));
}

}  // namespace steer_claims
