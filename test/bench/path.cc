#include "path.h"

#include <stdexcept>

namespace adit::bench {
namespace {

/// Few, as few are live in a worker: what is in use stays in the CPU's cache.
constexpr std::uint32_t kFrames = 512;

NextHop hop_of(std::uint32_t remote) {
  return {.status = NextHop::Status::kUp,
          .port = kUnderlay,
          .destination = {{2, 0, 0, 0, static_cast<std::uint8_t>(remote >> 8),
                           static_cast<std::uint8_t>(remote)}},
          .source = {{2, 0, 0, 0, 0, 1}},
          .mtu = 1500};
}

}  // namespace

Ground::Ground(const Scene& of) : Ground(of, table_of(of)) {}

Ground::Ground(const Scene& of, const TableSpec& spec)
    : scene(of), tables(std::make_unique<const Table>(spec)), shared(spec) {
  for (std::uint32_t i = 0; i < spec.next_hops; ++i) shared.next_hops.set(i, hop_of(i));
}

Path::Path(Ground& ground)
    : ground_(ground),
      tables_(ground.add_reader()),
      counters_(kPortCount, ground.tables.current().members().size(),
                ground.tables.current().tenants()),
      pool_(kFrames, {}),
      traffic_(ground.scene) {
  ports_.reserve(kPortCount);
  for (std::uint32_t i = 0; i < kPortCount; ++i) ports_.emplace_back(pool_);
  Pipeline::Environment environment(pool_, {}, {}, counters_, ground.shared);
  for (MemoryPort& port : ports_) {
    environment.ports.push_back(&port);
    environment.reserved.push_back(0);
    port.flush();
  }
  pipeline_ = std::make_unique<Pipeline>(std::move(environment));
}

void Path::receive() noexcept {
  MemoryPort& port = ports_[traffic_.port()];
  for (std::size_t i = 0; i < kBurst; ++i) {
    const std::uint32_t bytes = traffic_.next_bytes();
    std::uint8_t* frame = port.receive(bytes);
    if (frame == nullptr) return;
    traffic_.write(frame, bytes);
  }
}

void Path::run() noexcept {
  const Table& table = tables_.table();
  const std::size_t port = traffic_.port();
  const std::size_t received = ports_[port].rx_burst(burst_);
  pipeline_->process(table, port, {burst_.data(), received}, 0);
  pipeline_->flush(table);
}

void Path::complete() {
  std::size_t sent = 0;
  for (MemoryPort& port : ports_) sent += port.complete();
  if (sent != kBurst) throw std::logic_error(ground_.scene.name + ": packets were lost");
}

}  // namespace adit::bench
