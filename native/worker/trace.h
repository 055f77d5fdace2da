#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "packet/drop_reason.h"
#include "packet/packet.h"
#include "service/icmp_error.h"
#include "table/next_hop.h"
#include "table/quote.h"
#include "table/size_limit.h"
#include "table/tunnel.h"

namespace adit {

/// One step of a packet's way: what was found or done, and the packet's bytes after it.
struct TraceStep {
  using Field = std::pair<const char*, std::string>;

  const char* name = "";
  std::vector<Field> fields;
  /// Member that the step is about; kNoMember: none.
  std::uint32_t member = kNoMember;
  /// Port that the step is about; -1: none.
  std::int32_t port = -1;
  std::vector<std::uint8_t> bytes;
};

/// The data path's own record of one packet's way, for `explain`. The pipeline tells it what it
/// does as it does it; there is no second implementation of any decision.
class Trace {
 public:
  /// Forgets the packet before.
  void clear() { steps_.clear(); }
  [[nodiscard]] const std::vector<TraceStep>& steps() const noexcept { return steps_; }

  void received(std::size_t port, std::span<const std::uint8_t> frame);
  /// \param verdict the steering rules' word.
  void steered(std::size_t port, const char* verdict);
  /// The outer headers and the tunnel header were read and are sound.
  void outer(const OuterPacket& outer, const Endpoint& endpoint);
  /// It is an ICMP error that quotes a packet as tunnels send them.
  void underlay_error(const OuterPacket& outer, const Endpoint& endpoint,
                      const UnderlayError& error);
  /// The error was believed and told an MTU; 0: none to be believed.
  void path_mtu(std::uint32_t member, std::uint32_t told, bool is_lowered);
  /// A member takes the packet; its headers or tags are popped.
  void taken(std::uint32_t member, const Packet& packet);
  /// Its Ethernet header is popped: an IP packet goes on.
  void unwrapped(const Packet& packet);
  /// It was meant for the gateway itself.
  void consumed(std::uint32_t member);
  /// The gateway's own frame, to be sent by `member`.
  void generated(std::uint32_t member, const Packet& packet);
  void inner(const InnerFrame& inner);
  void served(std::uint32_t member_out);
  void next_hop(const NextHop& hop);
  /// The neighbor on an attachment to whom IP packets are sent.
  void neighbor(std::size_t port, const MacAddress& mac, bool is_learned);
  /// The verdict on size: `bytes` of IP packet, as it would be sent, against the limit; of a tunnel
  /// also what each header takes of it.
  void size(const SizeLimit& limit, std::uint32_t bytes);
  void size(const SizeLimit& limit, const Tunnel& tunnel, const InnerFrame& inner,
            std::uint32_t bytes);
  /// What the sender is told, or why it is told nothing.
  void told(const IcmpError& error, InnerFrame::Payload payload);
  void not_told(const char* why);
  /// One of `count` fragments that go on in the packet's place; `number` counts from 1.
  void fragment(std::uint32_t member_out, std::uint32_t number, std::uint32_t count,
                const Packet& packet);
  void held(std::uint32_t member_out);
  void sent(std::size_t port, const Packet& packet);
  void dropped(DropReason reason, const Packet& packet);

 private:
  TraceStep& add(const char* name) {
    steps_.push_back({});
    steps_.back().name = name;
    return steps_.back();
  }

  std::vector<TraceStep> steps_;
};

}  // namespace adit
