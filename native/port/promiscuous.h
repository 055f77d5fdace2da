#pragma once

namespace adit {

/// Makes an interface take frames for every MAC while it lives: tenants' frames are addressed to
/// tenants' hosts, not to the port. The kernel counts who asked, so others' wishes stand, and takes
/// it back by itself when the process dies.
class Promiscuous {
 public:
  /// In this thread's network namespace. \throws Failure ADIT-2110.
  explicit Promiscuous(unsigned ifindex);
  ~Promiscuous();
  Promiscuous(const Promiscuous&) = delete;
  Promiscuous& operator=(const Promiscuous&) = delete;

 private:
  int fd_;
};

}  // namespace adit
