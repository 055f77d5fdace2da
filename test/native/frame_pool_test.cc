#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <vector>

#include "packet/frame_pool.h"

namespace {

using adit::FramePool;
using adit::Packet;

}  // namespace

TEST_CASE("FramePool takes every frame once, the lowest first, and none too many") {
  FramePool pool(5, {.frame_bytes = 2048, .data_offset = 256});
  CHECK(pool.memory_bytes() == 5 * 2048);
  std::vector<std::uint64_t> frames(8);
  CHECK(pool.take(frames) == 5);
  frames.resize(5);
  CHECK(frames == std::vector<std::uint64_t>{0, 2048, 4096, 6144, 8192});
  CHECK(pool.free() == 0);
  std::uint64_t none = 77;
  CHECK(pool.take({&none, 1}) == 0);
  CHECK(none == 77);
  CHECK(pool.take_packet().empty());
}

TEST_CASE("FramePool hands the last frame freed out first") {
  FramePool pool(3, {});
  const Packet a = pool.take_packet();
  const Packet b = pool.take_packet();
  pool.give(a);
  pool.give(b);
  CHECK(pool.free() == 3);
  CHECK(pool.take_packet().data() == b.data());
  CHECK(pool.take_packet().data() == a.data());
}

TEST_CASE("FramePool take_packet() starts behind the layout's offset, with the rest as tailroom") {
  FramePool pool(2, {.frame_bytes = 4096, .data_offset = 320});
  const Packet packet = pool.take_packet();
  CHECK(packet.size() == 0);
  CHECK(packet.headroom() == 320);
  CHECK(packet.tailroom() == 4096 - 320);
  CHECK(pool.address_of(packet) == 320);
}

TEST_CASE("FramePool packet_at() undoes address_of(), wherever the data starts in the frame") {
  FramePool pool(4, {});
  for (const std::uint64_t address :
       {std::uint64_t{2048}, std::uint64_t{2049}, std::uint64_t{2048 + 256}, std::uint64_t{4095}}) {
    const Packet packet = pool.packet_at(address, 1);
    CHECK(pool.address_of(packet) == address);
    CHECK(packet.headroom() == address - 2048);
    CHECK(packet.tailroom() == 4096 - address - 1);
  }
}

TEST_CASE("FramePool give() finds the frame again after pushes, pops and reserved headroom") {
  FramePool pool(4, {});
  std::vector<std::uint64_t> frames(4);
  REQUIRE(pool.take(frames) == 4);
  for (const std::uint64_t frame : frames) {
    Packet packet = pool.packet_at(frame + 256, 1792);
    packet.reserve(16);
    switch (frame / 2048) {
      case 0:
        REQUIRE(packet.push(240) != nullptr);
        break;
      case 1:
        REQUIRE(packet.pop(1000) != nullptr);
        break;
      case 2:
        // Nothing is left, and what would come next is the next frame's.
        REQUIRE(packet.pop(1792) != nullptr);
        break;
      default:
        break;
    }
    pool.give(packet);
  }
  CHECK(pool.free() == 4);
  std::vector<std::uint64_t> again(4);
  REQUIRE(pool.take(again) == 4);
  CHECK(std::set<std::uint64_t>(again.begin(), again.end()) ==
        std::set<std::uint64_t>(frames.begin(), frames.end()));
}

TEST_CASE("FramePool memory is zeroed, page-aligned and writable to its last byte") {
  FramePool pool(3, {.frame_bytes = 4096, .data_offset = 256});
  CHECK(reinterpret_cast<std::uintptr_t>(pool.memory()) % 4096 == 0);
  CHECK(std::accumulate(pool.memory(), pool.memory() + pool.memory_bytes(), 0) == 0);
  pool.memory()[pool.memory_bytes() - 1] = 1;
}

TEST_CASE("FramePool without frames is refused") {
  CHECK_THROWS_AS(FramePool(0, {}), std::bad_alloc);
}

TEST_CASE("FramePool takes a burst back by any addresses inside its frames, the last one on top") {
  FramePool pool(6, {.frame_bytes = 4096, .data_offset = 256});
  std::vector<std::uint64_t> frames(6);
  REQUIRE(pool.take(frames) == 6);
  constexpr std::uint64_t kFrame = 4096;
  const std::vector<std::uint64_t> addresses{kFrame + 256, 3 * kFrame, 5 * kFrame + 4095};
  pool.give(std::span(addresses));
  CHECK(pool.free() == 3);
  pool.give(std::span<const std::uint64_t>());
  CHECK(pool.free() == 3);
  std::vector<std::uint64_t> again(2);
  CHECK(pool.take(again) == 2);
  CHECK(again == std::vector<std::uint64_t>{5 * kFrame, 3 * kFrame});
  CHECK(pool.take(again) == 1);
  CHECK(again.front() == kFrame);
}

TEST_CASE(
    "FramePool takes as many as are asked for, the last one given first, whatever the number") {
  constexpr std::uint64_t kFrame = 2048;
  FramePool pool(100, {.frame_bytes = kFrame, .data_offset = 256});
  std::vector<std::uint64_t> all(100);
  REQUIRE(pool.take(all) == 100);
  for (std::size_t count = 0; count <= 40; ++count) {
    std::vector<std::uint64_t> given;
    for (std::size_t i = 0; i < count; ++i) given.push_back((7 * i + count) % 100 * kFrame + 3 * i);
    // Any place behind what is taken is not to be written.
    pool.give(std::span(given));
    std::vector<std::uint64_t> taken(count + 1, 77);
    CHECK(pool.take(std::span(taken).first(count)) == count);
    CHECK(taken.back() == 77);
    taken.pop_back();
    for (std::uint64_t& address : given) address -= address % kFrame;
    std::ranges::reverse(given);
    CHECK(taken == given);
    CHECK(pool.free() == 0);
  }
}

TEST_CASE("FramePool::Frames put() writes the descriptor that take() reads") {
  struct Descriptor {
    std::uint64_t address;
    std::uint32_t bytes;
    std::uint32_t options;
  };
  FramePool pool(4, {.frame_bytes = 4096, .data_offset = 256});
  for (const Descriptor& in : {Descriptor{0, 1, 0}, Descriptor{4096 + 256, 1500, 7},
                               Descriptor{3 * 4096 + 4095, 0xffffffff, 0xffffffff}}) {
    Packet packet;
    pool.frames().take(in, packet);
    CHECK(pool.address_of(packet) == in.address);
    CHECK(packet.headroom() == in.address % 4096);
    CHECK(packet.size() == in.bytes);
    Descriptor out{77, 77, 77};
    pool.frames().put(packet, out);
    CHECK(out.address == in.address);
    CHECK(out.bytes == in.bytes);
    CHECK(out.options == 0);
  }
}

TEST_CASE("Packet::Move pops and pushes as pop() and push() do") {
  FramePool pool(1, {.frame_bytes = 4096, .data_offset = 256});
  const Packet at = pool.packet_at(256, 100);
  for (const std::int32_t bytes : {0, 4, 100, -4, -256}) {
    Packet moved;
    moved.become(at, Packet::Move(bytes));
    Packet other = at;
    const bool is_pop = bytes >= 0;
    const auto count = static_cast<std::uint32_t>(is_pop ? bytes : -bytes);
    REQUIRE((is_pop ? other.pop(count) : other.push(count)) != nullptr);
    CHECK(moved.data() == other.data());
    CHECK(moved.headroom() == other.headroom());
    CHECK(moved.size() == other.size());
    CHECK(moved.tailroom() == other.tailroom());
  }
}
