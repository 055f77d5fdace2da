#pragma once

#include "packet/drop_reason.h"
#include "packet/inner.h"
#include "packet/packet.h"
#include "wire/address.h"

namespace adit {

// An attachment whose other side carries IP packets without Ethernet headers: what may enter there,
// and what the neighbor on the attachment is told instead.

/// What becomes of a frame on its way to such a service.
struct IpArrival {
  enum class Fate : std::uint8_t {
    /// Its IP packet goes on.
    kForward,
    /// It was meant for the gateway itself, and that is all.
    kConsume,
    /// The same, and it is answered.
    kAnswer,
    kDrop,
  };

  Fate fate = Fate::kDrop;
  /// Of kDrop.
  DropReason reason = DropReason::kNone;
  /// The source MAC is that of a neighbor to whom IP packets can be sent.
  bool teaches = false;
};

/// Judges a frame whose own tags are popped already. IP packets go on when they are sent to `own`,
/// the port's MAC address; the neighbor is answered for every address but its own, because all
/// addresses but its own are on the other side.
/// \pre `parse_inner` filled `inner` from `frame`.
[[nodiscard]] IpArrival judge_ip_arrival(const Packet& frame, const InnerFrame& inner,
                                         const MacAddress& own) noexcept;

/// Takes the Ethernet header off a frame that goes on, and what stands behind the IP packet's own
/// length: Ethernet padding is not part of it. `inner` is read anew.
void take_ip_packet(Packet& frame, InnerFrame& inner) noexcept;

/// Makes of a frame that asks the frame with the answer: an ARP reply or a neighbor advertisement
/// with the MAC address `own`. False, and nothing changed, when the frame's memory is short.
[[nodiscard]] bool answer_neighbor(Packet& frame, const MacAddress& own) noexcept;

}  // namespace adit
