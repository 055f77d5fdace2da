#include "worker/table_publication.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "table/succession.h"

namespace adit {

TablePublication::TablePublication(std::unique_ptr<const Table> first)
    : edition_(new TableEdition{std::move(first), TableReader::kAny + 1}),
      current_(edition_.get()) {
  retired_.reserve(kMostRetired);
}

TablePublication::~TablePublication() = default;

TableReader& TablePublication::add_reader() {
  readers_.push_back(std::make_unique<TableReader>(current_));
  return *readers_.back();
}

bool TablePublication::publish(std::unique_ptr<const Table>& next) {
  if (!may_follow(*next, *edition_->table)) {
    throw std::invalid_argument("a table was to be published in which indexes mean other things");
  }
  if (reclaim() == kMostRetired) return false;
  std::unique_ptr<const TableEdition> edition(
      new TableEdition{std::move(next), edition_->number + 1});
  current_.store(edition.get(), std::memory_order_seq_cst);
  // Room for it is reserved.
  retired_.push_back(std::exchange(edition_, std::move(edition)));
  return true;
}

std::size_t TablePublication::reclaim() noexcept {
  std::uint64_t oldest = edition_->number;
  for (const auto& reader : readers_) oldest = std::min(oldest, reader->oldest_held());
  std::erase_if(retired_, [&](const auto& edition) { return edition->number < oldest; });
  return retired_.size();
}

}  // namespace adit
