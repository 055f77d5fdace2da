#include "updates.h"

#include <x86intrin.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "path.h"
#include "processor.h"
#include "records.h"
#include "table/member_records.h"

namespace adit::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kUpdatesPerSecond = 100'000;
/// At most so many batches a second, and at most so many tunnels in one.
constexpr std::uint32_t kBatchesPerSecond = 10;
constexpr std::uint32_t kBatchesPerTable = 10;
/// In a turn; turns are short, since on a shared machine one second is not like the next.
constexpr int kBatchesPerTurn = 2;
/// Between turns, so that none begins with what the one before left.
constexpr std::chrono::milliseconds kPause{30};
constexpr std::chrono::seconds kWarmUp{1};

std::uint32_t batch_of(const Scene& scene) noexcept {
  return std::max(scene.tunnels / kBatchesPerTable, kUpdatesPerSecond / kBatchesPerSecond);
}

std::chrono::nanoseconds period_of(const Scene& scene) noexcept {
  return std::chrono::nanoseconds(std::uint64_t{batch_of(scene)} * std::nano::den /
                                  kUpdatesPerSecond);
}

/// Changes tunnels batch by batch while it is told to.
class Updater {
 public:
  explicit Updater(Ground& ground)
      : ground_(ground),
        spec_(table_of(ground.scene)),
        records_(spec_.members),
        batch_(batch_of(ground.scene)) {
    MemberSpecs().swap(spec_.members);
  }

  void run() {
    pin_to(1);
    while (!is_over_) {
      if (!is_on_) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        continue;
      }
      change_for_a_turn();
    }
  }
  void turn(bool on) noexcept { is_on_ = on; }
  void end() noexcept { is_over_ = true; }

  std::atomic<std::uint64_t> publications{0};
  std::chrono::duration<double, std::milli> building{0};
  std::size_t most_retired = 0;
  [[nodiscard]] std::uint32_t batch() const noexcept { return batch_; }

 private:
  void change_for_a_turn() {
    const auto began = Clock::now();
    for (int i = 1; is_on_ && i <= kBatchesPerTurn; ++i) {
      change();
      std::this_thread::sleep_until(began + i * period_of(ground_.scene));
    }
    while (is_on_) std::this_thread::yield();
  }

  /// The next tunnels get other identifiers and TTLs; every tunnel comes in its turn, but its
  /// neighbors do not come with it.
  void change() {
    const std::uint32_t tunnels = ground_.scene.tunnels;
    const std::uint32_t steps = tunnels / batch_;
    batch_members_.clear();
    batch_records_.clear();
    for (std::uint32_t i = 0; i < batch_; ++i) {
      const std::uint32_t tunnel = i * steps + round_ % steps;
      const std::uint32_t turn = round_ / steps + 1;
      const std::uint32_t member = 2 * tunnel + 1;
      records_.change_tunnel(member, id_of(ground_.scene, tunnel) + turn % 2 * tunnels,
                             static_cast<std::uint8_t>(60 + turn % 4));
      const auto record = records_.tunnel(member);
      batch_members_.push_back(member);
      batch_records_.insert(batch_records_.end(), record.begin(), record.end());
    }
    ++round_;
    const auto began = Clock::now();
    TableChange change{batch_members_, {}};
    change.specs.reserve(batch_members_.size());
    if (!read_member_records(batch_records_, change.specs)) {
      throw std::logic_error("a record is damaged");
    }
    auto next = ground_.tables.current().with(change);
    if (next == nullptr) throw std::logic_error("a change reaches further than its tunnel");
    if (!ground_.tables.publish(next)) throw std::logic_error("too many tables wait");
    building += Clock::now() - began;
    most_retired = std::max(most_retired, ground_.tables.reclaim());
    ++publications;
  }

  Ground& ground_;
  TableSpec spec_;
  Records records_;
  std::vector<std::uint32_t> batch_members_;
  std::vector<std::uint8_t> batch_records_;
  std::uint32_t batch_;
  std::uint32_t round_ = 0;
  std::atomic<bool> is_on_{false};
  std::atomic<bool> is_over_{false};
};

/// Forwards for so long. \returns TSC ticks a packet.
double forward_for(Path& path, Clock::duration duration) {
  const auto began = Clock::now();
  std::uint64_t ticks = 0;
  std::uint64_t packets = 0;
  while (Clock::now() - began < duration) {
    for (int i = 0; i < 64; ++i) {
      path.receive();
      unsigned aux = 0;
      const std::uint64_t before = __rdtscp(&aux);
      path.run();
      ticks += __rdtscp(&aux) - before;
      path.complete();
      packets += kBurst;
    }
  }
  return static_cast<double>(ticks) / static_cast<double>(packets);
}

constexpr std::size_t kLeastPairs = 10;

}  // namespace

std::vector<Scene> update_scenes() {
  std::vector<Scene> scenes;
  for (const std::uint32_t tunnels : {100'000U, 1'000'000U}) {
    Scene scene{.name = {}, .work = Work::kPush, .tunnels = tunnels, .tagged = true};
    scene.name = "updates/vxlan/push/" + std::to_string(tunnels);
    scenes.push_back(scene);
  }
  return scenes;
}

UpdateRun run_updates(const Scene& scene, std::chrono::seconds about) {
  Ground ground(scene);
  Updater updater(ground);
  std::thread thread([&] { updater.run(); });
  pin_to(0);
  Path path(ground);
  UpdateRun run;
  const auto turn = kBatchesPerTurn * period_of(scene);
  const auto pairs = std::max(kLeastPairs, static_cast<std::size_t>(about / (2 * turn + kPause)));
  static_cast<void>(forward_for(path, kWarmUp));
  const auto began = Clock::now();
  const std::uint64_t began_ticks = __rdtsc();
  for (std::size_t i = 0; i < pairs; ++i) {
    static_cast<void>(forward_for(path, kPause));
    run.still.push_back(forward_for(path, turn));
    updater.turn(true);
    run.updated.push_back(forward_for(path, turn));
    updater.turn(false);
  }
  const double all_ticks = static_cast<double>(__rdtsc() - began_ticks);
  const std::chrono::duration<double, std::nano> all = Clock::now() - began;
  run.ticks_per_ns = all_ticks / all.count();
  updater.end();
  thread.join();
  const double seconds = std::chrono::duration<double>(turn).count() * static_cast<double>(pairs);
  run.publications_per_second = static_cast<double>(updater.publications) / seconds;
  run.updates_per_second = run.publications_per_second * updater.batch();
  run.build_ms = updater.building.count() / static_cast<double>(updater.publications);
  run.most_retired = updater.most_retired;
  return run;
}

}  // namespace adit::bench
