#pragma once

#include <memory>
#include <string>
#include <vector>

#include "capture/capture_port.h"
#include "capture/merge.h"
#include "packet/frame_pool.h"
#include "steer/host_rules.h"
#include "table/table.h"
#include "worker/counters.h"
#include "worker/gateway_spec.h"
#include "worker/pipeline.h"
#include "worker/shared_state.h"
#include "worker/totals.h"

namespace adit {

struct ReplayInput {
  std::uint32_t port = 0;
  std::string path;
};

/// The data path with capture files for ports: no interface, no privilege, no
/// kernel to ask. Frames of all inputs are taken in time order, each processed
/// to the end before the next; capture time is the clock.
class Replay {
 public:
  /// \param directory where PORT.pcap and PORT.kernel.pcap are written; it
  /// exists. \throws Failure when an input cannot be read or an output not be
  /// made.
  Replay(const GatewaySpec& spec, const std::vector<ReplayInput>& inputs,
         const std::string& directory);
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  /// Records from now on what becomes of each frame.
  void record() noexcept { is_recording_ = true; }
  /// The way of the last frame that `step` took.
  [[nodiscard]] const Trace& trace() const noexcept { return trace_; }

  /// Processes up to `frames` frames. \returns false once all are done.
  [[nodiscard]] bool step(std::size_t frames);

  /// Ends: drops what still waits, writes the files. \throws Failure when a
  /// file is not whole.
  void finish();

  [[nodiscard]] Totals totals() const;

 private:
  void handle(const MergedFrame& frame);

  Table table_;
  SharedState shared_;
  Counters counters_;
  HostRules rules_;
  FramePool pool_;
  Merge merge_;
  std::vector<std::uint32_t> input_ports_;
  std::vector<std::unique_ptr<CapturePort>> ports_;
  std::vector<std::uint64_t> blocked_;
  Trace trace_;
  bool is_recording_ = false;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace adit
