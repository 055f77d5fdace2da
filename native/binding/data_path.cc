#include "binding/data_path.h"

#include <optional>

#include "binding/event_bridge.h"
#include "binding/spec_reader.h"
#include "binding/totals_writer.h"
#include "binding/values.h"
#include "worker/data_path.h"
#include "worker/notify.h"

namespace adit::binding {
namespace {

DataPathOptions read_options(const Napi::CallbackInfo& info) {
  const auto table = info[0].As<Napi::Object>();
  bool lossless = false;
  const std::uint64_t seed = info[1].As<Napi::BigInt>().Uint64Value(&lossless);
  DataPathOptions options{read_spec(table, seed), 0, {}};
  const Napi::Value workers = table.Get("workers");
  if (workers.IsNumber()) options.workers = to_u32(workers);
  if (workers.IsObject()) {
    const auto cpus = workers.As<Napi::Object>().Get("cpus").As<Napi::Array>();
    for (std::uint32_t i = 0; i < cpus.Length(); ++i) options.cpus.push_back(to_u32(cpus.Get(i)));
  }
  return options;
}

Napi::Object from_port(Napi::Env env, const PortView& view) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("interface", view.interface.name);
  object.Set("ifindex", view.interface.ifindex);
  object.Set("mac", from_mac(env, view.state.mac));
  object.Set("mtu", view.state.mtu);
  object.Set("tunnelVlan", view.state.tunnel.vlan);
  object.Set("present", view.state.present);
  object.Set("up", view.state.up);
  object.Set("driver", view.interface.driver);
  object.Set("queues", view.queues);
  object.Set("xdpMode", view.attachment.native ? "native" : "generic");
  if (!view.attachment.native_refusal.empty()) {
    object.Set("nativeRefusal", view.attachment.native_refusal);
  }
  object.Set("zeroCopy", view.zero_copy);
  if (!view.zero_copy_refusal.empty()) object.Set("zeroCopyRefusal", view.zero_copy_refusal);
  object.Set("frameSize", view.frame_size);
  object.Set("multiBuffer", view.multi_buffer);
  object.Set("busyPoll", view.busy_poll);
  if (!view.busy_poll_refusal.empty()) object.Set("busyPollRefusal", view.busy_poll_refusal);
  if (!view.spread.queues.empty()) {
    Napi::Array queues = Napi::Array::New(env);
    for (const std::uint32_t queue : view.spread.queues) queues.Set(queues.Length(), queue);
    object.Set("rss", queues);
  }
  Napi::Array faults = Napi::Array::New(env);
  for (const SpreadFault& fault : view.spread_faults) {
    Napi::Object one = Napi::Object::New(env);
    one.Set("what", fault.what);
    one.Set("fix", fault.fix);
    faults.Set(faults.Length(), one);
  }
  object.Set("rssFaults", faults);
  Napi::Array features = Napi::Array::New(env);
  for (const std::string& feature : view.features_off) features.Set(features.Length(), feature);
  object.Set("featuresOff", features);
  object.Set("rxDropped", from_count(env, view.sockets.rx_dropped));
  object.Set("rxRingFull", from_count(env, view.sockets.rx_ring_full));
  object.Set("rxFillRingEmpty", from_count(env, view.sockets.rx_fill_ring_empty));
  object.Set("rxInvalid", from_count(env, view.sockets.rx_invalid));
  object.Set("txInvalid", from_count(env, view.sockets.tx_invalid));
  return object;
}

Napi::Object from_next_hop(Napi::Env env, const NextHopView& view) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("status", next_hop_word(view.hop.status));
  object.Set("port", view.hop.port);
  object.Set("source", from_mac(env, view.hop.source));
  object.Set("destination", from_mac(env, view.hop.destination));
  object.Set("mtu", view.hop.mtu);
  if (view.path_mtu != 0) {
    Napi::Object path = Napi::Object::New(env);
    path.Set("mtu", view.path_mtu);
    path.Set("secondsLeft", from_count(env, view.path_mtu_seconds_left));
    object.Set("path", path);
  }
  if (view.last_error.count != 0) {
    Napi::Object error = Napi::Object::New(env);
    error.Set("type", view.last_error.type);
    error.Set("code", view.last_error.code);
    error.Set("count", from_count(env, view.last_error.count));
    error.Set("secondsAgo", from_count(env, view.last_error_seconds_ago));
    object.Set("lastError", error);
  }
  return object;
}

Napi::Object from_worker(Napi::Env env, const Worker& worker) {
  const FrameSnapshot snapshot = worker.frames();
  Napi::Object frames = Napi::Object::New(env);
  frames.Set("total", from_count(env, snapshot.total));
  frames.Set("free", from_count(env, snapshot.free));
  frames.Set("fill", from_count(env, snapshot.ports.fill));
  frames.Set("rx", from_count(env, snapshot.ports.rx));
  frames.Set("held", from_count(env, snapshot.held));
  frames.Set("tx", from_count(env, snapshot.ports.tx));
  frames.Set("completion", from_count(env, snapshot.ports.completion));
  Napi::Object object = Napi::Object::New(env);
  object.Set("cpu", worker.cpu() ? static_cast<double>(*worker.cpu()) : -1.0);
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  const CounterArray<PortCounters>& ports = worker.counters().ports;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    received += ports[i].received.get();
    sent += ports[i].sent.get();
  }
  object.Set("received", from_count(env, received));
  object.Set("sent", from_count(env, sent));
  object.Set("frames", frames);
  object.Set("loops", from_count(env, worker.loops()));
  object.Set("busyLoops", from_count(env, worker.busy_loops()));
  object.Set("heartbeatMs", from_count(env, worker.silent_ms()));
  return object;
}

