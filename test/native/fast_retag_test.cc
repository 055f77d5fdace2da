#include "fast_path_lab.h"

using namespace fast_path_lab;

namespace {

using adit::TagMatch;

constexpr TagMatch kMatches[] = {TagMatch::kUntagged, TagMatch::kSingle, TagMatch::kDouble};

adit::MemberSpec attached_to(std::uint32_t port, std::uint32_t peer, TagMatch match,
                             std::uint16_t outer, std::uint16_t inner) {
  adit::MemberSpec member = attached(peer, match, outer, inner);
  auto& spec = std::get<adit::AttachmentSpec>(member.kind);
  spec.port = port;
  spec.outer_tpid =
      match == TagMatch::kDouble ? adit::EtherType::kServiceVlan : adit::EtherType::kVlan;
  return member;
}

/// Attachments of one port on those of another; the first pair has the tags that are asked for, the
/// others are there to be told from it.
adit::TableSpec crossings(TagMatch from, TagMatch to) {
  adit::TableSpec spec;
  spec.ports.resize(2);
  spec.members = {attached_to(kAccess, 1, from, 0x123, 0x234),
                  attached_to(kUnderlay, 0, to, 0x321, 0x432),
                  attached_to(kAccess, 3, TagMatch::kSingle, 0x124, 0),
                  attached_to(kUnderlay, 2, TagMatch::kDouble, 0x124, 0x234),
                  attached_to(kAccess, 5, TagMatch::kDouble, 0x123, 0x235),
                  attached_to(kUnderlay, 4, TagMatch::kSingle, 0x555, 0)};
  spec.tenants = kTenants;
  spec.next_hops = kHops;
  spec.seed = adit::HashSeed::from(1);
  return spec;
}

/// Of the attachments of `crossings`, as frames bear them, and of nobody.
const char* const kTags[] = {"",
                             "81000123",
                             "8100f123",
                             "88a801238100b234",
                             "88a8712381000234",
                             "81000124",
                             "88a8012381000235",
                             "8100012381000234",
                             "88a80123",
                             "81000000",
                             "8100012388a80234",
                             "81000523",
                             "88a8092381000234"};

/// Frames of the same tags one after another, long and short runs by turns.
std::vector<Bytes> runs(std::mt19937& random, std::size_t count) {
  std::vector<Bytes> frames;
  while (frames.size() < count) {
    const char* tags = kTags[random() % std::size(kTags)];
    const std::size_t length = random() % 3 == 0 ? 1 + random() % 4 : 1 + random() % 80;
    for (std::size_t i = 0; i < length; ++i) {
      // Of the sound ones, for the most part.
      const std::size_t payload = random() % (random() % 16 == 0 ? std::size(kPayloads) : 3);
      Bytes frame = frame_of(tags, kPayloads[payload]);
      const std::size_t more = random() % 4 == 0 ? random() % 1500 : random() % 20;
      frame.resize(std::min<std::size_t>(frame.size() + more, 1700));
      frames.push_back(frame);
    }
  }
  return frames;
}

}  // namespace

TEST_CASE("FastPath and the general path do the same between attachments, in runs and mixed") {
  std::mt19937 random(1);
  for (const TagMatch from : kMatches) {
    for (const TagMatch to : kMatches) {
      CAPTURE(static_cast<int>(from));
      CAPTURE(static_cast<int>(to));
      const adit::TableSpec spec = crossings(from, to);
      const std::vector<Bytes> frames = runs(random, 1000);
      const Outcome outcome = run_both(spec, kAccess, frames);
      CHECK(outcome.underlay.size() > 200);
      run_both(spec, kAccess, broken(frames, 4));
    }
  }
}

TEST_CASE("FastPath goes from one run of tags to the next, as long as runs are long") {
  Alone alone(crossings(TagMatch::kSingle, TagMatch::kUntagged));
  const Bytes first = frame_of("81000123", kPayloads[1]);
  const Bytes second = frame_of("81000124", kPayloads[1]);
  const Bytes unknown = frame_of("81000125", kPayloads[1]);
  const auto crossed = [&](std::initializer_list<std::pair<std::size_t, const Bytes*>> runs) {
    std::vector<Bytes> frames;
    for (const auto& [count, frame] : runs) frames.insert(frames.end(), count, *frame);
    return alone.crosses(frames);
  };
  CHECK(crossed({{64, &first}}) == 64);
  CHECK(crossed({{20, &first}, {44, &second}}) == 64);
  CHECK(crossed({{20, &first}, {2, &second}, {20, &first}}) == 20);
  CHECK(crossed({{20, &first}, {5, &second}, {20, &first}}) == 25);
  CHECK(crossed({{20, &first}, {20, &unknown}}) == 20);
  CHECK(crossed({{20, &unknown}, {20, &first}}) == 0);
  CHECK(crossed({{1, &first}, {20, &second}}) == 0);
  CHECK(crossed({{1, &first}}) == 1);
}

