#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "packet/drop_reason.h"
#include "packet/mix.h"
#include "table/quote.h"
#include "table/tunnel.h"
#include "table/tunnel_map.h"

namespace adit {

/// Finds the tunnel that sent a packet, by what stands in the packet: endpoint, remote, identifier
/// sent, tunnel header and source port. For ICMP errors, which are rare: it is small (4 bytes a
/// place, at most two of three taken) rather than fast. Built once, never changed.
class SentMap {
 public:
  /// \param tunnels stays alive and unchanged as long as the map.
  SentMap(std::span<const Tunnel> tunnels, const HashSeed& seed);

  struct Match {
    /// kNone where a tunnel was found.
    DropReason reason = DropReason::kNone;
    std::uint32_t tunnel = 0;
    /// Another tunnel sends packets that look the same, so whose packet it was is not known; the
    /// way that it took is.
    bool is_shared = false;
  };

  /// \param received knows the identifiers of each endpoint. \param unknown_id the type's reason
  /// for one that it does not know. \returns that reason, or k_peer_not_allowed where the
  /// identifier is known but no tunnel sends it to that remote, with that header and source port.
  [[nodiscard]] Match find(const Quote& quote, const TunnelMap& received,
                           DropReason unknown_id) const noexcept;

 private:
  static constexpr std::uint32_t kEmpty = 0xffffffff;
  static constexpr std::uint32_t kShared = 0x80000000;

  [[nodiscard]] std::uint64_t hash_of(const TunnelIdentity& identity,
                                      const IpAddress& remote) const noexcept;
  /// A tunnel that is to be inserted, and what finds its place.
  struct Sender {
    std::uint32_t index = kEmpty;
    TunnelIdentity identity;
    std::uint64_t hash = 0;
  };
  [[nodiscard]] Sender sender_of(std::uint32_t index) const noexcept;
  void insert_all() noexcept;
  void insert(const Sender& sender) noexcept;
  /// Place of the first tunnel of that identity and remote from `at` on; an empty one without.
  [[nodiscard]] std::uint64_t seek(std::uint64_t at, const TunnelIdentity& identity,
                                   const IpAddress& remote) const noexcept;
  [[nodiscard]] Match find_identity(const TunnelIdentity& identity,
                                    const Quote& quote) const noexcept;
  [[nodiscard]] const Tunnel& tunnel_at(std::uint64_t place) const noexcept {
    return tunnels_[slots_[place] & ~kShared];
  }

  std::span<const Tunnel> tunnels_;
  HashSeed seed_;
  std::uint64_t mask_ = 0;
  std::vector<std::uint32_t> slots_;
};

}  // namespace adit
