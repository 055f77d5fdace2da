#include "fast_path_lab.h"
#include "worker/outer_reader.h"

using namespace fast_path_lab;

TEST_CASE("OuterShape takes ordinary packets like the one that it was made of, and no others") {
  const adit::TableSpec spec = plain_spec(false);
  const adit::Table table(spec);
  Lab far({}, {0, 0}, 512, plain_spec(true));
  // VXLAN, NVGRE and Geneve over IPv4; to each, packets of the others too.
  const char* const tags[] = {"88a8000a81000014", "8100000b81000015", "8100012d"};
  std::vector<Bytes> frames;
  for (const char* tag : tags) far.receive(kAccess, {frame_of(tag, kPayloads[1])});
  frames = far.underlay.sent;
  REQUIRE(frames.size() == std::size(tags));
  for (std::size_t kind = 0; kind < frames.size(); ++kind) {
    std::vector<adit::Packet> packets;
    for (std::size_t i = 0; i < adit::kBurst; ++i) {
      Bytes& frame = frames[i % 4 == 3 ? (kind + 1) % frames.size() : kind];
      const auto size = static_cast<std::uint32_t>(frame.size());
      packets.emplace_back(frame.data(), size, 0U, size);
    }
    adit::OuterReader reader(table.endpoints(), table.tunnels());
    adit::FastBurst burst;
    adit::FastOuters outers;
    reader.read(packets[0], 0, burst, outers);
    REQUIRE(reader.shape().has_value());
    burst.from.fill(adit::FastBurst::kNone);
    reader.shape()->read(packets, table.tunnels().buckets(), burst, outers);
    for (std::size_t i = 0; i < packets.size(); ++i) {
      CAPTURE(kind);
      CAPTURE(i);
      CHECK(burst.has(i) == (i % 4 != 3));
    }
  }
}

TEST_CASE("FastPath finds of packets side by side what it finds of each alone") {
  Alone near(plain_spec(false));
  std::size_t found_sound = 0;
  // Each of these is the first of its bursts, which then are read as packets like it.
  for (const char* tags : {"88a8000a81000014", "8100012c", "8100000b81000015", "8100012d"}) {
    for (const std::size_t payload : {std::size_t{1}, std::size_t{5}}) {
      const Bytes frame = frame_of(tags, kPayloads[payload]);
      const Bytes first = run(plain_spec(true), kAccess, {frame}, true).underlay.at(0);
      std::vector<Bytes> all = broken({first}, 2000);
      for (const Bytes& other : run(plain_spec(true), kAccess, access_frames(), true).underlay) {
        all.push_back(other);
      }
      for (std::size_t size = 1; size < all.size(); size = size % 63 + 2) {
        std::vector<Bytes> burst{first};
        for (; burst.size() < size && !all.empty(); all.pop_back()) burst.push_back(all.back());
        const Alone::Found together = near.find(kUnderlay, burst);
        for (std::size_t i = 0; i < burst.size(); ++i) {
          CHECK(together[i] == near.find(kUnderlay, {&burst[i], 1}).at(0));
          found_sound += together[i][0] != adit::FastBurst::kNone ? 1 : 0;
        }
      }
    }
  }
  CHECK(found_sound > 1000);
}
