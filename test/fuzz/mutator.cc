// Mutations that know what an input is: half of all change one record's flags, event or size, or
// one 16-bit word of its frame by a little, because lengths that are off by one are where parsers
// break.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <random>
#include <vector>

#include "record.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

/// Where the records of an input start.
std::vector<std::size_t> records_of(const std::uint8_t* data, std::size_t size) {
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; size - at >= sizeof(Record);) {
    starts.push_back(at);
    Record record;
    std::memcpy(&record, data + at, sizeof record);
    at += sizeof record + std::min<std::size_t>(record.frame_bytes(), size - at - sizeof record);
  }
  return starts;
}

void change_word(std::uint8_t* bytes, std::minstd_rand& random) {
  constexpr int kChanges[] = {-2, -1, 1, 2, 4, 8, 0x4000, 0x8000};
  const int word = bytes[0] << 8 | bytes[1];
  const int changed = word + kChanges[random() % std::size(kChanges)];
  bytes[0] = static_cast<std::uint8_t>(changed >> 8);
  bytes[1] = static_cast<std::uint8_t>(changed);
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned int seed) {
  std::minstd_rand random(seed);
  const std::vector<std::size_t> records = records_of(data, size);
  if (records.empty() || random() % 2 == 0) return LLVMFuzzerMutate(data, size, max_size);
  std::uint8_t* start = data + records[random() % records.size()];
  Record record;
  std::memcpy(&record, start, sizeof record);
  const auto behind = static_cast<std::size_t>(data + size - start) - sizeof record;
  const std::size_t frame = std::min<std::size_t>(record.frame_bytes(), behind);
  switch (random() % 4) {
    case 0:
      start[offsetof(Record, flags)] ^= static_cast<std::uint8_t>(1U << random() % 7);
      break;
    case 1:
      start[offsetof(Record, event)] = static_cast<std::uint8_t>(random() % Record::kEvents);
      break;
    default:
      // Headers start at even places; most lengths stand in the first 64 bytes.
      if (frame < 2) break;
      change_word(start + sizeof record + random() % std::min<std::size_t>(frame / 2, 32) * 2,
                  random);
  }
  return size;
}
