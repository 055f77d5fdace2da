#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "packet/large_pages.h"
#include "table/arrival.h"
#include "table/attachment.h"
#include "table/endpoint_map.h"
#include "table/sent_map.h"
#include "table/table_spec.h"
#include "table/tunnel.h"
#include "table/tunnel_map.h"

namespace adit {

/// A member: an attachment or a tunnel, and where what it receives goes.
struct Member {
  enum class Kind : std::uint8_t { kAttachment, kTunnel };

  Kind kind = Kind::kAttachment;
  std::uint32_t tenant = 0;
  /// kNoMember: in no service.
  std::uint32_t peer = kNoMember;
  /// Index into the attachments or tunnels.
  std::uint32_t index = 0;

  [[nodiscard]] bool operator==(const Member&) const noexcept = default;
};

/// Members that become something else.
struct TableChange {
  std::vector<std::uint32_t> members;
  /// One to each of `members`, checked as a whole table's are.
  MemberSpecs specs;
};

/// All that decides what happens to a packet, except next hops and ports'
/// state. Immutable: built off the packet path and published by one pointer;
/// any number of workers read it without locks.
class Table {
 public:
  /// \pre `spec` was checked: indexes are in range, no two members claim the
  /// same packets.
  explicit Table(const TableSpec& spec);
  Table& operator=(const Table&) = delete;

  /// The table that has these members changed and all else as it is here, for a part of what
  /// building it costs: what no change touches both tables share. Null where a change reaches
  /// further than its tunnel, so that a whole table is to be built: an attachment's, of an
  /// endpoint, of what kind of frames or packets go in, or where a tunnel has prefixes of sources
  /// or leads to ourselves.
  [[nodiscard]] std::unique_ptr<const Table> with(const TableChange& change) const;
  /// Whether one of the two was made of the other so, in however many steps.
  [[nodiscard]] bool shares_members(const Table& other) const noexcept {
    return attached_ == other.attached_;
  }

  [[nodiscard]] const Member& member(std::uint32_t index) const noexcept {
    return attached_->members[index];
  }
  [[nodiscard]] std::span<const Member> members() const noexcept { return attached_->members; }
  [[nodiscard]] const Attachment& attachment(std::uint32_t index) const noexcept {
    return attached_->attachments[index];
  }
  [[nodiscard]] std::span<const Attachment> attachments() const noexcept {
    return attached_->attachments;
  }
  /// Where the attachment's IP packets are sent; none: to the neighbor that was learned.
  [[nodiscard]] std::optional<MacAddress> next_hop_mac(const Attachment& attachment) const noexcept;
  [[nodiscard]] const Tunnel& tunnel(std::uint32_t index) const noexcept { return tunnels_[index]; }
  [[nodiscard]] std::span<const Tunnel> tunnel_list() const noexcept { return tunnels_; }
  /// Of each tunnel, and one more that no packet matches.
  [[nodiscard]] std::span<const Arrival> arrivals() const noexcept { return arrivals_; }
  [[nodiscard]] std::uint32_t tenants() const noexcept { return tenants_; }
  [[nodiscard]] std::uint32_t next_hops() const noexcept { return next_hops_; }
  /// ICMP errors that may be made for a tenant.
  [[nodiscard]] std::uint32_t icmp_per_second(std::uint32_t tenant) const noexcept {
    return tenant < icmp_per_second_.size() ? icmp_per_second_[tenant] : kIcmpPerSecond;
  }
  [[nodiscard]] std::size_t ports() const noexcept { return ports_.size(); }
  [[nodiscard]] const PortSpec& port(std::size_t index) const noexcept { return ports_[index]; }
  /// Claims of the port's attachments.
  [[nodiscard]] const TagMap& tags(std::size_t port) const noexcept {
    return attached_->tags[port];
  }
  /// Whether frames of the port may go to another attachment by the fast path.
  [[nodiscard]] bool has_crossing(std::size_t port) const noexcept {
    return attached_->has_crossing[port];
  }
  [[nodiscard]] const EndpointMap& endpoints() const noexcept { return *endpoints_; }
  [[nodiscard]] const TunnelMap& tunnels() const noexcept { return *tunnel_map_; }
  /// Who sent a packet that an ICMP error quotes.
  [[nodiscard]] const SentMap& senders() const noexcept { return *sent_map_; }
  [[nodiscard]] const HashSeed& seed() const noexcept { return seed_; }

 private:
  /// All but tunnels; shared by tables that only tunnels tell apart.
  struct Attached {
    std::vector<Member, LargePageAllocator<Member>> members;
    std::vector<Attachment, LargePageAllocator<Attachment>> attachments;
    /// By member, in its order; few attachments have one.
    std::vector<std::pair<std::uint32_t, MacAddress>> next_hop_macs;
    /// By port.
    std::vector<TagMap> tags;
    std::vector<bool> has_crossing;
  };

  /// The same but for the maps of tunnels, which are left to be made.
  Table(const Table& before) = default;

  void add_attachment(const AttachmentSpec& spec, std::uint32_t member);
  void connect(const Member& member) noexcept;
  [[nodiscard]] Arrival arrival_of(const Member& member) const noexcept;
  [[nodiscard]] FastWay way_to(std::uint32_t member) const noexcept;
  [[nodiscard]] bool change_tunnel(std::uint32_t member, const MemberSpec& spec);

  std::uint32_t tenants_;
  std::uint32_t next_hops_;
  std::vector<std::uint32_t> icmp_per_second_;
  HashSeed seed_;
  std::vector<PortSpec> ports_;
  /// Not changed once the table is built.
  std::shared_ptr<Attached> attached_;
  std::vector<Tunnel, LargePageAllocator<Tunnel>> tunnels_;
  std::vector<Arrival, LargePageAllocator<Arrival>> arrivals_;
  std::shared_ptr<const EndpointMap> endpoints_;
  std::shared_ptr<const TunnelMap> tunnel_map_;
  std::shared_ptr<const SentMap> sent_map_;
  /// Some tunnel takes packets by prefixes of sources, or is sent to one of our own endpoints: what
  /// becomes of one then depends on others.
  bool is_entangled_ = false;
};

}  // namespace adit
