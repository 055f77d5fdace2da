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
constexpr std::chrono::seconds kTurn{1};
/// Between turns, so that none begins with what the one before left.
constexpr std::chrono::milliseconds kPause{50};

/// Changes tunnels batch by batch while it is told to.
class Updater {
 public:
  explicit Updater(Ground& ground)
      : ground_(ground),
        spec_(table_of(ground.scene)),
        records_(spec_.members),
        batch_(std::max(ground.scene.tunnels / 10, kUpdatesPerSecond / 10)) {
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
    const std::chrono::nanoseconds period(std::uint64_t{batch_} * 1'000'000'000 / kUpdatesPerSecond);
    const auto began = Clock::now();
    for (int i = 1; is_on_; ++i) {
      change();
      std::this_thread::sleep_until(began + i * period);
    }
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

/// Forwards for so long. \returns nanoseconds a packet.
double forward_for(Path& path, Clock::duration duration) {
  const auto began = Clock::now();
  const std::uint64_t began_ticks = __rdtsc();
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
  const double all_ticks = static_cast<double>(__rdtsc() - began_ticks);
  const std::chrono::duration<double, std::nano> all = Clock::now() - began;
  return static_cast<double>(ticks) / static_cast<double>(packets) * all.count() / all_ticks;
}

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

UpdateRun run_updates(const Scene& scene, std::size_t pairs) {
  Ground ground(scene);
  Updater updater(ground);
  std::thread thread([&] { updater.run(); });
  pin_to(0);
  Path path(ground);
  UpdateRun run;
  const auto began = std::chrono::duration<double>(kTurn);
  static_cast<void>(forward_for(path, kTurn));
  for (std::size_t i = 0; i < pairs; ++i) {
    static_cast<void>(forward_for(path, kPause));
    run.still_ns.push_back(forward_for(path, kTurn));
    updater.turn(true);
    run.updated_ns.push_back(forward_for(path, kTurn));
    updater.turn(false);
  }
  updater.end();
  thread.join();
  const double seconds = began.count() * static_cast<double>(pairs);
  run.publications_per_second = static_cast<double>(updater.publications) / seconds;
  run.updates_per_second = run.publications_per_second * updater.batch();
  run.build_ms = updater.building.count() / static_cast<double>(updater.publications);
  run.most_retired = updater.most_retired;
  return run;
}

}  // namespace adit::bench
