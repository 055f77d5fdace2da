#pragma once

#include <napi.h>

#include "worker/totals.h"

namespace adit::binding {

/// `{ ports: [{ received, sent, kernel }], members: [{ rxPackets, rxBytes, txPackets, txBytes }],
/// tenantDrops: [{ [reason]: count }], drops: { [reason]: count }, generated, consumed }`; reasons
/// with count 0 are left out.
[[nodiscard]] Napi::Object from_totals(Napi::Env env, const Totals& totals);

}  // namespace adit::binding