TEST_CASE("FastPath pads what a popped tag leaves too short, and writes over what stood there") {
  // 60 bytes with a tag; 56 without.
  Bytes frame = frame_of("81000123", kPayloads[0]);
  frame.resize(60, 0xee);
  const Outcome outcome =
      run_both(crossings(TagMatch::kSingle, TagMatch::kUntagged), kAccess, {frame, frame});
  REQUIRE(outcome.underlay.size() == 2);
  Bytes popped = frame_of("", kPayloads[0]);
  popped.resize(56, 0xee);
  popped.resize(60, 0);
  CHECK(outcome.underlay[0] == popped);
  CHECK(outcome.underlay[1] == popped);
}

TEST_CASE("FastPath counts bytes without tags on both sides of a crossing") {
  const Bytes frame = frame_of("88a801238100b234", kPayloads[1]);
  const Outcome outcome =
      run_both(crossings(TagMatch::kDouble, TagMatch::kSingle), kAccess, {frame, frame, frame});
  const std::uint64_t bytes = 3 * (frame.size() - 8);
  const std::vector<std::uint64_t> counts(outcome.counts.begin(), outcome.counts.begin() + 8);
  CHECK(counts == std::vector<std::uint64_t>{3, bytes, 0, 0, 0, 0, 3, bytes});
}

TEST_CASE("FastPath leaves frames in several buffers alone, whose bytes it would not count") {
  Bytes frame = frame_of("81000123", kPayloads[1]);
  frame.resize(1600);
  for (const bool is_chained : {false, true}) {
    Lab lab({.max_buffers = adit::kMaxBuffers}, {0, 0}, 512,
            crossings(TagMatch::kSingle, TagMatch::kUntagged));
    if (is_chained) lab.pieces = {100, 1500};
    lab.receive(kAccess, {frame, frame});
    CHECK(lab.drops() == Drops{{"too_big", 2}});
    frame.resize(1000);
    lab.receive(kAccess, {frame, frame});
    REQUIRE(lab.underlay.sent.size() == 2);
    CHECK(lab.underlay.sent[0].size() == 996);
    CHECK(lab.counters.members[1].tx_bytes.get() == 2 * 996);
    frame.resize(1600);
  }
}

TEST_CASE("FastPath and the general path hold to the same sizes, to the byte") {
  for (const char* tags : {"81000123", "81000124"}) {
    for (const char* payload : {kPayloads[1], kPayloads[5]}) {
      std::vector<Bytes> frames;
      for (const std::size_t size : {1517, 1518, 1519, 1520, 66, 65, 64, 63, 62, 61, 60}) {
        frames.push_back(frame_of(tags, payload));
        frames.back().resize(size);
      }
      const Outcome outcome =
          run_both(crossings(TagMatch::kSingle, TagMatch::kUntagged), kAccess, frames);
      CHECK(outcome.drops.at("too_big") == 2);
    }
  }
}

TEST_CASE("FastPath leaves a frame that cannot be padded to the general path, as it was") {
  Bytes frame = frame_of("88a8012381000234", kPayloads[0]);
  frame.resize(54);
  Lab lab({}, {0, 0}, 1, crossings(TagMatch::kDouble, TagMatch::kSingle));
  const std::uint64_t at = lab.pool.layout().frame_bytes - frame.size();
  REQUIRE_FALSE(lab.pool.take_packet().empty());
  const adit::Packet packet = lab.pool.packet_at(at, static_cast<std::uint32_t>(frame.size()));
  REQUIRE(packet.tailroom() == 0);
  std::ranges::copy(frame, packet.data());
  lab.pipeline.process(lab.table, kAccess, {&packet, 1}, 0);
  lab.pipeline.flush(lab.table);
  CHECK(lab.underlay.sent.empty());
  CHECK(lab.drops() == Drops{{"no_headroom", 1}});
  CHECK(lab.counters.members[0].rx_packets.get() == 1);
}
