#include "steer/bpf_failure.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace adit {
namespace {

struct NeededCapability {
  const char* name;
  unsigned number;
};
// CAP_BPF is 39 (Linux 5.8); written out for older headers.
constexpr std::array<NeededCapability, 2> kNeeded{
    {{"CAP_NET_ADMIN", CAP_NET_ADMIN}, {"CAP_BPF", 39}}};

std::string missing_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  if (syscall(SYS_capget, &header, sets.data()) != 0) return {};
  const std::uint64_t effective = std::uint64_t{sets[1].effective} << 32 | sets[0].effective;
  std::string missing;
  for (const NeededCapability& capability : kNeeded) {
    if ((effective >> capability.number & 1) != 0) continue;
    if (!missing.empty()) missing += " and ";
    missing += capability.name;
  }
  return missing;
}

}  // namespace

Failure bpf_failure(const std::string& what, int error, const std::string& log) {
  const std::string said = log.empty() ? std::strerror(error) : std::strerror(error) + (": " + log);
  if (error == EPERM || error == EACCES) {
    const std::string missing = missing_capabilities();
    if (!missing.empty()) {
      return {"ADIT-2001", what + ": the process lacks " + missing,
              "run as root, or give the program " + missing +
                  " (AmbientCapabilities= of systemd, --cap-add of a container)"};
    }
  }
  if (error == EPERM) {
    return {"ADIT-2001", what + ": " + said,
            "the kernel may be locked down or the container's seccomp profile may forbid bpf(); "
            "allow it"};
  }
  if (error == ENOMEM || error == E2BIG || error == ENOSPC) {
    return {"ADIT-2003", what + ": " + said,
            "raise the memory limit of the service or container, or use fewer endpoints, blocked "
            "prefixes and attachments of two tags"};
  }
  return {"ADIT-2002", what + ": " + said,
          "use Linux 5.18 or later, or 5.15 and later with CAP_PERFMON added; report it with the "
          "kernel's version if it is newer"};
}

}  // namespace adit
