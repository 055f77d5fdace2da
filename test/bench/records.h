#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "table/table_spec.h"

namespace adit::bench {

/// Members as TypeScript hands them over (`table/member_records.h`); those of a scene: attachments,
/// and tunnels without keys that a scene does not set.
class Records {
 public:
  explicit Records(const MemberSpecs& members);

  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::span<const std::uint8_t> tunnel(std::size_t member) const noexcept;
  /// Gives a tunnel another identifier and TTL.
  void change_tunnel(std::size_t member, std::uint32_t id, std::uint8_t ttl) noexcept;

 private:
  void write(const MemberSpec& member, const AttachmentSpec& spec);
  void write(const MemberSpec& member, const TunnelSpec& spec);

  std::vector<std::uint8_t> bytes_;
  /// Where each member's record starts.
  std::vector<std::size_t> starts_;
};

}  // namespace adit::bench
