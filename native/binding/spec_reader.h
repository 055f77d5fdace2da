#pragma once

#include <napi.h>

#include "worker/gateway_spec.h"

namespace adit::binding {

/// Reads a `PackedTable` (native/packed-table.ts). \param seed of the flow hash and the tables.
[[nodiscard]] GatewaySpec read_spec(const Napi::Object& table, std::uint64_t seed);

}  // namespace adit::binding
