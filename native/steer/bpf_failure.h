#pragma once

#include <string>

#include "packet/failure.h"

namespace adit {

/// Why the kernel refused to create a map or load the program, and what to do about it.
/// \param what what was tried, as in "cannot load the steering program"; \param error an errno;
/// \param log what libbpf or the verifier said; may be empty.
[[nodiscard]] Failure bpf_failure(const std::string& what, int error, const std::string& log);

}  // namespace adit
