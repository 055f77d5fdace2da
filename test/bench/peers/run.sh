#!/usr/bin/env bash
# Measures Adit beside other programs that do the same work, on the same interfaces and under the
# same load, in turn and several times; prints rates, ratios and goals. Needs root, and two
# processors that do nothing else. README.md tells what is compared with what.
# Ends with exit code 1 when a gate is missed, and says which.
#
# usage: bash test/bench/peers/run.sh [--help | OPTIONS], which `--help` names
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.."

case " $* " in
  *" --help "* | *" -h "*) exec node dist/test/bench/peers/main.js --help ;;
esac
bash test/bench/build.sh adit_bench adit_load adit_forwarder adit_probe
exec node dist/test/bench/peers/main.js "$@"
