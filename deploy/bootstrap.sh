#!/usr/bin/env bash
# Makes a fresh clone ready: installs the Debian packages that are missing, the npm packages of the
# lock file, and builds what changed. Run it as often as you like; with nothing to do it takes
# seconds. `npm run demo` and `npm test` run it first.
#
# usage: bash deploy/bootstrap.sh [--for build|demo|test|bench|peers]
#   build  what the program needs to be built and run (the default)
#   demo   and what the demo needs: peers, traffic generators
#   test   and what the tests need: judges, checkers, formatters
#   bench  what the benchmark needs beside the program
#   peers  what the benchmark against other programs needs: DPDK, Open vSwitch with and without it
set -euo pipefail
export LC_ALL=C

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
state=$root/.cache/bootstrap

build_packages=(
  g++ cmake ninja-build pkg-config clang bpftool
  libbpf-dev libxdp-dev libelf-dev libmnl-dev libpcap-dev
)
demo_packages=(iproute2 iputils-ping ethtool iperf3 openvswitch-switch)
test_packages=(
  doctest-dev python3-scapy tshark tcpdump
  clang-format clang-tidy shellcheck shfmt libclang-rt-14-dev
  qemu-system-x86 busybox-static
)
bench_packages=(libbenchmark-dev valgrind gnuplot-nox)
peer_packages=(iproute2 ethtool openvswitch-switch openvswitch-switch-dpdk dpdk-dev)

say() { printf 'bootstrap: %s\n' "$*"; }

# fail WHAT FIX: ends with one line that says what is wrong and one that says what to do.
fail() {
  printf 'bootstrap: error: %s\n' "$1" >&2
  printf 'bootstrap: %s\n' "$2" >&2
  exit 1
}

# logged NAME COMMAND...: runs quietly, output in a log; false when it failed. The lock is not
# handed on, so that nothing the command leaves running can hold it.
logged() {
  local log=$state/$1.log
  shift
  "$@" >"$log" 2>&1 </dev/null 9>&-
}

show_log() { tail -n "${2:-25}" "$state/$1.log" >&2; }

usage() {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
}

read_arguments() {
  purpose=build
  while (($# > 0)); do
    case $1 in
      --for) purpose=${2:-} && shift ;;
      --for=*) purpose=${1#--for=} ;;
      -h | --help) usage && exit 0 ;;
      *) usage >&2 && exit 2 ;;
    esac
    shift || true
  done
  case $purpose in
    build) packages=("${build_packages[@]}") ;;
    demo) packages=("${build_packages[@]}" "${demo_packages[@]}") ;;
    test) packages=("${build_packages[@]}" "${demo_packages[@]}" "${test_packages[@]}") ;;
    bench) packages=("${build_packages[@]}" "${bench_packages[@]}") ;;
    peers) packages=("${build_packages[@]}" "${bench_packages[@]}" "${peer_packages[@]}") ;;
    *) usage >&2 && exit 2 ;;
  esac
}

# Two runs at the same time would install and build over each other; the second one waits.
take_lock() {
  if ! { mkdir -p "$state" && : >>"$state/lock"; } 2>/dev/null; then
    fail "cannot write to $root" "Run it as the user that owns the clone, or as root."
  fi
  exec 9>>"$state/lock"
  flock -n 9 && return
  say "another bootstrap is at work here; waiting for it"
  flock -w 1800 9 || fail "the other bootstrap did not end in 30 minutes" \
    "Its last output is in $state; end it if it hangs."
}

check_node() {
  command -v node >/dev/null ||
    fail "node is not installed" "Install Node 20 with npm, such as from https://nodejs.org or https://deb.nodesource.com."
  command -v npm >/dev/null ||
    fail "npm is not installed" "Install npm; it comes with Node from https://nodejs.org."
  node - "$root/package.json" <<'JS' || exit 1
const { engines } = JSON.parse(require("fs").readFileSync(process.argv[2], "utf8"));
const wanted = engines.node.replace(/[^0-9.]/g, "").split(".").map(Number);
const found = process.versions.node.split(".").map(Number);
const at = wanted.findIndex((part, i) => part !== found[i]);
if (at >= 0 && found[at] < wanted[at]) {
  console.error(`bootstrap: error: node is ${process.versions.node}, needed is ${engines.node}`);
  console.error(`bootstrap: It is ${process.execPath}; install a newer one or put it first in PATH.`);
  process.exit(1);
}
JS
}

# Prints the wanted packages that are not installed, one a line.
missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null || true)
  local package
  for package in "${packages[@]}"; do
    grep -qx "installed $package" <<<"$installed" || printf '%s\n' "$package"
  done
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    sudo "$@"
  fi
}

check_can_install() {
  if ! grep -qE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release 2>/dev/null ||
    ! command -v apt-get >/dev/null; then
    fail "this is not Debian or Ubuntu, and these packages of Debian 12 are needed: ${packages[*]}" \
      "Run it on Debian 12 or newer, in a virtual machine or a container if need be."
  fi
  ((EUID == 0)) || command -v sudo >/dev/null ||
    fail "packages are missing, and this is neither root nor is there a sudo: $*" \
      "Run as root: apt-get install --no-install-recommends $*"
  # The question for a password is asked here, where it is seen, and not behind a log.
  ((EUID == 0)) || sudo -v ||
    fail "sudo refused" "Run as root: apt-get install --no-install-recommends $*"
}

apt() {
  local name=$1
  shift
  logged "$name" as_root env DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true \
    apt-get -y -q -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold "$@"
}

