#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace adit {

/// Something that could not be set up, told to a person: what failed and what
/// to do about it. Thrown while opening and loading only, never on the packet
/// path.
class Failure : public std::runtime_error {
 public:
  /// \param code stable, such as `ADIT-2104`; \param what one sentence without
  /// a period; \param fix what to do, one sentence or a command.
  Failure(std::string code, const std::string& what, std::string fix)
      : std::runtime_error(what), code_(std::move(code)), fix_(std::move(fix)) {}

  [[nodiscard]] const std::string& code() const noexcept { return code_; }
  [[nodiscard]] const std::string& fix() const noexcept { return fix_; }

 private:
  std::string code_;
  std::string fix_;
};

}  // namespace adit
