#include "port/open_ports.h"

#include <algorithm>

namespace adit {
namespace {

using ZeroCopy = AfXdpPort::ZeroCopy;

/// The first port whose configuration or mode rules zero copy out.
OpenedPorts configured_refusal(std::span<AfXdpPort* const> ports) {
  for (const AfXdpPort* port : ports) {
    const AfXdpPort::Options& options = port->options();
    if (options.zero_copy == ZeroCopy::kOff) return {false, options.name, "zeroCopy is \"off\""};
    if (!options.native) return {false, options.name, "it is attached in generic mode"};
  }
  return {true, {}, {}};
}

void close_all(std::span<AfXdpPort* const> ports) noexcept {
  for (AfXdpPort* port : ports) port->close();
}

/// Opens all; a port that refuses zero copy is told in the result, and all are closed again.
OpenedPorts open_all(std::span<AfXdpPort* const> ports, bool zero_copy) {
  AfXdpPort* current = nullptr;
  try {
    for (AfXdpPort* port : ports) {
      current = port;
      port->open(zero_copy);
    }
  } catch (const ZeroCopyRefused& refused) {
    close_all(ports);
    return {false, current->options().name, refused.what()};
  } catch (...) {
    close_all(ports);
    throw;
  }
  return {zero_copy, {}, {}};
}

void fail_if_insisted(std::span<AfXdpPort* const> ports, const OpenedPorts& result) {
  const auto insists = std::find_if(ports.begin(), ports.end(), [](const AfXdpPort* port) {
    return port->options().zero_copy == ZeroCopy::kOn;
  });
  if (insists == ports.end()) return;
  throw Failure("ADIT-2109",
                "port " + (*insists)->options().name + " asks for zero copy, and port " +
                    result.refused_by + " cannot: " + result.refusal,
                "set zeroCopy to \"auto\"; a worker's ports use zero copy all or none");
}

}  // namespace

OpenedPorts open_ports(std::span<AfXdpPort* const> ports) {
  OpenedPorts result = configured_refusal(ports);
  if (result.zero_copy) result = open_all(ports, true);
  if (!result.zero_copy) {
    fail_if_insisted(ports, result);
    open_all(ports, false);
  }
  // Only now that the mode stands for all are frames given to the kernel.
  for (AfXdpPort* port : ports) port->start();
  return result;
}

}  // namespace adit
