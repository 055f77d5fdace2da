#pragma once

namespace adit {

/// Waits for BPF programs that are running. One run looks into several maps, and what is taken out
/// of one must not be missed by a run that looked into another before its substitute was put there.
class BpfRunBarrier {
 public:
  /// \throws Failure ADIT-2001 (capability), ADIT-2003 (memory).
  BpfRunBarrier();
  ~BpfRunBarrier();
  BpfRunBarrier(const BpfRunBarrier&) = delete;
  BpfRunBarrier& operator=(const BpfRunBarrier&) = delete;

  /// Returns when every run that has begun by now is over; the kernel takes some 10 ms to know.
  void wait() const noexcept;

 private:
  int inner_fd_;
  int outer_fd_ = -1;
};

}  // namespace adit
