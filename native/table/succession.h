#pragma once

#include "table/table.h"

namespace adit {

/// Whether `next` may take the place of `before` while packets are on their way.
///
/// What stands beside the table, and what waits for a neighbor, names members, tenants, ports and
/// next hops by index. So those are the same ones in the same order, each member still has its
/// tenant and its other end, and a tunnel still carries frames, or IP packets. All else of a tunnel
/// or an attachment may differ. One pass over the members, unless the tables share them.
[[nodiscard]] bool may_follow(const Table& next, const Table& before) noexcept;

}  // namespace adit
