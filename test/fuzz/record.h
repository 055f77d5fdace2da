#pragma once

#include <cstdint>

/// An input of the fuzzer is a list of records, each a few events and one frame: this header, then
/// `size` bytes of frame, or as many as are left.
struct Record {
  std::uint8_t flags;
  std::uint8_t event;
  /// Little-endian.
  std::uint8_t size[2];

  /// Received on the underlay, else on the access port.
  static constexpr std::uint8_t kUnderlay = 0x01;
  /// The frame ends where its memory ends; a page that cannot be touched follows.
  static constexpr std::uint8_t kAtEnd = 0x02;
  /// The frame starts where its memory starts, behind a page that cannot be touched: no headroom.
  static constexpr std::uint8_t kAtStart = 0x04;
  /// The outer checksums are made right, so that what lies behind them is reached.
  static constexpr std::uint8_t kMend = 0x08;
  /// Processed whatever the steering rules say: the table has just changed.
  static constexpr std::uint8_t kUnsteered = 0x10;
  /// The burst goes on with the next record; else it is processed.
  static constexpr std::uint8_t kMore = 0x20;
  /// The frame comes in several buffers, unless it is to end where its memory ends. The whole input
  /// is run a second time with every frame in one buffer, and all must become the same.
  static constexpr std::uint8_t kSplit = 0x40;

  /// What happens before the frame.
  enum Event : std::uint8_t {
    kNone,
    kResolve,
    kAnswer,
    kUnreach,
    kLoseRoute,
    kSmallMtu,
    kFullRings,
    kEmptyRings,
    kPortDown,
    kPortUp,
    kWait,
    kTimeout,
    kEvents,
  };

  [[nodiscard]] std::uint32_t frame_bytes() const { return size[0] | std::uint32_t{size[1]} << 8; }
};
static_assert(sizeof(Record) == 4);

// Of two attachments that are joined to each other: one has the VID alone, the other one both.
inline constexpr std::uint16_t kCrossingVid = 800;
inline constexpr std::uint16_t kCrossingOuterVid = 801;
