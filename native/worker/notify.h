#pragma once

#include <string>

namespace adit {

/// Tells the service manager a state such as `READY=1` (sd_notify(3)): one
/// datagram to the Unix socket named by NOTIFY_SOCKET. Does nothing where there
/// is none. \returns whether it was sent.
bool notify_service_manager(const std::string& state) noexcept;

}  // namespace adit
