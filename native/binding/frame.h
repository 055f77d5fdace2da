#pragma once

#include <napi.h>

namespace adit::binding {

/// `class Frame`: a packet with headroom, and push and pop of each header; see native/frame.ts.
[[nodiscard]] Napi::Function frame_class(Napi::Env env);

}  // namespace adit::binding
