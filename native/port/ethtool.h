#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

struct ifreq;

namespace adit {

/// The ethtool requests of one interface, in the network namespace it was made in, also after the
/// thread has moved on.
class Ethtool {
 public:
  struct Channels {
    std::uint32_t rx = 0;
    std::uint32_t tx = 0;
    /// RX and TX queues come in pairs, and are set as such.
    bool combined = false;
  };
  /// One offload, by the kernel's name of it, such as `rx-vlan-hw-parse`.
  struct Feature {
    bool active = false;
    bool changeable = false;
  };

  /// \throws Failure ADIT-2110 when no socket can be had.
  explicit Ethtool(std::string interface);
  ~Ethtool();
  Ethtool(const Ethtool&) = delete;
  Ethtool& operator=(const Ethtool&) = delete;

  [[nodiscard]] const std::string& interface() const noexcept { return interface_; }
  /// Sends an ioctl that is no ethtool request, with an `ifreq`; returns 0 or an errno.
  int ioctl(unsigned long request, ::ifreq& argument) const noexcept;

  /// The driver's name; empty when it does not tell.
  [[nodiscard]] std::string driver() const;
  /// Queues in use; nothing when the driver does not tell.
  [[nodiscard]] std::optional<Channels> channels() const;
  /// The RX queues that received flows are spread over (RSS); empty when the driver does not tell.
  [[nodiscard]] std::vector<std::uint32_t> spread_queues() const;
  /// Whether the ports of such packets take part in choosing their RX queue; nothing when the
  /// driver does not tell.
  enum class Flow : std::uint8_t { kUdp4, kUdp6 };
  [[nodiscard]] std::optional<bool> hashes_ports(Flow flow) const;
  /// Nothing when the kernel knows no such feature.
  [[nodiscard]] std::optional<Feature> feature(const std::string& name) const;
  /// Turns a feature on or off; false when the driver did not do so.
  bool set_feature(const std::string& name, bool on) const;

 private:
  int run(void* command) const noexcept;
  [[nodiscard]] std::vector<std::string> feature_names() const;
  [[nodiscard]] std::optional<std::uint32_t> feature_index(const std::string& name) const;

  std::string interface_;
  int fd_;
};

}  // namespace adit
