#pragma once

#include <algorithm>
#include <cstdint>

namespace adit {

/// How long a worker without packets goes on looking for them before it sleeps in the kernel. To be
/// woken takes a packet several microseconds, on an idle machine tens of them; so the worker stays
/// awake where the next packet is to be expected soon, judged by the gaps between those before. It
/// does so for long only while nobody else wants its CPU.
class SpinTime {
 public:
  /// After every packet: about what falling asleep and being woken cost.
  static constexpr std::uint64_t kLeastNs = 20'000;
  /// What it waits at most: longer gaps are slept through. A CPU that the worker was given for its
  /// own is there to be waited on.
  static constexpr std::uint64_t kMostNs = 200'000;
  static constexpr std::uint64_t kMostOnOwnCpuNs = 4'000'000;
  /// A round of looking takes a fraction of this; where it takes longer, the CPU was somebody
  /// else's meanwhile. It is taken for shared then for some time, in which the worker looks on for
  /// a moment alone, and yields to nobody: from a program that computes it would get the CPU back
  /// after milliseconds, and it is woken sooner.
  static constexpr std::uint64_t kTakenNs = 50'000;
  static constexpr std::uint64_t kSharedNs = 10'000'000'000;
  static constexpr std::uint64_t kMomentNs = 10'000;

  /// Packets no further apart than a moment come together. Many that do are worth being woken for:
  /// it is a small part of what they cost, and no more than they wait for each other. So the worker
  /// sleeps a moment after them, wherever it is.
  static constexpr std::size_t kManyTogether = 64;

  /// \param is_own_cpu it was given a CPU for its own: it goes on looking there, whoever else has
  /// it now and then, be it an interrupt.
  explicit SpinTime(bool is_own_cpu = false) noexcept
      : is_own_cpu_(is_own_cpu),
        most_ns_(is_own_cpu ? kMostOnOwnCpuNs : kMostNs),
        mean_gap_ns_(4 * most_ns_) {}

  enum class Next : std::uint8_t { kLook, kYieldAndLook, kSleep };

  /// What to do after a round at this time, in which there were so many packets.
  [[nodiscard]] Next after(std::uint64_t now_ns, std::size_t packets) noexcept {
    const bool worked = packets > 0;
    const bool was_taken = is_spinning_ && now_ns - last_round_ns_ > kTakenNs;
    if (was_taken && !is_own_cpu_) shared_until_ns_ = now_ns + kSharedNs;
    last_round_ns_ = now_ns;
    if (worked) note_work(now_ns, packets);
    is_spinning_ = !worked && now_ns - last_work_ns_ <= spin_ns(now_ns);
    if (worked) return Next::kLook;
    if (!is_spinning_) return Next::kSleep;
    return is_shared(now_ns) ? Next::kLook : Next::kYieldAndLook;
  }

 private:
  /// The mean is over about as many gaps.
  static constexpr std::uint64_t kMemory = 8;
  /// Gaps that come by chance are seldom longer than twice their mean.
  static constexpr std::uint64_t kGapsAwaited = 2;
  /// The gap is longer still when a sender was held up, and its packet would find the worker that
  /// fell asleep just before.
  static constexpr std::uint64_t kGapsAwaitedOnOwnCpu = 4;

  void note_work(std::uint64_t now_ns, std::size_t packets) noexcept {
    if (now_ns - last_work_ns_ > kMomentNs) together_ = 0;
    together_ += packets;
    // One long pause says little about the gaps after it, and shall be forgotten soon.
    const std::uint64_t gap_ns = std::min(now_ns - last_work_ns_, 4 * most_ns_);
    last_work_ns_ = now_ns;
    last_gap_ns_ = gap_ns;
    mean_gap_ns_ = mean_gap_ns_ - mean_gap_ns_ / kMemory + gap_ns / kMemory;
  }
  [[nodiscard]] bool is_shared(std::uint64_t now_ns) const noexcept {
    return now_ns < shared_until_ns_;
  }
  [[nodiscard]] std::uint64_t spin_ns(std::uint64_t now_ns) const noexcept {
    if (is_shared(now_ns) || together_ >= kManyTogether) return kMomentNs;
    std::uint64_t gap_ns = mean_gap_ns_;
    // After a pause the mean takes many packets to forget it. A CPU of its own is worth nothing to
    // anybody else meanwhile, so one short gap is believed at once there.
    if (is_own_cpu_ && kGapsAwaited * gap_ns > most_ns_) gap_ns = last_gap_ns_;
    if (kGapsAwaited * gap_ns > most_ns_) return kLeastNs;
    const std::uint64_t gaps = is_own_cpu_ ? kGapsAwaitedOnOwnCpu : kGapsAwaited;
    return std::clamp(gaps * gap_ns, kLeastNs, most_ns_);
  }

  bool is_own_cpu_;
  std::uint64_t most_ns_;
  std::uint64_t mean_gap_ns_;
  std::uint64_t last_gap_ns_ = 0;
  std::size_t together_ = 0;
  std::uint64_t last_round_ns_ = 0;
  std::uint64_t last_work_ns_ = 0;
  std::uint64_t shared_until_ns_ = 0;
  bool is_spinning_ = false;
};

}  // namespace adit
