#pragma once

#include <napi.h>

namespace adit::binding {

/// `class Replay`: `new Replay(table, seed, inputs, directory)`, `step(frames)`, `finish()`,
/// `totals()`; see native/index.ts.
[[nodiscard]] Napi::Function replay_class(Napi::Env env);

}  // namespace adit::binding
