#include "table/succession.h"

#include <algorithm>

namespace adit {
namespace {

bool has_same_ports(const Table& a, const Table& b) noexcept {
  if (a.ports() != b.ports()) return false;
  for (std::size_t i = 0; i < a.ports(); ++i) {
    if (a.port(i).takes_tunnels != b.port(i).takes_tunnels) return false;
  }
  return true;
}

}  // namespace

bool may_follow(const Table& next, const Table& before) noexcept {
  if (next.shares_members(before)) return true;
  const bool is_same_size = next.tenants() == before.tenants() &&
                            next.next_hops() == before.next_hops() && has_same_ports(next, before);
  const auto carries_same = [](const Tunnel& a, const Tunnel& b) {
    return a.payload_ip == b.payload_ip;
  };
  return is_same_size && std::ranges::equal(next.members(), before.members()) &&
         std::ranges::equal(next.tunnel_list(), before.tunnel_list(), carries_same);
}

}  // namespace adit
