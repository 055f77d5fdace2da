#pragma once

#include <napi.h>

namespace adit::binding {

/// `[{ word, meaning }]` in the order of the list.
[[nodiscard]] Napi::Array drop_reasons(Napi::Env env);

}  // namespace adit::binding
