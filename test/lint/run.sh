#!/usr/bin/env bash
# Every check that needs no running program: TypeScript, C++, shell, and who may import whom.
# All checks run, also when one fails.
#
# usage: bash test/lint/run.sh [--fix | --quick]
#   --fix    formats what can be formatted and mends what can be mended safely, checks nothing
#   --quick  leaves clang-tidy out, which takes a minute when a header changed
set -uo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." || exit 1

mapfile -t shell_files < <(find .ci deploy test -type f \( -name '*.sh' -o -path .ci/run \) | sort)
mapfile -t cpp_files < <(find native test -type f \( -name '*.h' -o -name '*.cc' -o -name '*.c' \) | sort)
node_bin=node_modules/.bin

failed=()
checks=0

# check NAME COMMAND...: one line when it passes, its output when it does not.
check() {
  local name=$1 began=$SECONDS output status=0
  shift
  checks=$((checks + 1))
  output=$("$@" 2>&1 </dev/null) || status=$?
  if ((status == 0)); then
    printf 'lint: %-12s ok     %3d s\n' "$name" $((SECONDS - began))
    # What passes may still have warned.
    grep -E ' warning: ' <<<"$output" || true
  else
    printf '%s\n' "$output"
    printf 'lint: %-12s FAILED %3d s\n' "$name" $((SECONDS - began))
    failed+=("$name")
  fi
}

fix() {
  "$node_bin/biome" check --write --log-level=warn
  clang-format -i "${cpp_files[@]}"
  shfmt -w "${shell_files[@]}"
}

# One file through clang-tidy, unless it passed with the same content before. The stamp is named by
# the file, all headers and the rules, so that a change of any of them asks again.
tidy_one() {
  local file=$1 stamp output
  stamp=.cache/tidy/$({ cat "$file" && echo "$file $headers_sum"; } | sha256sum | cut -c1-32)
  [[ -e $stamp ]] && return
  if output=$(clang-tidy -p build --quiet "$file" 2>&1); then
    : >"$stamp"
  else
    printf '%s\n' "$output"
    return 1
  fi
}
export -f tidy_one

check_tidy() {
  [[ -f build/compile_commands.json ]] || {
    echo "there is no native build yet; run: bash deploy/bootstrap.sh --for test"
    return 1
  }
  mkdir -p .cache/tidy
  find .cache/tidy -type f -mtime +7 -delete
  headers_sum=$({
    cat .clang-tidy build/compile_commands.json
    find native build/generated \( -name '*.h' -o -name '*.def' \) -print0 |
      sort -z | xargs -0 cat
  } | sha256sum)
  export headers_sum
  # Of what this build compiles, the program; test macros would cost most of the time.
  # shellcheck disable=SC2016 # The inner shell expands it.
  find native -name '*.cc' -print0 | xargs -0 -P "$(nproc)" -I{} bash -c 'tidy_one "$1"' _ {}
}

main() {
  local mode=${1:-}
  case $mode in
    --fix) fix && exit ;;
    "" | --quick) ;;
    *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2 && exit 2 ;;
  esac
  check biome "$node_bin/biome" check --error-on-warnings --max-diagnostics=60
  check tsc "$node_bin/tsc" -p tsconfig.json
  check own-tests node --test dist/test/lint/rules.test.js
  check layers node dist/test/lint/main.js
  check clang-format clang-format --dry-run -Werror "${cpp_files[@]}"
  check shellcheck shellcheck "${shell_files[@]}"
  check shfmt shfmt -d "${shell_files[@]}"
  [[ $mode == --quick ]] || check clang-tidy check_tidy
  if ((${#failed[@]} > 0)); then
    printf 'lint: %d of %d checks failed: %s\n' ${#failed[@]} "$checks" "${failed[*]}"
    exit 1
  fi
  printf 'lint: all %d checks passed\n' "$checks"
}

main "$@"
