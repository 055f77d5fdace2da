#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "steer/bpf_key_set.h"
#include "steer/bpf_run_barrier.h"
#include "steer/keys.h"
#include "steer/steering_config.h"
#include "steer/steering_maps.h"

struct steer_bpf;

namespace adit {

/// How an XDP program is attached: at the driver's hook, or behind it on ready-made SKBs.
enum class XdpMode : std::uint8_t { kAuto, kNative, kGeneric };

/// Frames by what the steering program did with them, since it was loaded.
struct SteerCounters {
  std::uint64_t passed = 0;
  std::uint64_t redirected_tunnel = 0;
  std::uint64_t redirected_attachment = 0;
  std::uint64_t blocked = 0;
};

/// Which mode `attach` got.
struct SteerAttachment {
  bool native = false;
  /// In mode auto, why native was refused; empty when it was not.
  std::string native_refusal;
};

/// The steering program of one port: loaded once, attached to the port's interface for as long as
/// this object, or the process, lives. One thread uses it.
class SteeringProgram {
 public:
  static constexpr std::uint32_t kOneBuffer = 0;

  /// Loads the program. \param queues RX queues of the interface, at least 1. \param one_buffer_mtu
  /// where packets may take several buffers, the MTU that takes one; else kOneBuffer.
  /// \throws Failure ADIT-2001 (capability), ADIT-2002 (kernel), ADIT-2003 (memory).
  SteeringProgram(const SteeringMaps& maps, const SteeringConfig::Port& port, std::uint32_t queues,
                  std::uint32_t one_buffer_mtu = kOneBuffer);
  ~SteeringProgram();
  SteeringProgram(const SteeringProgram&) = delete;
  SteeringProgram& operator=(const SteeringProgram&) = delete;

  /// Attaches to the interface, in the network namespace of this thread, and waits a bounded time
  /// for a predecessor to let go. Also used to attach anew to an interface that came back. Nobody
  /// else's program is ever replaced.
  /// \throws Failure ADIT-2004 (another program is there), ADIT-2005 (mode refused), ADIT-2001,
  /// ADIT-2006 (no such interface).
  SteerAttachment attach(const std::string& interface, XdpMode mode);
  /// From its return on no frame is redirected. Does nothing when not attached.
  void detach() noexcept;

  /// Frames of ours that arrive on the queue go to the AF_XDP socket. \throws Failure ADIT-2002.
  void set_socket(std::uint32_t queue, int socket_fd);
  /// Frames of the queue go to the kernel again. (A closed socket leaves its queue by itself.)
  void clear_socket(std::uint32_t queue) noexcept;

  /// Puts new facts and claims of the port in force; a frame that the old and the new claims take
  /// is never missed, also when different ones do. Where claims take the place of others it waits
  /// some 10 ms for running programs.
  /// \throws Failure ADIT-2003 when the claims do not fit; nothing is changed then. ADIT-2002.
  void update(const SteeringConfig::Port& port);

  /// \throws Failure ADIT-2002.
  [[nodiscard]] SteerCounters counters() const;

  /// For test runs of the program; it stays owned here.
  [[nodiscard]] int program_fd() const noexcept;

 private:
  struct Destroy {
    void operator()(steer_bpf* object) const noexcept;
  };
  void set_facts(const steer_port& facts);
  /// Sets the words of claimed VIDs that are not so yet.
  void set_vids(const VidWords& wanted);

  BpfKeySet<steer_double_key> doubles_;
  /// As the kernel has them.
  VidWords vids_{};
  steer_port facts_{};
  std::uint32_t one_buffer_mtu_;
  BpfRunBarrier barrier_;
  std::unique_ptr<steer_bpf, Destroy> object_;
  int link_fd_ = -1;
};

}  // namespace adit
