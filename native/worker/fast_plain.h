#pragma once

#include <cstdint>
#include <span>

#include "packet/packet.h"
#include "worker/fast_burst.h"

namespace adit {

/// Reads frames without tags, several at a time: what they carry, as `FastBurst::inner` has it, and
/// their bytes; returns of how many, up to one that is for the pipeline, or larger than `most`.
/// \param bytes has room for `kLanes` more.
[[nodiscard]] std::size_t read_plain(std::span<const Packet> packets, std::uint32_t most,
                                     FastBurst::Column& inner, std::uint32_t* bytes) noexcept;

}  // namespace adit
