#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace adit {

/// How an interface spreads what it receives over its RX queues (RSS), as far as the driver tells.
struct RxSpread {
  /// Queues that flows are spread over, ascending; empty: not told.
  std::vector<std::uint32_t> queues;
  /// Whether UDP ports take part in it, over IPv4 and IPv6; nothing: not told. A tunnel's packets
  /// differ by their source port alone.
  std::optional<bool> udp4_ports = std::nullopt;
  std::optional<bool> udp6_ports = std::nullopt;
};

/// Asks in this thread's network namespace. \throws Failure ADIT-2110 when no socket can be had.
[[nodiscard]] RxSpread read_rx_spread(const std::string& interface);

/// Why `workers` workers that own `queues` queues would not share what is received; empty when they
/// would, or when the driver does not tell.
/// \param takes_tunnels the port receives tunnel packets.
struct SpreadFault {
  std::string what;
  /// The command that mends it.
  std::string fix;
};
[[nodiscard]] std::vector<SpreadFault> spread_faults(const RxSpread& spread,
                                                     const std::string& interface,
                                                     std::uint32_t queues, std::uint32_t workers,
                                                     bool takes_tunnels);

}  // namespace adit
