#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "memory_port.h"
#include "scene.h"
#include "traffic.h"
#include "worker/pipeline.h"

namespace adit::bench {

/// A pipeline between two memory ports that goes through one scene's packets, burst by burst.
class Path {
 public:
  explicit Path(const Scene& scene);

  /// Receives a burst, which is not measured.
  void receive() noexcept;
  /// What is measured: takes the burst out of the ring, takes it through the path, and does the
  /// rings' and the frame pool's work.
  [[gnu::noinline]] void run() noexcept;
  /// The kernel's part behind it, which is not measured. \throws std::logic_error when a packet of
  /// the burst was not sent.
  void complete();

  [[nodiscard]] const MemoryPort& port(std::size_t index) const noexcept { return ports_[index]; }

 private:
  Scene scene_;
  Table table_;
  NextHopTable hops_;
  PortStatusList status_;
  Counters counters_;
  SequenceTable sequences_;
  LearnedMacs learned_;
  CurrentOwnAddresses own_addresses_;
  IdentificationTable identifications_;
  IcmpLimits icmp_;
  PathErrors path_errors_;
  FramePool pool_;
  std::vector<MemoryPort> ports_;
  /// Not asked: no port here takes both tunnels and tenants' frames.
  std::atomic<const HostRules*> rules_{nullptr};
  std::unique_ptr<Pipeline> pipeline_;
  Traffic traffic_;
  std::array<Packet, kBurst> burst_;
};

}  // namespace adit::bench
