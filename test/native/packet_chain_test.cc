// Packets of several buffers: every operation against the same bytes in one piece.

#include <doctest/doctest.h>

#include <memory>
#include <numeric>
#include <optional>
#include <random>

#include "bytes.h"
#include "packet/headers.h"
#include "packet/packet_assembly.h"
#include "packet/payload_sum.h"

namespace {

using adit::FrameLayout;
using adit::FramePool;
using adit::Packet;
using adit::PacketAssembly;
using bytes::Bytes;

constexpr FrameLayout kLayout{.frame_bytes = 2048, .data_offset = 256, .max_buffers = 18};
using Pieces = std::vector<std::uint32_t>;

Bytes pattern(std::size_t bytes, unsigned seed) {
  std::minstd_rand random(seed + 1);
  Bytes all(bytes);
  for (std::uint8_t& byte : all) byte = static_cast<std::uint8_t>(random() >> 8);
  return all;
}

/// Feeds `bytes` in buffers of these sizes; empty where no packet came out.
Packet receive(FramePool& pool, PacketAssembly& assembly, const Bytes& bytes,
               const Pieces& pieces) {
  Packet packet;
  std::size_t at = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Packet buffer = pool.take_packet();
    REQUIRE_FALSE(buffer.empty());
    REQUIRE(pieces[i] <= buffer.tailroom());
    std::memset(buffer.data(), bytes::kStale, buffer.tailroom());
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), pieces[i], buffer.data());
    at += pieces[i];
    const bool more = i + 1 < pieces.size();
    const bool done = assembly.add(pool.address_of(buffer), pieces[i], more, packet);
    CHECK_FALSE((done && more));
  }
  return packet;
}

Pieces random_pieces(std::minstd_rand& random, std::uint32_t most) {
  Pieces pieces(1 + random() % most);
  for (std::uint32_t& piece : pieces) {
    piece = random() % 4 == 0 ? static_cast<std::uint32_t>(random() % 3)
                              : static_cast<std::uint32_t>(random() % 1793);
  }
  return pieces;
}

std::uint32_t sum_of(const Pieces& pieces) {
  return std::accumulate(pieces.begin(), pieces.end(), std::uint32_t{0});
}

std::uint32_t in_use(const FramePool& pool) { return pool.total() - pool.free(); }

/// A received packet and its pool.
struct Chain {
  FramePool pool{24, kLayout};
  PacketAssembly assembly{pool};
  Packet packet;
  Chain(const Bytes& bytes, const Pieces& pieces)
      : packet(receive(pool, assembly, bytes, pieces)) {}
};

}  // namespace

TEST_CASE("PacketAssembly puts buffers of any sizes together, headers first, no frame lost") {
  std::minstd_rand random(1);
  FramePool pool(24, kLayout);
  PacketAssembly assembly(pool);
  for (unsigned round = 0; round < 3000; ++round) {
    const Pieces pieces = random_pieces(random, kLayout.max_buffers);
    CAPTURE(pieces.size());
    const Bytes bytes = pattern(sum_of(pieces), round);
    const Packet packet = receive(pool, assembly, bytes, pieces);
    REQUIRE_FALSE(packet.empty());
    REQUIRE(packet.length() == bytes.size());
    REQUIRE(bytes::all_of(packet) == bytes);
    const bool whole = packet.size() == packet.length();
    REQUIRE((whole || packet.size() >= PacketAssembly::kHeaderBytes));
    REQUIRE(whole == (packet.next() == nullptr));
    REQUIRE(packet.buffers() == FramePool::frames_of(packet));
    REQUIRE(packet.headroom() == kLayout.data_offset);
    REQUIRE(in_use(pool) == FramePool::frames_of(packet));
    pool.give(packet);
    REQUIRE(pool.free() == pool.total());
  }
  CHECK(assembly.refused() == 0);
  CHECK(assembly.frames() == 0);
}

TEST_CASE("PacketAssembly leaves a first buffer that is long enough where it is") {
  const Bytes bytes = pattern(4000, 1);
  const Chain chain(bytes, {1792, 1792, 416});
  CHECK(chain.packet.size() == 1792);
  CHECK(chain.packet.tail() == 2208);
  CHECK(chain.packet.tailroom() == 0);
  CHECK(chain.packet.buffers() == 3);
  CHECK(chain.pool.address_of(chain.packet) % 2048 == 256);
}

