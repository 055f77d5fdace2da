#include <napi.h>

#include "binding/data_path.h"
#include "binding/drop_reasons.h"
#include "binding/frame.h"
#include "binding/replay.h"

namespace {

Napi::Object exports_of(Napi::Env env, Napi::Object exports) {
  exports.Set("Frame", adit::binding::frame_class(env));
  exports.Set("Replay", adit::binding::replay_class(env));
  exports.Set("DataPath", adit::binding::data_path_class(env));
  exports.Set("notifySystemd", adit::binding::notify_function(env));
  exports.Set("restoreFeatures", adit::binding::restore_features_function(env));
  exports.Set("dropReasons", adit::binding::drop_reasons(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(adit, exports_of)
