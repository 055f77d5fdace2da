#include "steer_checks.h"
#include "steer_error_cases.h"

using adit::HostRules;

TEST_CASE("HostRules decide() takes ICMP errors about our packets, and no other ICMP") {
  steer_cases::check_verdicts(HostRules(steer_cases::config()), steer_cases::error_cases());
}

TEST_CASE("HostRules decide() reads no byte behind any prefix of an ICMP error") {
  steer_cases::check_prefixes(HostRules(steer_cases::config()), steer_cases::error_cases());
}

TEST_CASE("HostRules decide() is total on mutated ICMP errors") {
  steer_cases::check_mutations(HostRules(steer_cases::config()), steer_cases::error_cases(),
                               20261122);
}
