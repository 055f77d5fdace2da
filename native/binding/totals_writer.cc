#include "binding/totals_writer.h"

#include "binding/values.h"

namespace adit::binding {
namespace {

Napi::Object from_drops(Napi::Env env, const Totals::Drops& drops) {
  Napi::Object object = Napi::Object::New(env);
  for (std::size_t i = 0; i < drops.size(); ++i) {
    if (drops[i] == 0) continue;
    object.Set(drop_reason_word(static_cast<DropReason>(i)), from_count(env, drops[i]));
  }
  return object;
}

Napi::Object from_port(Napi::Env env, const Totals::Port& port) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("received", from_count(env, port.received));
  object.Set("sent", from_count(env, port.sent));
  object.Set("kernel", from_count(env, port.kernel));
  return object;
}

Napi::Object from_member(Napi::Env env, const Totals::Member& member) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("rxPackets", from_count(env, member.rx_packets));
  object.Set("rxBytes", from_count(env, member.rx_bytes));
  object.Set("txPackets", from_count(env, member.tx_packets));
  object.Set("txBytes", from_count(env, member.tx_bytes));
  return object;
}

template <typename T, typename Convert>
Napi::Array from_list(Napi::Env env, const std::vector<T>& items, Convert convert) {
  Napi::Array list = Napi::Array::New(env, items.size());
  for (std::uint32_t i = 0; i < items.size(); ++i) {
    const Napi::HandleScope scope(env);
    list.Set(i, convert(env, items[i]));
  }
  return list;
}

}  // namespace

Napi::Object from_totals(Napi::Env env, const Totals& totals) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("ports", from_list(env, totals.ports, from_port));
  object.Set("members", from_list(env, totals.members, from_member));
  object.Set("tenantDrops", from_list(env, totals.tenant_drops, from_drops));
  object.Set("drops", from_drops(env, totals.drops));
  object.Set("generated", from_count(env, totals.generated));
  object.Set("consumed", from_count(env, totals.consumed));
  return object;
}

}  // namespace adit::binding
