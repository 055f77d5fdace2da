#pragma once

#include "wire/big_endian.h"

namespace adit {

/// |          source port          |       destination port        |   RFC 9293 §3.1
/// |                        sequence number                        |
/// |                     acknowledgment number                     |
/// |  Doff | Rsrvd |C|E|U|A|P|R|S|F|            window             |
/// |           checksum            |        urgent pointer         |
/// |                  options, to `Doff` words of 4 bytes          |
struct TcpHeader {
  be16 source_port;
  be16 destination_port;
  be32 sequence;
  be32 acknowledgment;
  std::uint8_t data_offset;
  std::uint8_t flags;
  be16 window;
  be16 checksum;
  be16 urgent;

  static constexpr std::uint8_t kSyn = 0x02;

  /// Header length in bytes; valid only when >= 20.
  [[nodiscard]] std::uint32_t header_bytes() const noexcept { return (data_offset >> 4) * 4U; }
};
static_assert(sizeof(TcpHeader) == 20 && alignof(TcpHeader) == 1);

/// Kinds of options (RFC 9293 §3.2).
namespace tcp_option {
inline constexpr std::uint8_t kEnd = 0;
inline constexpr std::uint8_t kNoOperation = 1;
inline constexpr std::uint8_t kMss = 2;
inline constexpr std::uint32_t kMssBytes = 4;
}  // namespace tcp_option

}  // namespace adit
