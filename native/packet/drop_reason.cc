#include "packet/drop_reason.h"

namespace adit {
namespace {

struct Entry {
  const char* word;
  const char* meaning;
};

constexpr Entry kEntries[] = {
#define ADIT_DROP_REASON(word, meaning) {#word, meaning},
#include "packet/drop_reasons.def"
#undef ADIT_DROP_REASON
};
static_assert(sizeof kEntries / sizeof kEntries[0] == kDropReasonCount);

}  // namespace

const char* drop_reason_word(DropReason reason) noexcept {
  return kEntries[static_cast<std::size_t>(reason)].word;
}

const char* drop_reason_meaning(DropReason reason) noexcept {
  return kEntries[static_cast<std::size_t>(reason)].meaning;
}

}  // namespace adit
