#pragma once

#include <cstdint>

namespace adit {

/// Where what a member receives goes when neither end of its cross-connect has a key that asks for
/// more than pushing and popping headers, and what is pushed then; kNone: one has.
enum class FastWay : std::uint8_t {
  kNone,
  kToAttachment,
  /// Into a tunnel: outer IPv4 or IPv6, then UDP, GRE, or GRE with a flow in its key (NVGRE).
  kToIpv4Udp,
  kToIpv4Gre,
  kToIpv4Nvgre,
  kToIpv6Udp,
  kToIpv6Gre,
  kToIpv6Nvgre,
};

}  // namespace adit
