#!/usr/bin/env bash
# Builds the benchmark as it is gated (x86-64-v3, optimized) and measures: times, instructions, both
# against the gates, and a plot of cost against table size.
#
# usage: bash test/bench/run.sh [--help | OPTIONS], which `--help` names
# needs: Google Benchmark, valgrind, gnuplot (Debian: libbenchmark-dev valgrind gnuplot-nox)
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

case " $* " in
  *" --help "* | *" -h "*) exec node dist/test/bench/main.js --help ;;
esac
if [[ ! -f build-bench/build.ninja ]]; then
  cmake --fresh -S native -B build-bench -G Ninja -DADIT_BENCH=ON -DADIT_MARCH=x86-64-v3 \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo >/dev/null
fi
cmake --build build-bench --target adit_bench -- --quiet
exec node dist/test/bench/main.js "$@"
