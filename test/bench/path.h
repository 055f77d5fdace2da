#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "memory_port.h"
#include "scene.h"
#include "traffic.h"
#include "worker/pipeline.h"
#include "worker/shared_state.h"
#include "worker/table_publication.h"

namespace adit::bench {

/// What all workers of a scene share.
struct Ground {
  explicit Ground(const Scene& of);
  Ground(const Scene& of, const TableSpec& spec);

  /// For a worker that begins, beside others that do.
  [[nodiscard]] TableReader& add_reader() {
    const std::lock_guard lock(readers_mutex);
    return tables.add_reader();
  }

  Scene scene;
  std::mutex readers_mutex;
  TablePublication tables;
  SharedState shared;
};

/// One worker's pipeline between two memory ports that goes through one scene's packets, burst by
/// burst.
class Path {
 public:
  /// \param ground outlives this.
  explicit Path(Ground& ground);
  Path(const Path&) = delete;
  Path& operator=(const Path&) = delete;
  ~Path() { tables_.leave(); }

  /// Receives a burst, which is not measured.
  void receive() noexcept;
  /// What is measured, a worker's round: looks for the table, takes the burst out of the ring,
  /// takes it through the path, and does the rings' and the frame pool's work.
  [[gnu::noinline]] void run() noexcept;
  /// The kernel's part behind it, which is not measured. \throws std::logic_error when a packet of
  /// the burst was not sent.
  void complete();

  [[nodiscard]] const MemoryPort& port(std::size_t index) const noexcept { return ports_[index]; }

 private:
  Ground& ground_;
  TableReader& tables_;
  Counters counters_;
  FramePool pool_;
  std::vector<MemoryPort> ports_;
  std::unique_ptr<Pipeline> pipeline_;
  Traffic traffic_;
  std::array<Packet, kBurst> burst_;
};

}  // namespace adit::bench