class DataPathObject : public Napi::ObjectWrap<DataPathObject> {
 public:
  explicit DataPathObject(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<DataPathObject>(info), events_(info.Env(), info[2].As<Napi::Function>()) {
    with_errors(info.Env(), [&] {
      path_ = std::make_unique<DataPath>(
          read_options(info), [this](const UnderlayEvent& event) { events_.tell(event); });
    });
  }

  Napi::Value start(const Napi::CallbackInfo& info) {
    with_errors(info.Env(), [&] { path_->start(); });
    return info.Env().Undefined();
  }
  Napi::Value stop(const Napi::CallbackInfo& info) {
    path_->stop();
    return info.Env().Undefined();
  }
  Napi::Value totals(const Napi::CallbackInfo& info) {
    return with_errors(info.Env(), [&] { return from_totals(info.Env(), path_->totals()); });
  }
  Napi::Value ports(const Napi::CallbackInfo& info) {
    Napi::Array list = Napi::Array::New(info.Env());
    for (const PortView& view : path_->ports()) {
      list.Set(list.Length(), from_port(info.Env(), view));
    }
    return list;
  }
  Napi::Value workers(const Napi::CallbackInfo& info) {
    Napi::Array list = Napi::Array::New(info.Env());
    for (const auto& worker : path_->workers()) {
      list.Set(list.Length(), from_worker(info.Env(), *worker));
    }
    return list;
  }
  Napi::Value next_hops(const Napi::CallbackInfo& info) {
    Napi::Array list = Napi::Array::New(info.Env());
    for (const NextHopView& view : path_->next_hops()) {
      const Napi::HandleScope scope(info.Env());
      list.Set(list.Length(), from_next_hop(info.Env(), view));
    }
    return list;
  }
  Napi::Value member_sizes(const Napi::CallbackInfo& info) {
    Napi::Array list = Napi::Array::New(info.Env());
    for (const MemberSize& size : path_->member_sizes()) {
      const Napi::HandleScope scope(info.Env());
      Napi::Object object = Napi::Object::New(info.Env());
      if (size.inner_mtu) {
        object.Set("innerMtu", *size.inner_mtu);
        object.Set("mtuOf", size_source_words(size.source));
      }
      list.Set(list.Length(), object);
    }
    return list;
  }
  Napi::Value neighbors(const Napi::CallbackInfo& info) {
    Napi::Array list = Napi::Array::New(info.Env());
    for (const UnderlayNeighborView& view : path_->neighbors()) {
      Napi::Object object = Napi::Object::New(info.Env());
      object.Set("address", from_address(info.Env(), view.address));
      object.Set("port", view.port);
      object.Set("mac", from_mac(info.Env(), view.mac.value_or(MacAddress{})));
      object.Set("state", view.state);
      object.Set("used", view.used);
      list.Set(list.Length(), object);
    }
    return list;
  }
  Napi::Value has_address(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), path_->has_address(to_address(info[0])));
  }

 private:
  /// Declared first, because it must outlive the threads that tell it things.
  EventBridge events_;
  std::unique_ptr<DataPath> path_;
};

Napi::Value notify(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), notify_service_manager(to_string(info[0])));
}

Napi::Value restore(const Napi::CallbackInfo& info) {
  std::vector<std::string> features;
  const auto list = info[1].As<Napi::Array>();
  for (std::uint32_t i = 0; i < list.Length(); ++i) features.push_back(to_string(list.Get(i)));
  return with_errors(info.Env(), [&] {
    Napi::Array refused = Napi::Array::New(info.Env());
    for (const std::string& feature : restore_features(to_string(info[0]), features)) {
      refused.Set(refused.Length(), feature);
    }
    return refused;
  });
}

}  // namespace

Napi::Function data_path_class(Napi::Env env) {
  using Object = DataPathObject;
  return Object::DefineClass(env, "DataPath",
                             {Object::InstanceMethod<&Object::start>("start"),
                              Object::InstanceMethod<&Object::stop>("stop"),
                              Object::InstanceMethod<&Object::totals>("totals"),
                              Object::InstanceMethod<&Object::ports>("ports"),
                              Object::InstanceMethod<&Object::workers>("workers"),
                              Object::InstanceMethod<&Object::next_hops>("nextHops"),
                              Object::InstanceMethod<&Object::member_sizes>("memberSizes"),
                              Object::InstanceMethod<&Object::neighbors>("neighbors"),
                              Object::InstanceMethod<&Object::has_address>("hasAddress")});
}

Napi::Function notify_function(Napi::Env env) {
  return Napi::Function::New(env, notify, "notifySystemd");
}

Napi::Function restore_features_function(Napi::Env env) {
  return Napi::Function::New(env, restore, "restoreFeatures");
}

}  // namespace adit::binding
