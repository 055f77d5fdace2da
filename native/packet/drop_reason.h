#pragma once

#include <cstddef>
#include <cstdint>

namespace adit {

/// Why a frame was dropped; every dropped frame has exactly one reason.
enum class DropReason : std::uint8_t {
#define ADIT_DROP_REASON(word, meaning) k_##word,
#include "packet/drop_reasons.def"
#undef ADIT_DROP_REASON
  kCount,
  /// Not a reason: the frame is (still) fine.
  kNone = 0xff,
};

inline constexpr std::size_t kDropReasonCount = static_cast<std::size_t>(DropReason::kCount);

/// The public word, such as `unknown_vni`.
[[nodiscard]] const char* drop_reason_word(DropReason reason) noexcept;
/// One sentence of meaning.
[[nodiscard]] const char* drop_reason_meaning(DropReason reason) noexcept;

}  // namespace adit
