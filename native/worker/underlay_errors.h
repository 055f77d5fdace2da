#pragma once

#include <cstdint>

#include "table/quote.h"
#include "table/table.h"
#include "worker/egress.h"
#include "worker/environment.h"
#include "worker/trace.h"

namespace adit {

/// What ICMP errors about tunnels change. One is believed only when it quotes a packet that a
/// tunnel sends: addresses, type, identifier and source port. Such a one is consumed; the others
/// are dropped under the reason that a tunnel packet with that fault has.
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

  const PathEnvironment& env_;
  Egress& egress_;
  /// Null but for `explain`.
  Trace* trace_ = nullptr;
};

}  // namespace adit
