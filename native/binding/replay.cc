#include "binding/replay.h"

#include <algorithm>

#include "binding/spec_reader.h"
#include "binding/totals_writer.h"
#include "binding/values.h"
#include "worker/replay.h"

namespace adit::binding {
namespace {

std::uint64_t to_seed(const Napi::Value& value) {
  bool lossless = false;
  return value.As<Napi::BigInt>().Uint64Value(&lossless);
}

Napi::Object from_step(Napi::Env env, const TraceStep& step) {
  Napi::Object fields = Napi::Object::New(env);
  for (const auto& [key, value] : step.fields) fields.Set(key, value);
  Napi::Object object = Napi::Object::New(env);
  object.Set("name", step.name);
  object.Set("fields", fields);
  if (step.member != kNoMember) object.Set("member", step.member);
  if (step.port >= 0) object.Set("port", step.port);
  if (!step.bytes.empty()) {
    Napi::Uint8Array bytes = Napi::Uint8Array::New(env, step.bytes.size());
    std::copy(step.bytes.begin(), step.bytes.end(), bytes.Data());
    object.Set("bytes", bytes);
  }
  return object;
}

class ReplayObject : public Napi::ObjectWrap<ReplayObject> {
 public:
  explicit ReplayObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ReplayObject>(info) {
    std::vector<ReplayInput> inputs;
    const auto list = info[2].As<Napi::Array>();
    for (std::uint32_t i = 0; i < list.Length(); ++i) {
      const auto input = list.Get(i).As<Napi::Object>();
      inputs.push_back({to_u32(input.Get("port")), to_string(input.Get("path"))});
    }
    with_errors(info.Env(), [&] {
      const GatewaySpec spec = read_spec(info[0].As<Napi::Object>(), to_seed(info[1]));
      for (const ReplayInput& input : inputs) {
        if (input.port >= spec.ports.size()) {
          throw Napi::RangeError::New(info.Env(), "an input names a port that does not exist");
        }
      }
      replay_ = std::make_unique<adit::Replay>(spec, inputs, to_string(info[3]));
    });
  }

  Napi::Value step(const Napi::CallbackInfo& info) {
    const bool more = with_errors(info.Env(), [&] { return replay_->step(to_u32(info[0])); });
    return Napi::Boolean::New(info.Env(), more);
  }

  Napi::Value record(const Napi::CallbackInfo& info) {
    replay_->record();
    return info.Env().Undefined();
  }

  Napi::Value trace(const Napi::CallbackInfo& info) {
    Napi::Array list = Napi::Array::New(info.Env());
    for (const TraceStep& step : replay_->trace().steps()) {
      list.Set(list.Length(), from_step(info.Env(), step));
    }
    return list;
  }

  Napi::Value finish(const Napi::CallbackInfo& info) {
    with_errors(info.Env(), [&] { replay_->finish(); });
    return info.Env().Undefined();
  }

  Napi::Value totals(const Napi::CallbackInfo& info) {
    return from_totals(info.Env(), replay_->totals());
  }

 private:
  std::unique_ptr<adit::Replay> replay_;
};

}  // namespace

Napi::Function replay_class(Napi::Env env) {
  using Object = ReplayObject;
  return Object::DefineClass(env, "Replay",
                             {Object::InstanceMethod<&Object::step>("step"),
                              Object::InstanceMethod<&Object::record>("record"),
                              Object::InstanceMethod<&Object::trace>("trace"),
                              Object::InstanceMethod<&Object::finish>("finish"),
                              Object::InstanceMethod<&Object::totals>("totals")});
}

}  // namespace adit::binding
