#pragma once

#include <string>

#include "wire/address.h"

namespace adit {

/// The usual text forms: `192.0.2.1`, `2001:db8::1`, `02:00:00:00:00:01`, `192.0.2.0/24`.
[[nodiscard]] std::string address_text(const IpAddress& address);
[[nodiscard]] std::string mac_text(const MacAddress& mac);
[[nodiscard]] std::string prefix_text(const IpPrefix& prefix);

}  // namespace adit
