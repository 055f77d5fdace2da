#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

#include "table/tunnel.h"

namespace adit {

/// What tells the tunnels of one gateway apart, beside the source.
struct TunnelIdentity {
  std::uint32_t endpoint = 0;
  std::uint32_t id = 0;
  IdKind id_kind = IdKind::kNone;
  auto operator<=>(const TunnelIdentity&) const = default;
};

/// Which tunnel of an identity a source prefix belongs to. Prefixes of one
/// identity do not overlap.
class SourceRanges {
 public:
  void add(const TunnelIdentity& identity, const IpPrefix& prefix, std::uint32_t tunnel);
  /// To be called once, after the last `add`.
  void sort();

  [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }
  [[nodiscard]] std::optional<std::uint32_t> find(const TunnelIdentity& identity,
                                                  const IpAddress& source) const noexcept;

 private:
  struct Range {
    TunnelIdentity identity;
    IpAddress first;
    IpPrefix prefix;
    std::uint32_t tunnel;
  };
  std::vector<Range> ranges_;
};

}  // namespace adit
