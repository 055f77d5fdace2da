#include "table/attachment.h"

namespace adit {
namespace {

constexpr std::size_t kVids = 4096;
static_assert(VlanPairMap::kNone == TagMap::kNone);

void claim(std::vector<std::uint32_t>& vids, std::uint16_t vid, std::uint32_t attachment) {
  if (vids.empty()) vids.assign(kVids, TagMap::kNone);
  vids[vid] = attachment;
}

}  // namespace

void TagMap::add(const AttachmentSpec& spec, std::uint32_t attachment) {
  has_any_claim_ = true;
  is_untagged_only_ = is_untagged_only_ && spec.match == TagMatch::kUntagged;
  switch (spec.match) {
    case TagMatch::kUntagged:
      claim(single_, 0, attachment);
      break;
    case TagMatch::kSingle:
      claim(single_, spec.outer, attachment);
      break;
    case TagMatch::kDouble:
      double_.add(VlanPairMap::key_of(spec.outer_tpid, spec.outer, spec.inner), attachment);
      break;
    case TagMatch::kOuter:
      claim(spec.outer_tpid == EtherType::kServiceVlan ? outer_service_ : outer_customer_,
            spec.outer, attachment);
      break;
    case TagMatch::kAny:
      any_ = attachment;
      break;
  }
}

std::uint32_t TagMap::find(const Tags& tags) const noexcept {
  const std::uint32_t exact = find_exact(tags);
  if (exact != kNone) return exact;
  const std::uint32_t outer = find_outer(tags);
  return outer != kNone ? outer : any_;
}

std::uint32_t TagMap::find_exact(const Tags& tags) const noexcept {
  if (tags.count == 0) return claimed(single_, 0);
  if (tags.count == 1 && tags.outer_tpid == EtherType::kVlan) {
    return claimed(single_, tags.outer_vid());
  }
  if (tags.count != 2 || tags.inner_tpid != EtherType::kVlan) return kNone;
  return double_.find(VlanPairMap::key_of(tags.outer_tpid, tags.outer_vid(), tags.inner_vid()));
}

std::uint32_t TagMap::find_outer(const Tags& tags) const noexcept {
  if (tags.count == 0) return kNone;
  return claimed(tags.outer_tpid == EtherType::kServiceVlan ? outer_service_ : outer_customer_,
                 tags.outer_vid());
}

}  // namespace adit
