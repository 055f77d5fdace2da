#pragma once

#include <cstdint>

namespace adit {

/// Where what a member receives goes when neither end of its cross-connect has a key that asks for
/// more than pushing and popping headers; kNone: one has.
enum class FastWay : std::uint8_t { kNone, kToAttachment, kToTunnel };

}  // namespace adit
