#pragma once

#include <napi.h>

namespace adit::binding {

/// `class DataPath`: `new DataPath(table, seed, onEvent)`, `start`, `stop` and what `show` asks;
/// see native/addon.ts.
[[nodiscard]] Napi::Function data_path_class(Napi::Env env);

/// `notifySystemd(state)`.
[[nodiscard]] Napi::Function notify_function(Napi::Env env);
/// `restoreFeatures(interface, features)`.
[[nodiscard]] Napi::Function restore_features_function(Napi::Env env);

}  // namespace adit::binding
