#include "binding/drop_reasons.h"

#include "packet/drop_reason.h"

namespace adit::binding {

Napi::Array drop_reasons(Napi::Env env) {
  Napi::Array list = Napi::Array::New(env, kDropReasonCount);
  for (std::uint32_t i = 0; i < kDropReasonCount; ++i) {
    const auto reason = static_cast<DropReason>(i);
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("word", drop_reason_word(reason));
    entry.Set("meaning", drop_reason_meaning(reason));
    list.Set(i, entry);
  }
  return list;
}

}  // namespace adit::binding
