#!/usr/bin/env bash
# Measures Adit beside other programs that do the same work, on the same interfaces and under the
# same load, in turn and several times; prints rates, ratios and goals. Needs root, and two
# processors that do nothing else. README.md tells what is compared with what.
#
# usage: bash test/bench/peers/run.sh [--quick] [--rounds N] [--seconds S] [--filter REGEX]
#                                     [--patience S] [--sink inline|threaded] [--out FOLDER]
#   --quick    3 rounds of a second instead of 7 of 3 seconds
#   --rounds   how often each is measured; --seconds: for how long each time
#   --filter   peers whose names match alone; "memory" and "light load" are names as well
#   --patience seconds for which, each time, it waits until other programs do nothing, and does
#              again what they disturbed; 0 unless given
#   --sink     threaded: the far ends receive in threads on the load's processor
#   --out      where result.json and table.txt are written; .cache/bench-peers unless given
# Ends with exit code 1 when a gate is missed, and says which.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.."

case " $* " in
  *" --help "* | *" -h "*) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" && exit ;;
esac
if [[ ! -f build-bench/build.ninja ]]; then
  cmake --fresh -S native -B build-bench -G Ninja -DADIT_BENCH=ON -DADIT_MARCH=x86-64-v3 \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo >/dev/null
fi
programs=(adit_bench adit_load adit_forwarder adit_probe)
cmake --build build-bench --target "${programs[@]}" -- --quiet
exec node dist/test/bench/peers/main.js "$@"
