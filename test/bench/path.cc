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

Path::Path(const Scene& scene)
    : scene_(scene),
      table_(table_of(scene)),
      hops_(remotes_of(scene)),
      status_(kPortCount),
      counters_(kPortCount, table_.members().size(), table_.tenants()),
      sequences_(table_.members().size()),
      learned_(table_.members().size()),
      identifications_(hops_.size(), HashSeed::from(1)),
      icmp_(table_.tenants()),
      path_errors_(hops_.size()),
      pool_(kFrames, {}),
      traffic_(scene) {
  for (std::uint32_t i = 0; i < hops_.size(); ++i) hops_.set(i, hop_of(i));
  ports_.reserve(kPortCount);
  for (std::uint32_t i = 0; i < kPortCount; ++i) ports_.emplace_back(pool_);
  Pipeline::Environment environment{
      pool_,       {},     {},       hops_,          status_,          counters_,
      sequences_,  rules_, learned_, own_addresses_, identifications_, icmp_,
      path_errors_};
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
  const std::size_t port = traffic_.port();
  const std::size_t received = ports_[port].rx_burst(burst_);
  pipeline_->process(table_, port, {burst_.data(), received}, 0);
  pipeline_->flush(table_);
}

void Path::complete() {
  std::size_t sent = 0;
  for (MemoryPort& port : ports_) sent += port.complete();
  if (sent != kBurst) throw std::logic_error(scene_.name + ": packets were lost");
}

}  // namespace adit::bench