TEST_CASE("PacketAssembly throws a packet of too many buffers away, whole, and goes on behind it") {
  FramePool pool(64, kLayout);
  PacketAssembly assembly(pool);
  for (const std::uint32_t buffers : {19U, 20U, 36U, 40U}) {
    CAPTURE(buffers);
    const std::uint64_t before = assembly.refused();
    const Bytes bytes = pattern(std::size_t{buffers} * 100, 1);
    CHECK(receive(pool, assembly, bytes, Pieces(buffers, 100)).empty());
    CHECK(assembly.refused() == before + 1);
    CHECK(assembly.frames() == 0);
    CHECK(pool.free() == pool.total());
    const Packet next = receive(pool, assembly, pattern(300, 2), {200, 100});
    CHECK(bytes::all_of(next) == pattern(300, 2));
    pool.give(next);
  }
  const Packet longest = receive(pool, assembly, pattern(18000, 3), Pieces(18, 1000));
  CHECK(bytes::all_of(longest) == pattern(18000, 3));
  CHECK(longest.buffers() == 18);
}

TEST_CASE("PacketAssembly without several buffers in its layout refuses every chain") {
  FramePool pool(8, {});
  PacketAssembly assembly(pool);
  CHECK(receive(pool, assembly, pattern(900, 1), {600, 300}).empty());
  CHECK(assembly.refused() == 1);
  CHECK(receive(pool, assembly, pattern(900, 1), {900}).size() == 900);
}

TEST_CASE("PacketAssembly holds what came so far and gives it back when it goes") {
  FramePool pool(8, kLayout);
  {
    PacketAssembly assembly(pool);
    Packet packet;
    for (std::uint32_t held = 1; held <= 3; ++held) {
      const std::uint64_t address = pool.address_of(pool.take_packet());
      CHECK_FALSE(assembly.add(address, 1000, true, packet));
      CHECK(assembly.frames() == held);
      CHECK(pool.free() == 8 - held);
    }
  }
  CHECK(pool.free() == 8);
}

TEST_CASE("Packet of several buffers is pushed and popped in its first, and trimmed anywhere") {
  std::minstd_rand random(2);
  for (unsigned round = 0; round < 400; ++round) {
    const Bytes bytes = pattern(1 + random() % 6000, round);
    Pieces pieces;
    for (std::size_t left = bytes.size(); left > 0;) {
      pieces.push_back(
          static_cast<std::uint32_t>(std::min<std::size_t>(left, 1 + random() % 1792)));
      left -= pieces.back();
    }
    if (pieces.size() > kLayout.max_buffers) continue;
    Chain chain(bytes, pieces);
    Packet packet = chain.packet;
    Bytes expected = bytes;
    CHECK_FALSE(packet.trim(packet.length() + 1));
    for (int step = 0; step < 8; ++step) {
      const auto count = static_cast<std::uint32_t>(random() % 100);
      if (random() % 2 == 0 && count <= packet.headroom()) {
        std::uint8_t* start = packet.push(count);
        REQUIRE(start != nullptr);
        std::memset(start, step, count);
        expected.insert(expected.begin(), count, static_cast<std::uint8_t>(step));
      } else if (packet.pop(count) != nullptr) {
        expected.erase(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(count));
      }
      if (random() % 3 == 0) {
        const auto end = static_cast<std::uint32_t>(random() % (packet.length() + 1));
        REQUIRE(packet.trim(end));
        expected.resize(end);
      }
      REQUIRE(bytes::all_of(packet) == expected);
    }
    // Trimming takes nothing from the frames that are given back.
    chain.pool.give(packet);
    REQUIRE(chain.pool.free() == chain.pool.total());
  }
}

