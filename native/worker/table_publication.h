#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "table/table.h"

namespace adit {

/// A table and its number in the order of publication, from 1 on.
struct TableEdition {
  std::unique_ptr<const Table> table;
  std::uint64_t number = 0;
};

/// One worker's way to the published table. For one thread at a time.
///
/// It says on a cache line of its own which edition it works with: once a round, and only where
/// that changed, so that a packet costs nothing.
class alignas(64) TableReader {
 public:
  explicit TableReader(const std::atomic<const TableEdition*>& current) noexcept
      : current_(current) {}

  /// The table that is published now. It stays until this is called again, or `leave`; so that is
  /// where nothing of the table may be in hand, but for indexes (`may_follow`).
  [[nodiscard]] const Table& table() noexcept {
    if (held_ == kNone) [[unlikely]] {
      come_back();
    }
    const TableEdition& edition = *current_.load(std::memory_order_seq_cst);
    if (edition.number != held_) [[unlikely]] {
      // What is loaded later is never an older edition, so from here on none is used; what was read
      // of one was read before.
      holds_.store(held_ = edition.number, std::memory_order_release);
    }
    return *edition.table;
  }
  /// To be called before a sleep: this thread holds no table until it asks again.
  void leave() noexcept { holds_.store(held_ = kNone, std::memory_order_release); }

 private:
  friend class TablePublication;

  static constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();
  /// Before the first edition: it may be about to take any.
  static constexpr std::uint64_t kAny = 0;

  /// A publisher that still saw no edition held saw that before this store, and so published before
  /// the load that follows it: sequential consistency, here and there, is what that needs.
  void come_back() noexcept { holds_.exchange(held_ = kAny, std::memory_order_seq_cst); }
  [[nodiscard]] std::uint64_t oldest_held() const noexcept {
    return holds_.load(std::memory_order_seq_cst);
  }

  const std::atomic<const TableEdition*>& current_;
  std::atomic<std::uint64_t> holds_{kNone};
  /// The same for this thread alone.
  std::uint64_t held_ = kNone;
};

/// The table that workers forward by, and those before it that one of them may still look at.
///
/// One thread publishes, and never waits for a worker: a table is freed by the first `publish` or
/// `reclaim` after every worker has gone on to a later one or to sleep (quiescent-state-based
/// reclamation). A packet meets one table, the one that its worker began the round with.
class TablePublication {
 public:
  /// Tables that may wait to be freed, each as large as the one in force.
  static constexpr std::size_t kMostRetired = 2;

  explicit TablePublication(std::unique_ptr<const Table> first);
  TablePublication(const TablePublication&) = delete;
  TablePublication& operator=(const TablePublication&) = delete;
  /// \pre no reader is in use.
  ~TablePublication();

  /// A further reader, which lives as long as this; it holds no table yet.
  [[nodiscard]] TableReader& add_reader();

  /// For the publishing thread alone: valid until it publishes again.
  [[nodiscard]] const Table& current() const noexcept { return *edition_->table; }

  /// Makes `next` the table of every round that begins from now on. False, with `next` left to the
  /// caller and the table in force still so, while `kMostRetired` wait for a worker that has not
  /// gone round since: to be tried again later, with this table or one that replaces it.
  /// \throws std::invalid_argument where `next` may not follow the current one.
  [[nodiscard]] bool publish(std::unique_ptr<const Table>& next);
  /// Frees what no worker looks at any more. \returns how many tables still wait.
  std::size_t reclaim() noexcept;

 private:
  std::unique_ptr<const TableEdition> edition_;
  std::atomic<const TableEdition*> current_;
  /// In order of publication.
  std::vector<std::unique_ptr<const TableEdition>> retired_;
  std::vector<std::unique_ptr<TableReader>> readers_;
};

}  // namespace adit
