#pragma once

#include <cstdint>

#include "packet/packet.h"
#include "wire/checksum.h"

namespace adit {

/// Adds the `bytes` bytes at `offset` of `packet`, across its buffers, to `sum`, which must have an
/// even count of bytes so far. \pre they end inside the packet.
inline void add_payload(ChecksumSum& sum, const Packet& packet, std::uint32_t offset,
                        std::uint32_t bytes) noexcept {
  if (packet.tail() == 0) [[likely]] {
    return sum.add(packet.data() + offset, bytes);
  }
  bool is_odd = false;
  packet.each_run(offset, bytes, [&](const std::uint8_t* run, std::uint32_t count) {
    if (is_odd) {
      // Its bytes stand in the other half of each word, so its sum counts swapped (RFC 1071 §2).
      ChecksumSum part;
      part.add(run, count);
      const std::uint16_t folded = part.folded();
      sum.add_word(static_cast<std::uint16_t>((folded << 8) | (folded >> 8)));
    } else {
      sum.add(run, count);
    }
    is_odd = is_odd != (count % 2 == 1);
  });
}

}  // namespace adit
