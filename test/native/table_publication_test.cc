#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <thread>

#include "pipeline_lab.h"
#include "scapy_packets.h"
#include "table/succession.h"
#include "worker/table_publication.h"

using namespace pipeline_lab;
using adit::Table;
using adit::TablePublication;
using adit::TableReader;
using adit::TableSpec;

namespace {

/// The table of the lab in its generation `n`: a VNI, a TTL and source ports of its own for the
/// VXLAN tunnel over IPv4, which is all that tells the generations apart.
TableSpec spec_of(std::uint32_t n) {
  TableSpec spec = table_spec();
  auto& tunnel = std::get<adit::TunnelSpec>(spec.members[kVxlan4].kind);
  tunnel.send_id = tunnel.receive_id = 10'000 + n;
  tunnel.ttl = static_cast<std::uint8_t>(1 + n % 255);
  tunnel.source_port_min = tunnel.source_port_max = static_cast<std::uint16_t>(40'000 + n);
  return spec;
}
std::unique_ptr<const Table> table_of(std::uint32_t n) {
  return std::make_unique<const Table>(spec_of(n));
}

/// The generation of a table, read from its beginning, its end and a lookup; -1: they differ.
int generation_of(const Table& table) {
  const adit::Tunnel& tunnel = table.tunnel(table.member(kVxlan4).index);
  const std::uint32_t n = tunnel.id - 10'000;
  adit::OuterPacket outer;
  outer.source = kRemote4;
  outer.endpoint = tunnel.endpoint();
  outer.id = tunnel.id;
  outer.id_kind = adit::IdKind::kVni;
  const bool is_whole =
      tunnel.source_port_min == 40'000 + n && tunnel.outer()[8] == 1 + n % 255 &&
      table.tunnels().find(table.tunnels().hash(outer), outer) == table.member(kVxlan4).index;
  return is_whole ? static_cast<int>(n) : -1;
}

bool publish(TablePublication& tables, std::uint32_t n) {
  std::unique_ptr<const Table> next = table_of(n);
  return tables.publish(next);
}

}  // namespace

TEST_CASE("TablePublication gives each round the table that was published last") {
  TablePublication tables(table_of(0));
  TableReader& reader = tables.add_reader();
  CHECK(generation_of(reader.table()) == 0);
  REQUIRE(publish(tables, 1));
  CHECK(generation_of(tables.current()) == 1);
  CHECK(generation_of(reader.table()) == 1);
  CHECK(&reader.table() == &tables.current());
}

TEST_CASE("TablePublication frees a table once every reader has gone on to a later one") {
  TablePublication tables(table_of(0));
  std::array<TableReader*, 2> readers = {&tables.add_reader(), &tables.add_reader()};
  const Table& first = readers[0]->table();
  static_cast<void>(readers[1]->table());
  REQUIRE(publish(tables, 1));
  CHECK(tables.reclaim() == 1);
  static_cast<void>(readers[1]->table());
  CHECK(tables.reclaim() == 1);
  CHECK(generation_of(first) == 0);
  static_cast<void>(readers[0]->table());
  CHECK(tables.reclaim() == 0);
}

TEST_CASE("TablePublication waits for no reader that sleeps, and one that wakes sees the latest") {
  TablePublication tables(table_of(0));
  TableReader& reader = tables.add_reader();
  static_cast<void>(tables.add_reader());  // never asked
  CHECK(generation_of(reader.table()) == 0);
  reader.leave();
  for (std::uint32_t n = 1; n <= 10; ++n) REQUIRE(publish(tables, n));
  CHECK(tables.reclaim() == 0);
  CHECK(generation_of(reader.table()) == 10);
  REQUIRE(publish(tables, 11));
  CHECK(tables.reclaim() == 1);
}

TEST_CASE("TablePublication refuses, with nothing lost, while too many tables wait") {
  TablePublication tables(table_of(0));
  TableReader& reader = tables.add_reader();
  const Table& held = reader.table();
  for (std::uint32_t n = 1; n <= TablePublication::kMostRetired; ++n) REQUIRE(publish(tables, n));
  std::unique_ptr<const Table> next = table_of(7);
  CHECK_FALSE(tables.publish(next));
  REQUIRE(next != nullptr);
  CHECK(generation_of(*next) == 7);
  CHECK(generation_of(tables.current()) == TablePublication::kMostRetired);
  CHECK(generation_of(held) == 0);
  static_cast<void>(reader.table());
  CHECK(tables.publish(next));
  CHECK(next == nullptr);
  CHECK(generation_of(reader.table()) == 7);
}

TEST_CASE("TablePublication takes no table in which an index means something else") {
  TablePublication tables(table_of(0));
  const auto is_refused = [&](auto change) {
    TableSpec spec = spec_of(1);
    change(spec);
    auto next = std::make_unique<const Table>(spec);
    CHECK_THROWS_AS(static_cast<void>(tables.publish(next)), std::invalid_argument);
    return generation_of(tables.current()) == 0;
  };
  CHECK(is_refused([](TableSpec& spec) { spec.members.pop_back(); }));
  CHECK(is_refused([](TableSpec& spec) { spec.members[kLone].tenant = 0; }));
  CHECK(is_refused([](TableSpec& spec) { ++spec.tenants; }));
  CHECK(is_refused([](TableSpec& spec) { ++spec.next_hops; }));
  CHECK(is_refused([](TableSpec& spec) { spec.ports.emplace_back(); }));
  CHECK(is_refused([](TableSpec& spec) { spec.ports[kAccess].takes_tunnels = true; }));
  CHECK(is_refused([](TableSpec& spec) {
    spec.members[kLan].peer = spec.members[kVxlan4].peer = adit::kNoMember;
  }));
  CHECK(is_refused([](TableSpec& spec) { std::swap(spec.members[kLone], spec.members[kGre6]); }));
  CHECK(is_refused([](TableSpec& spec) {
    std::get<adit::TunnelSpec>(spec.members[kGre4].kind).payload_ip = true;
  }));
  REQUIRE(publish(tables, 1));
}

TEST_CASE("TablePublication: readers in threads see whole tables, never an older one again") {
  constexpr int kLast = 2000;
  TablePublication tables(table_of(0));
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int r = 0; r < 3; ++r) {
    threads.emplace_back([&wrong, r, &reader = tables.add_reader()] {
      int before = 0;
      for (int round = 0; before < kLast; ++round) {
        // Twice, as a worker reads on while the next table is published.
        const Table& table = reader.table();
        const int first = generation_of(table);
        std::this_thread::yield();
        const int second = generation_of(table);
        if (first < before || second != first) ++wrong;
        before = std::max(before, first);
        if (r > 0 && round % (r * 3) == 0) {
          reader.leave();
          std::this_thread::yield();
        }
      }
      reader.leave();
    });
  }
  for (std::uint32_t n = 1; n <= kLast; ++n) {
    std::unique_ptr<const Table> next = table_of(n);
    while (!tables.publish(next)) std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(tables.reclaim() == 0);
}

namespace {

/// What becomes of frames that come in by both ports, under one table.
struct Fate {
  std::vector<Bytes> pushed;
  std::vector<Bytes> popped;
  bool operator==(const Fate&) const = default;
};

/// A lab whose rounds are a worker's: each takes the table that is published.
class PublishedLab : public Lab {
 public:
  explicit PublishedLab(TableReader& reader) : reader_(reader) {}

