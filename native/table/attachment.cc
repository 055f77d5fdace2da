#include "table/attachment.h"

namespace adit {
namespace {

constexpr std::size_t kVids = 4096;
static_assert(VlanPairMap::kNone == kNoMember);

void claim(std::vector<std::uint32_t>& vids, std::uint16_t vid, std::uint32_t member) {
  if (vids.empty()) vids.assign(kVids, kNoMember);
  vids[vid] = member;
}

std::uint32_t claimed(const std::vector<std::uint32_t>& vids, std::uint16_t vid) noexcept {
  return vids.empty() ? kNoMember : vids[vid];
}

}  // namespace

void TagMap::add(const AttachmentSpec& spec, std::uint32_t member) {
  has_any_claim_ = true;
  switch (spec.match) {
    case TagMatch::kUntagged:
      claim(single_, 0, member);
      break;
    case TagMatch::kSingle:
      claim(single_, spec.outer, member);
      break;
    case TagMatch::kDouble:
      double_.add(VlanPairMap::key_of(spec.outer_tpid, spec.outer, spec.inner), member);
      break;
    case TagMatch::kOuter:
      claim(spec.outer_tpid == EtherType::kServiceVlan ? outer_service_ : outer_customer_,
            spec.outer, member);
      break;
    case TagMatch::kAny:
      any_ = member;
      break;
  }
}

std::uint32_t TagMap::find(const Tags& tags) const noexcept {
  const std::uint32_t exact = find_exact(tags);
  if (exact != kNoMember) return exact;
  const std::uint32_t outer = find_outer(tags);
  return outer != kNoMember ? outer : any_;
}

std::uint32_t TagMap::find_exact(const Tags& tags) const noexcept {
  if (tags.count == 0) return claimed(single_, 0);
  if (tags.count == 1 && tags.outer_tpid == EtherType::kVlan) {
    return claimed(single_, tags.outer_vid());
  }
  if (tags.count != 2 || tags.inner_tpid != EtherType::kVlan) return kNoMember;
  return double_.find(VlanPairMap::key_of(tags.outer_tpid, tags.outer_vid(), tags.inner_vid()));
}

std::uint32_t TagMap::find_outer(const Tags& tags) const noexcept {
  if (tags.count == 0) return kNoMember;
  return claimed(tags.outer_tpid == EtherType::kServiceVlan ? outer_service_ : outer_customer_,
                 tags.outer_vid());
}

}  // namespace adit
