#include "binding/values.h"

#include <cstring>

namespace adit::binding {

std::uint32_t to_u32(const Napi::Value& value) {
  if (!value.IsNumber()) throw Napi::TypeError::New(value.Env(), "expected a number");
  return value.As<Napi::Number>().Uint32Value();
}

std::string to_string(const Napi::Value& value) {
  if (!value.IsString()) throw Napi::TypeError::New(value.Env(), "expected a string");
  return value.As<Napi::String>().Utf8Value();
}

std::span<const std::uint8_t> to_bytes(const Napi::Value& value) {
  if (value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array) {
    const auto bytes = value.As<Napi::Uint8Array>();
    return {bytes.Data(), bytes.ByteLength()};
  }
  throw Napi::TypeError::New(value.Env(), "expected a Uint8Array");
}

IpAddress to_address(const Napi::Value& value) {
  if (value.IsTypedArray()) {
    const auto bytes = value.As<Napi::Uint8Array>();
    if (bytes.ByteLength() == 4) return IpAddress::v4(bytes.Data());
    if (bytes.ByteLength() == 16) return IpAddress::v6(bytes.Data());
  }
  throw Napi::TypeError::New(value.Env(), "expected a Uint8Array of 4 or 16 bytes");
}

MacAddress to_mac(const Napi::Value& value) {
  MacAddress mac;
  if (!value.IsTypedArray() || value.As<Napi::Uint8Array>().ByteLength() != sizeof mac) {
    throw Napi::TypeError::New(value.Env(), "expected a Uint8Array of 6 bytes");
  }
  std::memcpy(mac.bytes.data(), value.As<Napi::Uint8Array>().Data(), sizeof mac);
  return mac;
}

IpPrefix to_prefix(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  return {.address = to_address(object.Get("address")),
          .length = static_cast<std::uint8_t>(to_u32(object.Get("length")))};
}

bool has(const Napi::Object& object, const char* key) {
  const Napi::Value value = object.Get(key);
  return !value.IsUndefined() && !value.IsNull();
}

Napi::Value from_mac(Napi::Env env, const MacAddress& mac) {
  Napi::Uint8Array bytes = Napi::Uint8Array::New(env, mac.bytes.size());
  std::memcpy(bytes.Data(), mac.bytes.data(), mac.bytes.size());
  return bytes;
}

Napi::Value from_address(Napi::Env env, const IpAddress& address) {
  Napi::Uint8Array bytes = Napi::Uint8Array::New(env, address.size());
  std::memcpy(bytes.Data(), address.bytes.data(), address.size());
  return bytes;
}

Napi::Number from_count(Napi::Env env, std::uint64_t count) {
  return Napi::Number::New(env, static_cast<double>(count));
}

}  // namespace adit::binding
