#include "worker/member_size.h"

namespace adit {
namespace {

/// Bytes of tags that an attachment leaves on every frame that it receives.
std::uint32_t kept_tag_bytes(const Attachment& attachment) noexcept {
  if (!attachment.keep_tag) return 0;
  const bool is_double = attachment.match == TagMatch::kDouble;
  const bool is_single =
      attachment.match == TagMatch::kSingle || attachment.match == TagMatch::kOuter;
  return static_cast<std::uint32_t>(sizeof(VlanTag)) * (is_double ? 2 : is_single ? 1 : 0);
}

MemberSize size_of(const Table& table, const Tunnel& tunnel, std::uint32_t peer,
                   const NextHopTable& hops, std::uint64_t now_ns) {
  if (tunnel.next_hop == kNoNextHop) return {};
  const NextHop hop = hops.get(tunnel.next_hop, now_ns);
  if (hop.status == NextHop::Status::kNoRoute) return {};
  const SizeLimit limit = limit_of(tunnel, hop);
  std::uint32_t offset = inner_ethernet_bytes(tunnel.payload_ip);
  const bool is_attached =
      peer != kNoMember && table.member(peer).kind == Member::Kind::kAttachment;
  if (is_attached && !tunnel.payload_ip) {
    offset += kept_tag_bytes(table.attachment(table.member(peer).index));
  }
  return {inner_limit(tunnel, limit, offset), limit.source};
}

}  // namespace

std::vector<MemberSize> member_sizes(const Table& table, const NextHopTable& hops,
                                     const PortStatusList& ports, std::uint64_t now_ns) {
  std::vector<MemberSize> sizes;
  sizes.reserve(table.members().size());
  for (const Member& member : table.members()) {
    if (member.kind == Member::Kind::kTunnel) {
      sizes.push_back(size_of(table, table.tunnel(member.index), member.peer, hops, now_ns));
      continue;
    }
    const Attachment& attachment = table.attachment(member.index);
    const SizeLimit limit =
        limit_of(attachment, ports[attachment.port].mtu.load(std::memory_order_relaxed));
    sizes.push_back({limit.bytes, limit.source});
  }
  return sizes;
}

const char* size_source_words(SizeSource source) noexcept {
  switch (source) {
    case SizeSource::kPath:
      return "the path, as an ICMP error told";
    case SizeSource::kTunnel:
      return "the tunnel's mtu";
    case SizeSource::kPort:
      return "the port";
    case SizeSource::kAttachment:
      return "the attachment's mtu";
    case SizeSource::kNextHop:
      break;
  }
  return "the way to the remote";
}

}  // namespace adit