  Fate round() {
    access.sent.clear();
    underlay.sent.clear();
    const Table& now = reader_.table();
    pipeline.process(now, kAccess, arrivals(kLans), 0);
    pipeline.process(now, kUnderlay, arrivals(kTunnels), 0);
    pipeline.flush(now);
    access.complete();
    underlay.complete();
    return {underlay.sent, access.sent};
  }
  /// Sent, and dropped.
  [[nodiscard]] std::uint64_t fates() const {
    return counters.ports[kAccess].sent.get() + counters.ports[kUnderlay].sent.get() +
           dropped_in_all();
  }

  static constexpr std::size_t kFrames = 4 + 3;

 private:
  /// What the changing tunnel sends, and others; a long burst of it would find no change in it.
  inline static const std::vector<Bytes> kLans = {
      bytes::from_hex(scapy::kVlan100), bytes::from_hex(scapy::kInnerUdp4),
      bytes::from_hex(scapy::kVlan100), bytes::from_hex(scapy::kVlan100)};
  /// For the changing tunnel in two of its generations, and for another one.
  inline static const std::vector<Bytes> kTunnels = {
      bytes::with(bytes::from_hex(scapy::kVxlan4), 46, "002710"),
      bytes::from_hex(scapy::kGre4Keyed),
      bytes::with(bytes::from_hex(scapy::kVxlan4), 46, "002711")};

