#include "steer/attach.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "steer/bpf_failure.h"

namespace adit {
namespace {

// A killed predecessor's program leaves when the kernel has closed its files, not at once.
constexpr std::chrono::milliseconds kTakenPatience{1500};
constexpr std::chrono::milliseconds kTakenPause{50};

/// Names the program that is on the interface, as far as this process may look.
std::string present_program(unsigned ifindex) {
  LIBBPF_OPTS(bpf_xdp_query_opts, query);
  if (bpf_xdp_query(static_cast<int>(ifindex), 0, &query) != 0) return "an XDP program";
  __u32 id = query.prog_id;
  if (id == 0) id = query.drv_prog_id != 0 ? query.drv_prog_id : query.skb_prog_id;
  if (id == 0) return "an XDP program";
  std::string text = "the XDP program with id " + std::to_string(id);
  // Looking into another's program takes CAP_SYS_ADMIN, which we usually do not have.
  const int fd = bpf_prog_get_fd_by_id(id);
  if (fd < 0) return text;
  bpf_prog_info info{};
  __u32 bytes = sizeof info;
  if (bpf_obj_get_info_by_fd(fd, &info, &bytes) == 0 && info.name[0] != '\0') {
    text += std::string(" (") + info.name + ")";
  }
  close(fd);
  return text;
}

std::string native_fix(const std::string& interface, int error) {
  switch (error) {
    case ERANGE:
      return "lower the MTU of the peer, as in `ip link set dev PEER mtu 1500`, or set xdpMode to "
             "\"generic\"";
    case ENOSPC:
      return "give the interface as many RX queues as its peer has TX queues, as in `ethtool -L " +
             interface + " rx N`";
    default:
      return "set xdpMode to \"auto\" or \"generic\", or update the driver";
  }
}

}  // namespace

int create_xdp_link(int program_fd, unsigned ifindex, bool native) noexcept {
  LIBBPF_OPTS(bpf_link_create_opts, options,
              .flags = native ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE);
  const auto deadline = std::chrono::steady_clock::now() + kTakenPatience;
  for (;;) {
    const int fd = bpf_link_create(program_fd, static_cast<int>(ifindex), BPF_XDP, &options);
    if (fd >= 0 || !is_taken(-fd) || std::chrono::steady_clock::now() >= deadline) return fd;
    std::this_thread::sleep_for(kTakenPause);
  }
}

bool is_taken(int error) noexcept {
  // EEXIST: the program there is attached in the other mode.
  return error == EBUSY || error == EEXIST;
}

std::string native_refusal(int error) {
  switch (error) {
    case ERANGE:
      return "the peer's MTU is too large for it";
    case ENOSPC:
      return "the interface has fewer RX queues than its peer has TX queues";
    case EOPNOTSUPP:
      return "the driver does not support it";
    case EINVAL:
      return "the driver refuses it in its present settings, often MTU, LRO or number of queues";
    default:
      return std::strerror(error);
  }
}

Failure attach_failure(const std::string& interface, unsigned ifindex, bool native, int error,
                       unsigned one_buffer_mtu) {
  if (is_taken(error)) {
    return {"ADIT-2004", "interface " + interface + " already carries " + present_program(ifindex),
            "look with `ip link show dev " + interface +
                "` or `bpftool net`, and stop the program's "
                "owner; another's program is never replaced"};
  }
  const std::string what = "cannot attach to interface " + interface + " in " +
                           (native ? "native" : "generic") + " mode";
  if (error == EPERM || error == EACCES || error == ENOMEM) return bpf_failure(what, error, "");
  if (error == ENODEV) {
    return {"ADIT-2006", what + ": there is no such interface any more",
            "check `ip link`, and the network namespace"};
  }
  if (native) {
    std::string fix = native_fix(interface, error);
    if (one_buffer_mtu != 0 && error != ENOSPC) {
      fix += ", or lower the MTU with `ip link set dev " + interface + " mtu " +
             std::to_string(one_buffer_mtu) +
             "`: the driver may not have packets of several buffers in native mode";
    }
    return {"ADIT-2005", what + ": " + native_refusal(error), fix};
  }
  return {"ADIT-2005", what + ": " + std::strerror(error),
          "check `ip -d link show dev " + interface + "`"};
}

}  // namespace adit
