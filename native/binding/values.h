#pragma once

#include <napi.h>

#include <cstdint>
#include <span>
#include <string>

#include "packet/failure.h"
#include "wire/address.h"

namespace adit::binding {

// Reading values that the typed face in TypeScript vouches for. A value of a wrong shape is a
// mistake of the caller's and throws a TypeError; meaning was checked before.

[[nodiscard]] std::uint32_t to_u32(const Napi::Value& value);
[[nodiscard]] std::string to_string(const Napi::Value& value);
/// The bytes of a Uint8Array, valid until JavaScript runs again.
[[nodiscard]] std::span<const std::uint8_t> to_bytes(const Napi::Value& value);
[[nodiscard]] IpAddress to_address(const Napi::Value& value);
[[nodiscard]] MacAddress to_mac(const Napi::Value& value);
/// `{ address, length }`.
[[nodiscard]] IpPrefix to_prefix(const Napi::Value& value);

/// Whether `object[key]` is there, that is, neither undefined nor null.
[[nodiscard]] bool has(const Napi::Object& object, const char* key);

[[nodiscard]] Napi::Value from_mac(Napi::Env env, const MacAddress& mac);
[[nodiscard]] Napi::Value from_address(Napi::Env env, const IpAddress& address);
/// Counts stay exact as numbers up to 2^53.
[[nodiscard]] Napi::Number from_count(Napi::Env env, std::uint64_t count);

/// Runs `body`; a Failure becomes a JavaScript Error with `code` and `fix`.
template <typename Body>
auto with_errors(Napi::Env env, Body body) -> decltype(body()) {
  try {
    return body();
  } catch (const Failure& failure) {
    Napi::Error error = Napi::Error::New(env, failure.what());
    error.Set("code", Napi::String::New(env, failure.code()));
    error.Set("fix", Napi::String::New(env, failure.fix()));
    throw error;
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& other) {
    throw Napi::Error::New(env, other.what());
  }
}

}  // namespace adit::binding
