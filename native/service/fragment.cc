#include "service/fragment.h"

#include <optional>

#include "wire/checksum.h"

namespace adit {
namespace {

constexpr std::uint32_t kUnit = 8;
constexpr std::uint32_t kMostHeader = 60;
constexpr std::uint32_t kMostPacket = 65535;

/// Copies the options that every fragment has (RFC 791 §3.1: the copied flag) to `out`, padded with
/// end-of-list to a whole word. \returns their bytes, or none where the options are malformed.
std::optional<std::uint32_t> copy_options(const std::uint8_t* options, std::uint32_t bytes,
                                          std::uint8_t* out) noexcept {
  constexpr std::uint8_t kEnd = 0;
  constexpr std::uint8_t kNoOperation = 1;
  constexpr std::uint8_t kCopied = 0x80;
  std::uint32_t copied = 0;
  std::uint32_t at = 0;
  while (at < bytes && options[at] != kEnd) {
    if (options[at] == kNoOperation) {
      ++at;
      continue;
    }
    if (bytes - at < 2) return std::nullopt;
    const std::uint32_t length = options[at + 1];
    if (length < 2 || length > bytes - at) return std::nullopt;
    if ((options[at] & kCopied) != 0) {
      std::memcpy(out + copied, options + at, length);
      copied += length;
    }
    at += length;
  }
  while (copied % 4 != 0) out[copied++] = kEnd;
  return copied;
}

bool is_sound(const Packet& packet, const InnerFrame& inner, const Ipv4Header& ip) noexcept {
  const std::uint32_t total = ip.total_length.get();
  if (total < ip.header_bytes() || total > packet.length() - inner.ip_offset) return false;
  if (ip.header_bytes() > packet.size() - inner.ip_offset) return false;
  ChecksumSum sum;
  sum.add(packet.data() + inner.ip_offset, ip.header_bytes());
  return sum.verifies();
}

/// Sets length, offset and flags of a fragment's header, and its checksum.
void finish_header(std::uint8_t* header, std::uint32_t header_bytes, std::uint32_t payload,
                   std::uint32_t offset, bool more) noexcept {
  auto* ip = reinterpret_cast<Ipv4Header*>(header);
  constexpr std::uint16_t kKept = 0x8000;
  const std::uint16_t before = ip->flags_offset.get();
  const std::uint32_t place = (before & Ipv4Header::kOffsetMask) + offset / kUnit;
  const bool is_more = more || (before & Ipv4Header::kMoreFragments) != 0;
  ip->version_ihl = static_cast<std::uint8_t>(0x40 | header_bytes / 4);
  ip->total_length = static_cast<std::uint16_t>(header_bytes + payload);
  ip->flags_offset = static_cast<std::uint16_t>((before & kKept) | place |
                                                (is_more ? Ipv4Header::kMoreFragments : 0));
  ip->checksum = std::uint16_t{0};
  ChecksumSum sum;
  sum.add(header, header_bytes);
  ip->checksum = sum.checksum();
}

}  // namespace

FragmentPlan plan_fragments(const Packet& packet, const InnerFrame& inner,
                            std::uint32_t limit) noexcept {
  FragmentPlan plan;
  if (inner.payload != InnerFrame::Payload::kIpv4 || inner.dont_fragment) return plan;
  const auto* ip = packet.at<Ipv4Header>(inner.ip_offset);
  if (!is_sound(packet, inner, *ip)) return plan;
  std::uint8_t options[kMostHeader];
  plan.ip_offset = inner.ip_offset;
  plan.first_header = ip->header_bytes();
  const auto copied = copy_options(packet.data() + inner.ip_offset + sizeof *ip,
                                   plan.first_header - std::uint32_t{sizeof *ip}, options);
  if (!copied || limit < plan.first_header + kUnit) return plan;
  plan.later_header = std::uint32_t{sizeof *ip} + *copied;
  plan.total_bytes = ip->total_length.get() - plan.first_header;
  const std::uint32_t start = (ip->flags_offset.get() & Ipv4Header::kOffsetMask) * kUnit;
  // What would end behind the largest IP packet reassembles to nothing.
  if (start + plan.total_bytes + plan.first_header > kMostPacket) return plan;
  plan.first_bytes = (limit - plan.first_header) / kUnit * kUnit;
  plan.later_bytes = (limit - plan.later_header) / kUnit * kUnit;
  // It fits: what is too big is behind the IP packet, and no fragment mends that.
  if (ip->total_length.get() <= limit) return plan;
  std::uint32_t rest = plan.total_bytes - plan.first_bytes;
  plan.count = 1;
  // The last one may end anywhere.
  const std::uint32_t most_last = limit - plan.later_header;
  while (rest > most_last) {
    rest -= plan.later_bytes;
    ++plan.count;
  }
  ++plan.count;
  return plan;
}

bool copy_fragment(const Packet& whole, const FragmentPlan& plan, std::uint32_t index,
                   Packet& out) noexcept {
  const std::uint32_t offset = plan.first_bytes + (index - 1) * plan.later_bytes;
  const bool is_last = index + 1 == plan.count;
  const std::uint32_t payload = is_last ? plan.total_bytes - offset : plan.later_bytes;
  const std::uint32_t headers = plan.ip_offset + plan.later_header;
  if (!out.pad(headers + payload)) return false;
  const std::uint8_t* from = whole.data();
  std::memcpy(out.data(), from, plan.ip_offset + sizeof(Ipv4Header));
  std::uint8_t* header = out.data() + plan.ip_offset;
  static_cast<void>(copy_options(from + plan.ip_offset + sizeof(Ipv4Header),
                                 plan.first_header - std::uint32_t{sizeof(Ipv4Header)},
                                 header + sizeof(Ipv4Header)));
  static_cast<void>(
      whole.load(plan.ip_offset + plan.first_header + offset, out.data() + headers, payload));
  finish_header(header, plan.later_header, payload, offset, !is_last);
  return true;
}

void cut_to_first_fragment(Packet& packet, const FragmentPlan& plan) noexcept {
  static_cast<void>(packet.trim(plan.ip_offset + plan.first_header + plan.first_bytes));
  finish_header(packet.data() + plan.ip_offset, plan.first_header, plan.first_bytes, 0, true);
}

}  // namespace adit
