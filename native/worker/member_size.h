#pragma once

#include <optional>
#include <vector>

#include "table/next_hop.h"
#include "table/size_limit.h"
#include "table/table.h"
#include "worker/port_status.h"

namespace adit {

/// What fits a member's way out now, for people.
struct MemberSize {
  /// Largest inner IP packet, with the tags that are always kept inside; none where there is no way
  /// out.
  std::optional<std::uint32_t> inner_mtu;
  SizeSource source = SizeSource::kNextHop;
};

/// By member.
[[nodiscard]] std::vector<MemberSize> member_sizes(const Table& table, const NextHopTable& hops,
                                                   const PortStatusList& ports,
                                                   std::uint64_t now_ns);

/// The words for what sets a limit, such as "the port".
[[nodiscard]] const char* size_source_words(SizeSource source) noexcept;

}  // namespace adit
