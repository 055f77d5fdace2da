#include "table/path_advice.h"

#include <algorithm>

#include "wire/icmp.h"

namespace adit {
namespace {

using Kind = PathAdvice::Kind;

constexpr std::uint32_t kMostBytes = 0xffff;

/// RFC 1191 §7.1, table 7-1: MTUs of common links. Those below the least that is believed are left
/// out.
constexpr std::uint32_t kPlateaus[] = {32000, 17914, 8166, 4352, 2002, 1492, 1006};

/// The largest plateau below the packet that did not fit; 0: none that is believed.
std::uint32_t plateau_below(std::uint32_t ip_bytes) noexcept {
  for (const std::uint32_t plateau : kPlateaus) {
    if (plateau < ip_bytes) return plateau;
  }
  return 0;
}

PathAdvice too_big(std::uint32_t told, std::uint32_t least) noexcept {
  return {Kind::kTooBig,
          told < least ? std::uint16_t{0} : static_cast<std::uint16_t>(std::min(told, kMostBytes))};
}

PathAdvice advice_of_ipv4(const UnderlayError& error) noexcept {
  if (error.type == icmpv4::kTimeExceeded && error.code == 0) return {Kind::kHostUnreachable};
  if (error.type != icmpv4::kUnreachable) return {};
  switch (error.code) {
    case icmpv4::kTooBig: {
      const std::uint32_t told = error.rest & kMostBytes;
      return too_big(told != 0 ? told : plateau_below(error.quote.ip_bytes), icmpv4::kSureBytes);
    }
    case icmpv4::kNetUnreachable:
      return {Kind::kNetUnreachable};
    case icmpv4::kHostUnreachable:
    case icmpv4::kProtocolUnreachable:
      return {Kind::kHostUnreachable};
    default:
      return {};
  }
}

PathAdvice advice_of_ipv6(const UnderlayError& error) noexcept {
  if (error.type == icmpv6::kTooBig) return too_big(error.rest, icmpv6::kSureBytes);
  const bool is_unreachable =
      error.type == icmpv6::kUnreachable &&
      (error.code == icmpv6::kNoRoute || error.code == icmpv6::kAddressUnreachable);
  const bool is_too_far = error.type == icmpv6::kTimeExceeded && error.code == 0;
  return {is_unreachable || is_too_far ? Kind::kHostUnreachable : Kind::kOther};
}

}  // namespace

PathAdvice advice_of(const UnderlayError& error) noexcept {
  return error.family == IpFamily::kIpv4 ? advice_of_ipv4(error) : advice_of_ipv6(error);
}

}  // namespace adit
