// The packet path between memory rings. Without arguments, or with those of Google Benchmark, it
// measures times; `--run SCENE BURSTS` only runs a scene's bursts, for a tool that counts
// instructions; `--updates SCENE SECONDS` prints as JSON what forwarding costs while tunnels are
// changed; `--list` prints the scenes' names.

#include <benchmark/benchmark.h>
#include <x86intrin.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>

#include "path.h"
#include "processor.h"
#include "updates.h"

namespace {

using adit::bench::Ground;
using adit::bench::Path;
using adit::bench::Scene;

/// Bursts before the measuring begins: caches, branch predictors and counters' pages are warm then.
constexpr int kWarmUp = 2000;

void run_bursts(Path& path, std::uint64_t bursts) {
  for (std::uint64_t i = 0; i < bursts; ++i) {
    path.receive();
    path.run();
    path.complete();
  }
}

/// The ground of the scene that is measured; made by the first worker that asks.
Ground& ground_of(const Scene& scene) {
  static std::mutex mutex;
  static std::unique_ptr<Ground> ground;
  const std::lock_guard lock(mutex);
  if (ground == nullptr || ground->scene.name != scene.name) {
    ground.reset();
    ground = std::make_unique<Ground>(scene);
  }
  return *ground;
}

void measure(benchmark::State& state, const Scene& scene) {
  using Clock = std::chrono::steady_clock;
  if (scene.name.starts_with("workers/")) adit::bench::pin_to(state.thread_index());
  Path path(ground_of(scene));
  run_bursts(path, kWarmUp);
  // Many bursts share one reading of each clock only where nothing unmeasured lies between them,
  // so each is timed by the TSC, whose reading costs little.
  std::uint64_t ticks = 0;
  std::uint64_t packets = 0;
  const auto began = Clock::now();
  const std::uint64_t began_ticks = __rdtsc();
  for (auto _ : state) {
    path.receive();
    unsigned aux = 0;
    const std::uint64_t before = __rdtscp(&aux);
    path.run();
    const std::uint64_t after = __rdtscp(&aux);
    path.complete();
    ticks += after - before;
    packets += adit::kBurst;
    state.SetIterationTime(static_cast<double>(after - before) * 1e-9);
  }
  const double all_ticks = static_cast<double>(__rdtsc() - began_ticks);
  const std::chrono::duration<double, std::nano> all = Clock::now() - began;
  const double per_packet = static_cast<double>(ticks) / static_cast<double>(packets);
  using benchmark::Counter;
  state.counters["cycles"] = Counter(per_packet, Counter::kAvgThreads);
  state.counters["ns"] = Counter(per_packet * all.count() / all_ticks, Counter::kAvgThreads);
}

int no_scene(const char* name) {
  std::fprintf(stderr, "there is no scene %s for that; --list names them\n", name);
  return 2;
}

int run_only(const char* name, const char* bursts) {
  for (const Scene& scene : adit::bench::all_scenes()) {
    if (scene.name != name) continue;
    Ground ground(scene);
    Path path(ground);
    run_bursts(path, std::strtoull(bursts, nullptr, 10));
    return 0;
  }
  return no_scene(name);
}

void print_list(const char* key, const std::vector<double>& values) {
  std::printf("\"%s\":[", key);
  for (std::size_t i = 0; i < values.size(); ++i)
    std::printf("%s%.3f", i > 0 ? "," : "", values[i]);
  std::printf("],");
}

int measure_updates(const char* name, const char* seconds) {
  for (const Scene& scene : adit::bench::update_scenes()) {
    if (scene.name != name) continue;
    const std::chrono::seconds about(std::strtoull(seconds, nullptr, 10));
    const auto run = adit::bench::run_updates(scene, about);
    std::printf("{");
    print_list("still", run.still);
    print_list("updated", run.updated);
    std::printf("\"ticksPerNs\":%.6f,", run.ticks_per_ns);
    std::printf("\"updatesPerSecond\":%.0f,", run.updates_per_second);
    std::printf("\"publicationsPerSecond\":%.2f,", run.publications_per_second);
    std::printf("\"buildMs\":%.2f,\"mostRetired\":%zu}\n", run.build_ms, run.most_retired);
    return 0;
  }
  return no_scene(name);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 4 && std::strcmp(argv[1], "--run") == 0) return run_only(argv[2], argv[3]);
    if (argc == 4 && std::strcmp(argv[1], "--updates") == 0) {
      return measure_updates(argv[2], argv[3]);
    }
    if (argc == 2 && std::strcmp(argv[1], "--list") == 0) {
      for (const Scene& scene : adit::bench::all_scenes()) std::puts(scene.name.c_str());
      for (const Scene& scene : adit::bench::update_scenes()) std::puts(scene.name.c_str());
      return 0;
    }
    for (const Scene& scene : adit::bench::all_scenes()) {
      auto* registered = benchmark::RegisterBenchmark(scene.name.c_str(), measure, scene);
      registered->UseManualTime();
      if (scene.workers > 1) registered->Threads(scene.workers);
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::RunSpecifiedBenchmarks();
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    return 1;
  }
  return 0;
}
