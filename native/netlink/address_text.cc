#include "netlink/address_text.h"

#include <arpa/inet.h>

#include <cstdio>

namespace adit {

std::string address_text(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN] = "";
  const int family = address.family == IpFamily::kIpv4 ? AF_INET : AF_INET6;
  inet_ntop(family, address.bytes.data(), text, sizeof text);
  return text;
}

std::string mac_text(const MacAddress& mac) {
  char text[18] = "";
  const auto& b = mac.bytes;
  std::snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4],
                b[5]);
  return text;
}

std::string prefix_text(const IpPrefix& prefix) {
  return address_text(prefix.address) + "/" + std::to_string(prefix.length);
}

}  // namespace adit
