#!/usr/bin/env bash
# Builds programs of the benchmarks as they are gated: x86-64-v3, optimized.
#
# usage: bash test/bench/build.sh TARGET...
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

if [[ ! -f build-bench/build.ninja ]]; then
  cmake --fresh -S native -B build-bench -G Ninja -DADIT_BENCH=ON -DADIT_MARCH=x86-64-v3 \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo >/dev/null
fi
cmake --build build-bench --target "$@" -- --quiet