# The demo and the tests start an Open vSwitch of their own in a namespace. The packages' services
# are kept from starting while they are installed, and Open vSwitch's from starting at boot.
policy=/usr/sbin/policy-rc.d
hold_services() {
  [[ -e $policy ]] && return
  trap release_services EXIT
  trap 'exit 130' INT TERM HUP
  printf '#!/bin/sh\n# Put here by a bootstrap while it installs packages.\nexit 101\n' |
    as_root sh -c "cat >$policy && chmod 755 $policy"
}
release_services() {
  as_root rm -f "$policy"
  trap - EXIT
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]} > 0)) || return 0
  check_can_install "${missing[@]}"
  say "reading the package lists (apt-get update)"
  apt apt-update update || {
    show_log apt-update 5
    say "apt-get update had errors; going on with the lists that are there"
  }
  say "downloading ${#missing[@]} Debian packages and what they need: ${missing[*]}"
  apt apt-download install --no-install-recommends --download-only "${missing[@]}" || apt_failed apt-download
  say "installing them"
  hold_services
  apt apt-install install --no-install-recommends "${missing[@]}" || apt_failed apt-install
  if [[ " ${missing[*]} " == *" openvswitch-switch "* ]] && command -v systemctl >/dev/null; then
    logged ovs-service as_root systemctl disable openvswitch-switch.service || true
  fi
  [[ $(trap -p EXIT) == "" ]] || release_services
}

apt_failed() {
  show_log "$1"
  local left
  left=$(missing_packages | paste -sd ' ')
  fail "apt could not install: $left" \
    "Its last lines are above, all of it is in $state/$1.log; Debian 12 or newer with its main archive is needed."
}

install_modules() {
  local stamp=$root/node_modules/.bootstrap-stamp wanted
  wanted=$(sha256sum <"$root/package-lock.json")
  [[ -f $stamp && $(<"$stamp") == "$wanted" ]] && return
  say "installing the npm packages of package-lock.json (npm ci)"
  logged npm npm ci --prefix "$root" --no-audit --no-fund --loglevel=error \
    --fetch-retries=2 --fetch-retry-maxtimeout=10000 || {
    grep -v '^npm error *$' "$state/npm.log" | head -n 12 >&2
    fail "npm ci failed" "Its first lines are above, all of it is in $state/npm.log; the registry has to be reachable."
  }
  printf '%s\n' "$wanted" >"$stamp"
}

# Configures once; after that the build itself notices changed CMake files. A build folder of
# another place (a moved clone) or of a configuration that failed is made anew.
configure_native() {
  local cache=$root/build/CMakeCache.txt
  if [[ -f $root/build/build.ninja ]] &&
    grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root/native" "$cache"; then
    return
  fi
  say "configuring the native build (cmake)"
  logged configure cmake --fresh -S "$root/native" -B "$root/build" -G Ninja \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo || {
    rm -f "$root/build/build.ninja"
    show_log configure
    fail "cmake could not configure the native build" "Its last lines are above, all of it is in $state/configure.log."
  }
}

build_native() {
  local target=adit_addon
  [[ $purpose == test ]] && target=all
  cmake --build "$root/build" --target "$target" 2>&1 </dev/null 9>&- | tell_build || {
    grep -E -A12 'error|FAILED|warning' "$state/build.log" | head -n 60 >&2 || show_log build
    fail "the native build failed" "The compiler's first errors are above, all of it is in $state/build.log."
  }
}

# Keeps the build's output as its log and tells of it by the quarter; nothing when there is nothing to do.
tell_build() {
  local line told=-1 step steps quarter
  while IFS= read -r line; do
    printf '%s\n' "$line"
    [[ $line =~ ^\[([0-9]+)/([0-9]+)\]\ (Building|Generating|Linking) ]] || continue
    step=${BASH_REMATCH[1]} steps=${BASH_REMATCH[2]}
    quarter=$((4 * step / steps))
    if ((told < 0)); then
      say "building the data path and its BPF program ($steps steps)" >&3
      told=0
    elif ((quarter > told && step < steps)); then
      say "  $step of $steps" >&3
      told=$quarter
    fi
  done 3>&1 >"$state/build.log"
}

# Output whose source is gone would still be run by a test runner.
remove_orphans() {
  [[ -d $root/dist ]] || return 0
  local output source
  while IFS= read -r -d '' output; do
    source=$root${output#"$root/dist"}
    [[ -e ${source%.js}.ts ]] || rm -f "$output" "$output.map" "${output%.js}.d.ts"
  done < <(find "$root/dist" -name '*.js' -print0)
}

build_typescript() {
  [[ -e $root/dist/gateway/main.js ]] || say "compiling the TypeScript"
  remove_orphans
  logged tsc node "$root/node_modules/typescript/bin/tsc" -p "$root/tsconfig.json" || {
    head -n 40 "$state/tsc.log" >&2
    fail "the TypeScript does not compile" "The compiler's errors are above."
  }
}

# The tests that boot a guest say loudly when they have no kernel, so its lack ends nothing here.
fetch_guest_kernel() {
  local folder=$root/.cache/$1
  [[ $purpose == test && ! -e $folder/vmlinuz ]] || return 0
  say "fetching a kernel that the tests' guests boot ($1)"
  logged "$1" bash "$root/deploy/lab/qemu-kernel.sh" "$folder" "${@:2}" || {
    show_log "$1" 2
    say "it could not be fetched; the tests that need it will be skipped"
  }
}

main() {
  read_arguments "$@"
  check_node
  take_lock
  local began=$SECONDS
  install_packages
  fetch_guest_kernel guest-kernel
  fetch_guest_kernel guest-kernel-newest trixie-backports
  install_modules
  configure_native
  build_native
  build_typescript
  say "ready for $purpose ($((SECONDS - began)) s)"
}

main "$@"
