#pragma once

#include <cstdint>

#include "worker/tx_queue.h"

namespace adit {

/// How a port is to be used by the fast path just now.
struct PortExit {
  /// Where frames of attachments are queued, and packets of tunnels; null: they are for the
  /// pipeline.
  TxQueue* of_attachments = nullptr;
  TxQueue* of_tunnels = nullptr;
  /// Largest IP packet.
  std::uint32_t mtu = 0;
};

}  // namespace adit
