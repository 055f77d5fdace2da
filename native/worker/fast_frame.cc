#include "worker/fast_frame.h"

namespace adit {

std::uint64_t hash_of_other(std::uint8_t* data, std::uint32_t size, bool is_ipv6,
                            const HashSeed& seed) noexcept {
  InnerFrame inner;
  inner.payload = is_ipv6 ? InnerFrame::Payload::kIpv6 : InnerFrame::Payload::kIpv4;
  inner.ip_offset = sizeof(EthernetHeader);
  return flow_hash(Packet(data, size, 0, size), inner, seed);
}

}  // namespace adit
