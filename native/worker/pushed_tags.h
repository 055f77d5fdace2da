#pragma once

#include <cstdint>

#include "packet/inner.h"
#include "packet/tags.h"
#include "table/attachment.h"
#include "worker/hold_queue.h"

namespace adit {

// The tags that an attachment pushes on the way out.

/// Priority of the tags that an attachment pushes.
[[nodiscard]] inline std::uint8_t pcp_for(const Attachment& attachment, const Outgoing& outgoing,
                                          const InnerFrame& inner) noexcept {
  constexpr unsigned kClassShift = 3;
  if (!attachment.inherit_pcp) return attachment.pcp;
  if (outgoing.popped_pcp != Outgoing::kNoPcp) return outgoing.popped_pcp;
  return static_cast<std::uint8_t>(inner.dscp >> kClassShift);
}

[[nodiscard]] inline Tags tags_as_sent(const Attachment& attachment, Tags tags,
                                       std::uint8_t pcp) noexcept {
  if (attachment.pops == 2) {
    tags = with_outer(tags, EtherType::kVlan, tci_of(pcp, attachment.inner));
  }
  if (attachment.pops > 0) {
    tags = with_outer(tags, attachment.outer_tpid, tci_of(pcp, attachment.outer));
  }
  return tags;
}

/// Whether a frame's tags, as sent, are the attachment's own or nobody's on
/// that port. \param selected the attachment that claims them there; \param own its own index.
[[nodiscard]] inline bool may_leave(const Attachment& attachment, const Tags& sent,
                                    std::uint32_t selected, std::uint32_t own) noexcept {
  if (attachment.match == TagMatch::kUntagged && sent.count > 0) return false;
  if (selected == own) return true;
  return selected == TagMap::kNone && !attachment.keep_tag;
}

}  // namespace adit
