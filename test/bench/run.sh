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
bash test/bench/build.sh adit_bench
exec node dist/test/bench/main.js "$@"
