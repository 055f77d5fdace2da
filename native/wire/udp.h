#pragma once

#include "wire/big_endian.h"

namespace adit {

/// |          source port          |       destination port        |   RFC 768
/// |            length             |           checksum            |
struct UdpHeader {
  be16 source_port;
  be16 destination_port;
  be16 length;
  be16 checksum;
};
static_assert(sizeof(UdpHeader) == 8 && alignof(UdpHeader) == 1);

}  // namespace adit
