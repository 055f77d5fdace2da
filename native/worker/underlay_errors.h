#pragma once

#include <cstdint>
#include <optional>

#include "service/icmp_error.h"
#include "table/path_advice.h"
#include "table/quote.h"
#include "table/table.h"
#include "worker/egress.h"
#include "worker/environment.h"
#include "worker/trace.h"

namespace adit {

/// What ICMP errors about tunnels change. One is believed only when it quotes a packet that a
/// tunnel sends: addresses, type, identifier and source port. Such a one is consumed, and the
/// sender of the inner packet is told what it means (RFC 2003 §4, RFC 2473 §8) where the quote
/// shows enough of that; the others are dropped under the reason that a tunnel packet with that
/// fault has.
class UnderlayErrors {
 public:
  UnderlayErrors(const PathEnvironment& environment, Egress& egress)
      : env_(environment), egress_(egress) {}

  void record(Trace* trace) noexcept { trace_ = trace; }

  /// \param packet an ICMP message from its Ethernet header on, and `outer` what `read_outer` read
  /// of it.
  void take(const Table& table, const Packet& packet, const OuterPacket& outer,
            std::uint64_t now_ns) noexcept;

 private:
  /// Finds the tunnel that sent the quoted packet.
  SentMap::Match believe(const Table& table, const Packet& packet, const OuterPacket& outer,
                         UnderlayError& error) noexcept;
  void learn(const Table& table, std::uint32_t tunnel, const UnderlayError& error,
             std::uint64_t now_ns) noexcept;

  /// Makes of the frame the message to the inner sender, and sends it. False, with the frame still
  /// the caller's, where nothing is to be told.
  bool relay(const Table& table, const SentMap::Match& match, const UnderlayError& error,
             const Packet& packet, std::uint64_t now_ns) noexcept;
  bool not_told(const char* why) noexcept;
  [[nodiscard]] std::optional<IcmpError> message_of(const Tunnel& tunnel, const PathAdvice& advice,
                                                    const Packet& packet, const InnerFrame& inner,
                                                    std::uint64_t now_ns) const noexcept;

  const PathEnvironment& env_;
  Egress& egress_;
  /// Null but for `explain`.
  Trace* trace_ = nullptr;
};

}  // namespace adit
