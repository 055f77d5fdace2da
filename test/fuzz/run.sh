#!/usr/bin/env bash
# Fuzzes the packet path for a time: any bytes through steering rules, tunnels and pipeline, in frames
# between pages that cannot be touched, under AddressSanitizer and UndefinedBehaviorSanitizer. What
# was found interesting is kept for the next run; an input that breaks something is left in
# build-fuzz/found/, and running the fuzzer with that file shows it again.
#
# usage: bash test/fuzz/run.sh [SECONDS]     (30 unless given)
# needs: clang with libclang-rt (Debian: apt-get install clang libclang-rt-14-dev)
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

seconds=${1:-30}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
  exit 2
}

# The unit tests run what is built for any x86-64-v2; here, where the processor has it, as many packets
# are read side by side as AVX2 allows.
march=x86-64-v2
if grep --quiet --word-regexp avx2 /proc/cpuinfo; then march=x86-64-v3; fi
if [[ ! -f build-fuzz/build.ninja ]]; then
  cmake --fresh -S native -B build-fuzz -G Ninja -DADIT_FUZZ=ON -DADIT_MARCH=$march \
    -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ >/dev/null
fi
cmake --build build-fuzz --target adit_fuzz_path adit_fuzz_seeds -- --quiet

mkdir -p build-fuzz/seeds build-fuzz/corpus build-fuzz/found
build-fuzz/fuzz/adit_fuzz_seeds build-fuzz/seeds
# What one input takes is bounded too, so that an endless loop is found.
timeout --kill-after=20 $((seconds + 120)) build-fuzz/fuzz/adit_fuzz_path \
  -max_total_time="$seconds" -timeout=10 -max_len=8192 -print_final_stats=1 \
  -artifact_prefix=build-fuzz/found/ build-fuzz/corpus build-fuzz/seeds </dev/null
