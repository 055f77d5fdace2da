#!/usr/bin/env bash
# Runs the tests, all groups or those named; a group that fails does not keep the next from running.
# `npm test` calls it after the bootstrap.
#
# usage: bash test/run.sh [lint] [native] [unit] [cases] [fuzz] [netns]
#   lint    formats, types, import rules, static checks
#   native  C++ units: as built, and with AddressSanitizer and UndefinedBehaviorSanitizer
#   unit    TypeScript units
#   cases   packets in, packets out, judged byte by byte; no privilege needed
#   fuzz    20 seconds of any bytes through the packet path; longer: npm run fuzz -- SECONDS
#   netns   live, in network namespaces of its own: needs root
set -uo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." || exit 1

groups=(lint native unit cases fuzz netns)
summary=()
failures=0
failed=""
skipped=0

# bounded SECONDS COMMAND...: a hanging test ends its group, not the whole run.
bounded() {
  local limit=$1 status=0
  shift
  timeout --kill-after=20 "$limit" "$@" </dev/null || status=$?
  ((status != 124 && status != 137)) || echo "ended after $limit s: $*" >&2
  return "$status"
}

# run_node FOLDER LIMIT [OPTION...]: all tests compiled from a folder. Skipped ones are counted, and
# when every one was skipped nothing is proved, which is no success.
run_node() {
  local folder=$1 limit=$2 files reporter=tap status=0 tap
  shift 2
  tap=.cache/${folder//\//-}.tap
  mkdir -p .cache
  [[ ! -t 1 ]] || reporter=spec
  mapfile -t files < <(find "dist/$folder" -name '*.test.js' 2>/dev/null | sort)
  if ((${#files[@]} == 0)); then
    echo "there is no compiled test in dist/$folder" >&2
    return 1
  fi
  bounded "$limit" node --test "$@" \
    --test-reporter="$reporter" --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$tap" "${files[@]}" || status=$?
  skipped=$((skipped + $(sed -n 's/^# skipped //p' "$tap")))
  if grep -qx '# pass 0' "$tap"; then
    echo "not one test of dist/$folder passed" >&2
    status=1
  fi
  return "$status"
}

run_ctest() {
  bounded "$3" ctest --test-dir "$1" -R "^$2\$" --verbose --no-tests=error
}

group_lint() {
  bash test/lint/run.sh
}

# The sanitizers' build has the same sources and tests; only what is tested by ctest is built.
group_native() {
  local status=0
  run_ctest build unit 120 || status=1
  if [[ ! -f build-asan/build.ninja ]]; then
    cmake --fresh -S native -B build-asan -G Ninja -DADIT_SANITIZE=ON \
      -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1" >/dev/null || return 1
  fi
  echo "building the C++ units with sanitizers"
  bounded 900 cmake --build build-asan --target adit_unit_tests -- --quiet || return 1
  run_ctest build-asan unit 300 || status=1
  return "$status"
}

group_unit() {
  run_node test/unit 300
}

group_cases() {
  run_node test/cases 600
}

group_fuzz() {
  bounded 600 bash test/fuzz/run.sh 20
}

group_netns() {
  local status=0
  run_ctest build live 300 || status=1
  run_node test/netns 900 --test-concurrency=1 || status=1
  return "$status"
}

# Prints why network namespaces cannot be made here; nothing when they can.
why_no_namespaces() {
  local name=adit-probe-$$
  if ((EUID != 0)); then
    echo "not root"
  elif ! ip netns add "$name" 2>/dev/null; then
    echo "network namespaces cannot be made here (ip netns add)"
  else
    ip netns exec "$name" true 2>/dev/null ||
      echo "network namespaces cannot be entered here (ip netns exec)"
    ip netns del "$name"
  fi
}

skip() {
  printf '\n%s\n' "!!!! SKIPPED: $1: $2" "!!!! Nothing in this group was tested. Run it so: sudo npm run test:$1" >&2
  summary+=("$(printf '%-7s SKIPPED  %s' "$1" "$2")")
}

# keep_failed GROUP: what its failed TypeScript tests said, to be read at the end of a long output.
keep_failed() {
  local tap=.cache/test-$1.tap
  [[ ! -f $tap ]] || failed+=$(sed -n '/^ *not ok /,/^ *\.\.\.$/p' "$tap" | head -n 200)
}

run_group() {
  local name=$1 began=$SECONDS result=passed reason note=""
  skipped=0
  printf '\n==== %s\n' "$name"
  if [[ $name == netns ]]; then
    reason=$(why_no_namespaces)
    [[ -z $reason ]] || { skip "$name" "$reason" && return; }
  fi
  if ! "group_$name"; then
    result=FAILED
    failures=$((failures + 1))
    keep_failed "$name"
  fi
  ((skipped == 0)) || note="  !!!! $skipped tests SKIPPED; each says why above"
  summary+=("$(printf '%-7s %-7s %4d s' "$name" "$result" $((SECONDS - began)))$note")
}

main() {
  local name
  (($# > 0)) || set -- "${groups[@]}"
  for name in "$@"; do
    [[ " ${groups[*]} " == *" $name "* ]] || {
      sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
      exit 2
    }
  done
  for name in "$@"; do run_group "$name"; done
  [[ -z $failed ]] || printf '\n==== failed tests\n%s\n' "$failed"
  printf '\n==== summary\n'
  printf '%s\n' "${summary[@]}"
  ((failures == 0)) || exit 1
}

main "$@"
