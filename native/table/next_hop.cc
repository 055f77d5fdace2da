#include "table/next_hop.h"

#include <cstring>

namespace adit {
namespace {

/// 48 bits of milliseconds are 8900 years.
constexpr unsigned kExpiryBits = 48;
constexpr std::uint64_t kNsPerMs = 1'000'000;

std::uint64_t pack(const MacAddress& mac, std::uint16_t rest) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, mac.bytes.data(), mac.bytes.size());
  return word | (std::uint64_t{rest} << 48);
}

MacAddress unpack(std::uint64_t word) noexcept {
  MacAddress mac;
  std::memcpy(mac.bytes.data(), &word, mac.bytes.size());
  return mac;
}

}  // namespace

const char* next_hop_word(NextHop::Status status) noexcept {
  switch (status) {
    case NextHop::Status::kResolving:
      return "resolving";
    case NextHop::Status::kFailed:
      return "no_neighbor";
    case NextHop::Status::kPortDown:
      return "port_down";
    case NextHop::Status::kUp:
      return "up";
    case NextHop::Status::kNoRoute:
      break;
  }
  return "no_route";
}

void NextHopTable::set(std::uint32_t index, const NextHop& hop) noexcept {
  Slot& slot = slots_[index];
  const std::uint64_t before = slot.state.load(std::memory_order_relaxed) & ~kStatus;
  slot.state.store(before | kIsBeingSet, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  slot.words[0].store(pack(hop.destination, hop.port), std::memory_order_relaxed);
  slot.words[1].store(pack(hop.source, hop.mtu), std::memory_order_relaxed);
  slot.state.store((before + kOneTime) | static_cast<std::uint64_t>(hop.status),
                   std::memory_order_release);
  generation_.fetch_add(1, std::memory_order_release);
}

std::optional<PathMtu> NextHopTable::in_force(std::uint64_t word, std::uint64_t now_ns) noexcept {
  const PathMtu path{.mtu = static_cast<std::uint16_t>(word >> kExpiryBits),
                     .expires_ms = word & ((1ULL << kExpiryBits) - 1)};
  if (word == 0 || now_ns / kNsPerMs >= path.expires_ms) return std::nullopt;
  return path;
}

bool NextHopTable::lower_path_mtu(std::uint32_t index, std::uint16_t mtu,
                                  std::uint64_t now_ns) noexcept {
  if (mtu >= get(index).mtu) return false;
  const std::uint64_t lowered =
      (std::uint64_t{mtu} << kExpiryBits) | (now_ns / kNsPerMs + kPathMtuMs);
  std::atomic<std::uint64_t>& path = slots_[index].path;
  std::uint64_t before = path.load(std::memory_order_relaxed);
  do {
    const std::optional<PathMtu> now = in_force(before, now_ns);
    if (now && mtu >= now->mtu) return false;
  } while (!path.compare_exchange_weak(before, lowered, std::memory_order_relaxed));
  return true;
}

NextHop NextHopTable::get(std::uint32_t index) const noexcept {
  const Slot& slot = slots_[index];
  for (;;) {
    const std::uint64_t before = slot.state.load(std::memory_order_acquire);
    const std::uint64_t first = slot.words[0].load(std::memory_order_relaxed);
    const std::uint64_t second = slot.words[1].load(std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    const bool is_whole =
        (before & kIsBeingSet) == 0 && slot.state.load(std::memory_order_relaxed) == before;
    if (!is_whole) continue;
    return {.status = static_cast<NextHop::Status>(before & kStatus),
            .port = static_cast<std::uint16_t>(first >> 48),
            .destination = unpack(first),
            .source = unpack(second),
            .mtu = static_cast<std::uint16_t>(second >> 48)};
  }
}

}  // namespace adit
