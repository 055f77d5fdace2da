#include "table/vlan_pair_map.h"

#include <doctest/doctest.h>

#include <map>

using adit::EtherType;
using adit::VlanPairMap;

namespace {

constexpr std::uint32_t key(std::uint16_t outer, std::uint16_t inner,
                            EtherType tpid = EtherType::kServiceVlan) {
  return VlanPairMap::key_of(tpid, outer, inner);
}

}  // namespace

TEST_CASE("VlanPairMap finds what was added and nothing else") {
  VlanPairMap map;
  CHECK(map.empty());
  CHECK(map.find(key(0, 0)) == VlanPairMap::kNone);
  map.add(key(100, 200), 7);
  CHECK_FALSE(map.empty());
  CHECK(map.find(key(100, 200)) == 7);
  CHECK(map.find(key(200, 100)) == VlanPairMap::kNone);
  CHECK(map.find(key(100, 201)) == VlanPairMap::kNone);
  CHECK(map.find(key(100, 200, EtherType::kVlan)) == VlanPairMap::kNone);
}

TEST_CASE("VlanPairMap: of two claims of one pair the last one stands") {
  VlanPairMap map;
  map.add(key(1, 1), 3);
  map.add(key(1, 1), 4);
  CHECK(map.find(key(1, 1)) == 4);
}

TEST_CASE("VlanPairMap keeps a hundred thousand pairs apart, in full buckets too") {
  VlanPairMap map;
  std::map<std::uint32_t, std::uint32_t> expected;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    const auto outer = static_cast<std::uint16_t>(1 + i / 4000);
    const auto inner = static_cast<std::uint16_t>(1 + i % 4000);
    const std::uint32_t pair =
        key(outer, inner, i % 2 == 0 ? EtherType::kVlan : EtherType::kServiceVlan);
    map.add(pair, i);
    expected[pair] = i;
  }
  std::size_t wrong = 0;
  for (const auto& [pair, member] : expected) wrong += map.find(pair) == member ? 0 : 1;
  CHECK(wrong == 0);
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    const std::uint32_t absent =
        key(static_cast<std::uint16_t>(26 + i / 4000), static_cast<std::uint16_t>(1 + i % 4000));
    wrong += map.find(absent) == VlanPairMap::kNone ? 0 : 1;
  }
  CHECK(wrong == 0);
}