TEST_CASE("Packet that was trimmed to its first buffer is padded there, with zeros") {
  Chain chain(pattern(3000, 1), {1792, 1208});
  Packet packet = chain.packet;
  REQUIRE(packet.pad(60));
  CHECK(packet.length() == 3000);
  CHECK_FALSE(packet.pad(3001));
  REQUIRE(packet.trim(40));
  CHECK(packet.tail() == 0);
  REQUIRE(packet.pad(60));
  Bytes expected = bytes::head(pattern(3000, 1), 40);
  expected.resize(60, 0);
  CHECK(bytes::all_of(packet) == expected);
  CHECK(packet.buffers() == 1);
  CHECK(FramePool::frames_of(packet) == 2);
}

TEST_CASE("Packet reads across its buffers, and not past its end") {
  const Bytes bytes = pattern(2000, 1);
  const Chain chain(bytes, {600, 1, 2, 597, 800});
  for (std::uint32_t at = 590; at < 610; ++at) {
    const auto word = chain.packet.read<adit::be32>(at);
    REQUIRE(word);
    CHECK(std::memcmp(&*word, &bytes[at], 4) == 0);
  }
  CHECK(chain.packet.read<adit::be32>(1996));
  CHECK_FALSE(chain.packet.read<adit::be32>(1997));
  CHECK_FALSE(chain.packet.read<adit::be32>(0xffffffff));
  CHECK(chain.packet.at<adit::be32>(596) != nullptr);
  CHECK(chain.packet.at<adit::be32>(597) == nullptr);
}

TEST_CASE("add_payload sums across odd and even boundaries as it does one piece") {
  std::minstd_rand random(3);
  for (unsigned round = 0; round < 2000; ++round) {
    const Pieces pieces = random_pieces(random, 8);
    const Bytes bytes = pattern(sum_of(pieces), round);
    const Chain chain(bytes, pieces);
    const auto from = static_cast<std::uint32_t>(random() % (bytes.size() + 1));
    const auto count = static_cast<std::uint32_t>(random() % (bytes.size() - from + 1));
    adit::ChecksumSum linear;
    linear.add_value(0x1234);
    adit::ChecksumSum chained = linear;
    linear.add(bytes.data() + from, count);
    add_payload(chained, chain.packet, from, count);
    REQUIRE(chained.checksum() == linear.checksum());
  }
}

TEST_CASE("UDP and GRE checksums of several buffers are those of one, written and verified") {
  std::minstd_rand random(4);
  for (unsigned round = 0; round < 300; ++round) {
    const Bytes payload = pattern(900 + random() % 4000, round);
    const auto first = static_cast<std::uint32_t>(513 + random() % 180);
    const auto second = static_cast<std::uint32_t>(1 + random() % 180);
    const auto rest = static_cast<std::uint32_t>(payload.size()) - first - second;
    Pieces pieces = {first, second};
    for (std::uint32_t left = rest; left > 0; left -= pieces.back()) {
      pieces.push_back(std::min(left, 1700U));
    }
    Chain chain(payload, pieces);
    bytes::Frame linear(payload, 256);
    const adit::IpFields ip{.source = adit::IpAddress::v6(payload.data()),
                            .destination = adit::IpAddress::v6(payload.data() + 16)};
    adit::GreFields summed;
    summed.checksum = true;
    const auto wrap = [&](Packet& packet) {
      REQUIRE(adit::push_gre(packet, summed));
      adit::set_gre_checksum(packet);
      REQUIRE(adit::gre_checksum_ok(packet));
      REQUIRE(adit::push_udp(packet, {1, 2}));
      REQUIRE(adit::push_ip(packet, ip));
      REQUIRE(adit::set_udp_checksum(packet));
    };
    wrap(chain.packet);
    wrap(linear.packet);
    const Bytes wrapped = bytes::all_of(chain.packet);
    REQUIRE(wrapped == bytes::all_of(linear.packet));
    REQUIRE(adit::pop_ip(chain.packet));
    REQUIRE(adit::pop_udp(chain.packet));
    Packet last = chain.packet;
    REQUIRE(adit::pop_gre(last));
    CHECK(bytes::all_of(last) == payload);
    // One bit in the last buffer, and it does not verify any more.
    const adit::Segment* end = chain.packet.next();
    while (end->next != nullptr) end = end->next;
    end->data[end->bytes - 1] ^= 1;
    CHECK_FALSE(adit::pop_gre(chain.packet));
  }
}
