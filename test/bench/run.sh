#!/usr/bin/env bash
# Builds the benchmark as it is gated (x86-64-v3, optimized) and measures: times, instructions, both
# against the gates, and a plot of cost against table size.
#
# usage: bash test/bench/run.sh [--filter REGEX] [--quick] [--base FILE] [--out FOLDER]
#   --filter  scenes whose names match alone; `build-bench/bench/adit_bench --list` names them
#   --quick   one short run of each instead of the least of ten, and no instructions
#   --base    a result.json of before to compare with
#   --out     where result.json, table.txt and scale.svg are written; .cache/bench unless given
# needs: Google Benchmark, valgrind, gnuplot (Debian: libbenchmark-dev valgrind gnuplot-nox)
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

if [[ ! -f build-bench/build.ninja ]]; then
  cmake --fresh -S native -B build-bench -G Ninja -DADIT_BENCH=ON -DADIT_MARCH=x86-64-v3 \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo >/dev/null
fi
cmake --build build-bench --target adit_bench -- --quiet
exec node dist/test/bench/main.js "$@"
