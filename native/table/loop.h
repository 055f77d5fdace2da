#pragma once

#include "table/table.h"

namespace adit {

/// Whether a tunnel of `table` would decapsulate what `tunnel` sends, if it came back by any port
/// that takes tunnel packets: type, addresses, UDP port, identifier, source and the receiver's own
/// keys all match. A packet is made and read as every other one, so that no rule stands twice.
[[nodiscard]] bool comes_back(const Table& table, const Tunnel& tunnel) noexcept;

}  // namespace adit
