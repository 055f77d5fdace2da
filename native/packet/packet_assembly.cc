#include "packet/packet_assembly.h"

namespace adit {

bool PacketAssembly::add_to_chain(std::uint64_t address, std::uint32_t bytes, bool more,
                                  Packet& out) noexcept {
  if (!is_open_) {
    packet_ = pool_.packet_at(address, bytes);
    first_ = last_ = nullptr;
    frames_ = 1;
  } else if (frames_ == 0) {
    pool_.give(address);
  } else if (frames_ == pool_.layout().max_buffers) {
    abandon();
    pool_.give(address);
    refused_.store(refused() + 1, std::memory_order_relaxed);
  } else {
    append(address, bytes);
  }
  is_open_ = more;
  if (more || frames_ == 0) return false;
  pull_headers_up();
  out = packet_;
  frames_ = 0;
  return true;
}

void PacketAssembly::append(std::uint64_t address, std::uint32_t bytes) noexcept {
  if (bytes == 0) return pool_.give(address);
  Segment* segment = pool_.segment_at(address, bytes);
  (last_ == nullptr ? first_ : last_->next) = segment;
  last_ = segment;
  packet_.chain(first_, packet_.tail() + bytes);
  ++frames_;
}

/// The kernel fills a first buffer before it takes another; drivers that split behind the headers
/// need not.
void PacketAssembly::pull_headers_up() noexcept {
  while (first_ != nullptr && packet_.size() < kHeaderBytes) {
    packet_.pull_up(*first_, kHeaderBytes - packet_.size());
    // Enough stands there now, or there is no room for more.
    if (first_->bytes > 0) return;
    const Segment* emptied = first_;
    first_ = emptied->next;
    packet_.chain(first_, packet_.tail());
    pool_.give(pool_.address_of(*emptied) - 1);
  }
}

void PacketAssembly::abandon() noexcept {
  if (frames_ > 0) pool_.give(packet_);
  frames_ = 0;
}

}  // namespace adit