  std::vector<adit::Packet> arrivals(const std::vector<Bytes>& frames) {
    std::vector<adit::Packet> burst;
    for (const Bytes& frame : frames) {
      const adit::Packet empty = pool.take_packet();
      REQUIRE_FALSE(empty.empty());
      std::memcpy(empty.data(), frame.data(), frame.size());
      burst.push_back(
          pool.packet_at(pool.address_of(empty), static_cast<std::uint32_t>(frame.size())));
    }
    return burst;
  }

  TableReader& reader_;
};

Fate fate_under(std::uint32_t n) {
  TablePublication tables(table_of(n));
  return PublishedLab(tables.add_reader()).round();
}

}  // namespace

// conformance.md F15: each packet sees exactly the old or the new table, never a mix.
TEST_CASE("Packets that are forwarded while tables change are counted once and meet one table") {
  const std::array<Fate, 2> expected = {fate_under(0), fate_under(1)};
  REQUIRE(expected[0].pushed.size() == 4);
  REQUIRE(expected[0].popped.size() == 2);
  REQUIRE(expected[1].popped.size() == 2);
  REQUIRE(expected[0].pushed[0] != expected[1].pushed[0]);
  REQUIRE(expected[0].pushed[1] == expected[1].pushed[1]);

  constexpr std::uint64_t kRounds = 200;
  TablePublication tables(table_of(0));
  PublishedLab lab(tables.add_reader());
  std::atomic<bool> is_over{false};
  std::array<std::atomic<std::uint64_t>, 2> rounds{};
  std::uint64_t mixed = 0;
  std::thread worker([&] {
    while (!is_over) {
      const Fate fate = lab.round();
      const bool is_new = fate == expected[1];
      if (!is_new && fate != expected[0]) ++mixed;
      ++rounds[is_new ? 1 : 0];
    }
  });
  for (std::uint32_t n = 1; rounds[0] < kRounds || rounds[1] < kRounds; ++n) {
    std::unique_ptr<const Table> next = table_of(n % 2);
    while (!tables.publish(next)) std::this_thread::yield();
  }
  is_over = true;
  worker.join();
  CHECK(mixed == 0);
  const std::uint64_t received = (rounds[0] + rounds[1]) * PublishedLab::kFrames;
  CHECK(lab.counters.ports[kAccess].received.get() + lab.counters.ports[kUnderlay].received.get() ==
        received);
  CHECK(lab.fates() == received);
  CHECK(lab.pool.free() == lab.pool.total());
}

TEST_CASE("A frame that waits while the table changes leaves by what its tunnel is then") {
  Lab lab;
  adit::NextHop resolving = up();
  resolving.status = adit::NextHop::Status::kResolving;
  lab.hops.set(hop_of(kVxlan4), resolving);
  lab.receive(kAccess, scapy::kVlan100);
  const std::unique_ptr<const Table> next = table_of(3);
  REQUIRE(adit::may_follow(*next, lab.table));
  lab.hops.set(hop_of(kVxlan4), up());
  lab.pipeline.release_held(*next, 1);
  lab.pipeline.flush(*next);
  REQUIRE(lab.underlay.sent.size() == 1);
  CHECK(lab.underlay.sent[0] == fate_under(3).pushed[0]);
  lab.check_accounting();
}

TEST_CASE("A frame that waits for a tunnel that lost its remote, or became a loop, is dropped") {
  const auto fate_with = [](auto change) {
    Lab lab;
    adit::NextHop resolving = up();
    resolving.status = adit::NextHop::Status::kResolving;
    lab.hops.set(hop_of(kVxlan4), resolving);
    lab.receive(kAccess, scapy::kVlan100);
    TableSpec spec = table_spec();
    change(std::get<adit::TunnelSpec>(spec.members[kVxlan4].kind));
    const Table next(spec);
    REQUIRE(adit::may_follow(next, lab.table));
    lab.hops.set(hop_of(kVxlan4), up());
    lab.pipeline.release_held(next, 1);
    lab.pipeline.flush(next);
    lab.check_accounting();
    return lab.drops();
  };
  CHECK(fate_with([](adit::TunnelSpec& tunnel) {
          tunnel.remote = std::nullopt;
          tunnel.accept_from = {{.address = kRemote4, .length = 32}};
          tunnel.next_hop = adit::kNoNextHop;
        }) == Drops{{"no_route", 1}});
  CHECK(fate_with([](adit::TunnelSpec& tunnel) { tunnel.remote = kLocal4; }) ==
        Drops{{"inner_loop", 1}});
}
