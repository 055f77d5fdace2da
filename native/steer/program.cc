#include "steer/program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <net/if.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "steer.skel.h"
#include "steer/attach.h"
#include "steer/bpf_failure.h"
#include "steer/keys.h"
#include "steer/libbpf_log.h"

namespace adit {
namespace {

// Entries are allocated as they come; what counts at once is 16 bytes a bucket.
constexpr std::uint32_t kDoubleCapacity = 1U << 17;

constexpr const char* kLoading = "cannot load the steering program";

void check_loading(int result, const LibbpfLog& log) {
  if (result != 0) throw bpf_failure(kLoading, -result, log.tail());
}

/// \throws Failure when the kernel refuses the change, which only a broken argument makes it do.
void set_element(const bpf_map* map, const char* what, std::uint32_t key, const void* value) {
  if (bpf_map_update_elem(bpf_map__fd(map), &key, value, BPF_ANY) == 0) return;
  throw Failure(
      "ADIT-2002",
      std::string("cannot set ") + what + " " + std::to_string(key) + ": " + std::strerror(errno),
      "check that the interface has that queue and that the socket is open");
}

}  // namespace

void SteeringProgram::Destroy::operator()(steer_bpf* object) const noexcept {
  steer_bpf__destroy(object);
}

SteeringProgram::SteeringProgram(const SteeringMaps& maps, const SteeringConfig::Port& port,
                                 std::uint32_t queues, std::uint32_t one_buffer_mtu)
    : doubles_(BPF_MAP_TYPE_HASH, "doubles", capacity_for(port.doubles.size(), kDoubleCapacity)),
      one_buffer_mtu_(one_buffer_mtu) {
  const LibbpfLog log;
  object_.reset(steer_bpf__open());
  if (!object_) throw bpf_failure(kLoading, errno, log.tail());
  object_->rodata->has_load_bytes =
      libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_xdp_load_bytes, nullptr) == 1 ? 1 : 0;
  // Not by the section's name: an older kernel loads the program without.
  if (one_buffer_mtu != kOneBuffer) {
    check_loading(bpf_program__set_flags(object_->progs.adit_steer, BPF_F_XDP_HAS_FRAGS), log);
  }
  check_loading(bpf_map__set_max_entries(object_->maps.sockets, queues), log);
  check_loading(bpf_map__reuse_fd(object_->maps.doubles, doubles_.fd()), log);
  check_loading(bpf_map__reuse_fd(object_->maps.endpoints, maps.endpoints_fd()), log);
  check_loading(bpf_map__reuse_fd(object_->maps.block4, maps.block4_fd()), log);
  check_loading(bpf_map__reuse_fd(object_->maps.block6, maps.block6_fd()), log);
  check_loading(steer_bpf__load(object_.get()), log);
  update(port);
}

SteeringProgram::~SteeringProgram() { detach(); }

SteerAttachment SteeringProgram::attach(const std::string& interface, XdpMode mode) {
  detach();
  const unsigned ifindex = if_nametoindex(interface.c_str());
  if (ifindex == 0) throw attach_failure(interface, 0, mode != XdpMode::kGeneric, ENODEV);
  SteerAttachment attachment;
  if (mode != XdpMode::kGeneric) {
    link_fd_ = create_xdp_link(program_fd(), ifindex, true);
    attachment.native = link_fd_ >= 0;
    if (attachment.native) return attachment;
    const int error = -link_fd_;
    // Another's program would refuse generic mode as well, and for a clearer reason.
    if (mode == XdpMode::kNative || is_taken(error) || error == EPERM) {
      throw attach_failure(interface, ifindex, true, error, one_buffer_mtu_);
    }
    attachment.native_refusal = native_refusal(error);
  }
  link_fd_ = create_xdp_link(program_fd(), ifindex, false);
  if (link_fd_ < 0) throw attach_failure(interface, ifindex, false, -link_fd_);
  return attachment;
}

void SteeringProgram::detach() noexcept {
  if (link_fd_ >= 0) {
    // The link's last reference may be dropped later than `close` returns; detaching is at once.
    bpf_link_detach(link_fd_);
    close(link_fd_);
  }
  link_fd_ = -1;
}

void SteeringProgram::set_socket(std::uint32_t queue, int socket_fd) {
  set_element(object_->maps.sockets, "the socket of queue", queue, &socket_fd);
}

void SteeringProgram::clear_socket(std::uint32_t queue) noexcept {
  bpf_map_delete_elem(bpf_map__fd(object_->maps.sockets), &queue);
}

void SteeringProgram::update(const SteeringConfig::Port& port) {
  try {
    doubles_.stage(double_keys_of(port));
  } catch (...) {
    doubles_.roll_back();
    throw;
  }
  const VidWords wanted = vid_words_of(port);
  VidWords both = wanted;
  for (std::size_t i = 0; i < both.size(); ++i) both[i] |= vids_[i];
  const steer_port facts = steer_port_of(port);
  const bool changes_facts = std::memcmp(&facts, &facts_, sizeof facts) != 0;
  const bool adds = changes_facts || doubles_.adds() || both != vids_;
  const bool removes = doubles_.removes() || both != wanted;
  // Old and new claims hold together while the facts change, and until nobody goes by the old.
  set_vids(both);
  if (changes_facts) set_facts(facts);
  if (adds && removes) barrier_.wait();
  set_vids(wanted);
  doubles_.commit();
}

void SteeringProgram::set_facts(const steer_port& facts) {
  set_element(object_->maps.port, "the facts of port", 0, &facts);
  facts_ = facts;
}

void SteeringProgram::set_vids(const VidWords& wanted) {
  for (std::uint32_t i = 0; i < wanted.size(); ++i) {
    if (vids_[i] == wanted[i]) continue;
    set_element(object_->maps.vids, "the claimed VIDs of word", i, &wanted[i]);
    vids_[i] = wanted[i];
  }
}

SteerCounters SteeringProgram::counters() const {
  const int cpus = libbpf_num_possible_cpus();
  if (cpus <= 0) throw bpf_failure("cannot count the processors", -cpus, "");
  std::vector<std::uint64_t> values(static_cast<std::size_t>(cpus));
  std::uint64_t sums[STEER_VERDICTS] = {};
  for (std::uint32_t verdict = 0; verdict < STEER_VERDICTS; ++verdict) {
    const int fd = bpf_map__fd(object_->maps.counters);
    if (bpf_map_lookup_elem(fd, &verdict, values.data()) != 0) {
      throw bpf_failure("cannot read the steering counters", errno, "");
    }
    for (const std::uint64_t value : values) sums[verdict] += value;
  }
  return {sums[STEER_PASS], sums[STEER_TUNNEL], sums[STEER_ATTACHMENT], sums[STEER_BLOCKED]};
}

int SteeringProgram::program_fd() const noexcept {
  return bpf_program__fd(object_->progs.adit_steer);
}

}  // namespace adit
