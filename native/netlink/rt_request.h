#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "netlink/next_hop.h"
#include "netlink/rt_socket.h"

namespace adit {

/// How many requests go to the kernel in one system call. The answers to that many fit the
/// receive queue of any kernel, so that none is lost.
inline constexpr std::size_t kRequestBatch = 128;

/// What is asked of the neighbor table for one address on one link.
struct NeighborRequest {
  enum class Action : std::uint8_t {
    kManage,    // make the entry, marked as ours, resolve it now and keep it resolved
    kAdopt,     // the same for an entry that exists already; its originator mark stays
    kUnmanage,  // no longer keep it resolved; the entry stays
    kRemove,
  };
  Action action = Action::kManage;
  std::uint32_t ifindex = 0;
  IpAddress address;
};

struct RouteRequest {
  IpAddress remote;
  const IpAddress* local = nullptr;  // nullptr: the kernel is to choose the source
};

/// Questions to rtnetlink and their answers, on a socket of its own. Every wait is bounded.
class RtRequester {
 public:
  enum class Dump : std::uint8_t { kComplete, kInterrupted, kFailed };

  /// \throws Failure ADIT-2201
  RtRequester();

  /// Reads a whole table: `type` RTM_GETLINK, RTM_GETADDR or RTM_GETNEIGH, of all families. `visit`
  /// gets each message. `kInterrupted`: the table changed meanwhile, ask again (NLM_F_DUMP_INTR).
  Dump dump(std::uint16_t type, const std::function<void(const nlmsghdr&)>& visit);

  /// Asks for up to kRequestBatch routes at once. `answer(i, error, message)` is called for each
  /// that the kernel answered: error 0 and a route message, or an errno and nullptr.
  /// \return false if an answer did not come in a second.
  bool routes(std::span<const RouteRequest> requests,
              const std::function<void(std::size_t, int, const nlmsghdr*)>& answer);

  /// Sends up to kRequestBatch neighbor requests; `answer(i, error)` is called for each, 0 for
  /// done.
  bool neighbors(std::span<const NeighborRequest> requests,
                 const std::function<void(std::size_t, int)>& answer);

 private:
  /// A message at the end of the batch that is being built.
  nlmsghdr* add(std::uint16_t type, std::uint16_t flags);
  void add_neighbor(const NeighborRequest& request);
  bool exchange(const std::function<void(std::size_t, int, const nlmsghdr*)>& answer);

  RtSocket socket_;
  std::vector<std::uint64_t> buffer_;
  std::size_t used_ = 0;
  std::size_t count_ = 0;
  std::uint32_t sequence_ = 0;  // of the first message of the batch
};

}  // namespace adit
