#!/usr/bin/env bash
# Builds the image and proves it: `adit validate` and `adit run` from it, with mounted files, under just
# the capabilities that the README of this folder names, with a read-only root and no new privileges.
#
# No engine is needed: what one does (namespaces, mounts, capabilities) is done here by unshare,
# chroot and setpriv on the image's files. Not covered is an engine's own seccomp profile.
#
# usage: bash deploy/container/test.sh [--built]
#   --built  takes the image that build.sh made before
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=deploy/container/storage.sh
. "$here/storage.sh"

# All mounts are made in a mount namespace that ends with this script.
if [[ -z ${ADIT_OWN_MOUNTS:-} ]]; then
  [[ ${1:-} == --built ]] || bash "$here/build.sh"
  ADIT_OWN_MOUNTS=1 exec unshare --mount --propagation private bash "${BASH_SOURCE[0]}" "$@"
fi

id=adit-c$$
gateway=$id-gateway tenant=$id-tenant peer=$id-peer
capabilities=+net_admin,+net_raw,+bpf,+ipc_lock
work=$(mktemp -d)
container="" running=""

cleanup() {
  local status=$?
  [[ -z $running ]] || kill -KILL "$running" 2>/dev/null || true
  wait 2>/dev/null || true
  local name
  for name in "$gateway" "$tenant" "$peer"; do ip netns del "$name" 2>/dev/null || true; done
  umount -R "$work/root" "$work/state" 2>/dev/null || true
  [[ -z $container ]] || image rm "$container" >/dev/null || true
  rm -rf "$work"
  ((status == 0)) || say "FAILED"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

fail() {
  say "error: $1" >&2
  [[ ! -s $work/log ]] || tail -n 20 "$work/log" >&2
  exit 1
}

# The image's files as a container sees them: read-only, with /etc/adit from outside.
prepare_root() {
  local root
  container=$(image from --pull-never "$adit_image")
  root=$(image mount "$container")
  mkdir -p "$work/root" "$work/state" "$work/etc/tunnels.d"
  mount --bind "$root" "$work/root"
  mount -o remount,bind,ro "$work/root"
  mount -t tmpfs -o size=16m,mode=755 adit-run "$work/state"
  mount --bind "$work/state" "$work/root/run/adit"
}

# contained NAMESPACE FOLDER COMMAND...: the command in the image, FOLDER mounted at /etc/adit.
contained() {
  local namespace=$1 folder=$2
  shift 2
  # shellcheck disable=SC2016 # The inner shell expands it.
  exec ip netns exec "$namespace" unshare --mount --pid --fork --kill-child=KILL bash -c '
    set -e
    root=$1 folder=$2 capabilities=$3
    shift 3
    mount --bind "$folder" "$root/etc/adit"
    mount -o remount,bind,ro "$root/etc/adit"
    mount --rbind /dev "$root/dev"
    mount --rbind /sys "$root/sys"
    mount -o remount,bind,ro "$root/sys"
    mount -t proc proc "$root/proc"
    mount --bind "$root/proc/sys" "$root/proc/sys"
    mount -o remount,bind,ro "$root/proc/sys"
    exec chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      NODE_ENV=production setpriv --no-new-privs "--bounding-set=-all,$capabilities" \
      "--inh-caps=-all,$capabilities" "$@"
  ' _ "$work/root" "$folder" "$capabilities" "$@"
}

link() { ip -n "$1" link set "$2" up; }

# tenant -- eth1 gateway eth0 -- peer, which is a kernel `vxlan` device.
make_network() {
  local name
  for name in "$gateway" "$tenant" "$peer"; do
    ip netns add "$name"
    link "$name" lo
    ip netns exec "$name" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6'
  done
  ip link add eth0 netns "$gateway" type veth peer name eth0 netns "$peer"
  ip link add eth1 netns "$gateway" type veth peer name eth0 netns "$tenant"
  ip -n "$gateway" address add 192.0.2.1/24 dev eth0
  ip -n "$peer" address add 192.0.2.2/24 dev eth0
  ip -n "$tenant" address add 10.0.0.1/24 dev eth0
  ip -n "$peer" link add vxlan0 mtu 1450 type vxlan id 5001 local 192.0.2.2 remote 192.0.2.1 dstport 4789
  ip -n "$peer" address add 10.0.0.2/24 dev vxlan0
  # A veth leaves checksums to hardware that is not there; XDP would see them unfinished.
  for name in "$tenant" "$peer"; do
    ip netns exec "$name" ethtool -K eth0 tx off >/dev/null
    link "$name" eth0
  done
  link "$gateway" eth0
  link "$gateway" eth1
  link "$peer" vxlan0
}

write_files() {
  cat >"$work/etc/adit.json" <<'JSON'
{
  "ports": [
    { "name": "underlay", "interface": "eth0" },
    { "name": "access", "interface": "eth1" }
  ],
  "tunnelFiles": ["tunnels.d/*.json"]
}
JSON
  cat >"$work/etc/tunnels.d/acme.json" <<'JSON'
{
  "tenant": "acme",
  "attachments": [{ "name": "lan", "port": "access" }],
  "tunnels": [
    { "name": "far", "type": "vxlan", "vni": 5001, "local": "192.0.2.1", "remote": "192.0.2.2" }
  ],
  "crossConnects": [{ "between": ["lan", "far"] }]
}
JSON
}

wait_until_healthy() {
  local tries
  for tries in {1..40}; do
    if (contained "$gateway" "$work/etc" adit status) >"$work/status" 2>&1; then return; fi
    [[ -e /proc/$running ]] || fail "adit run ended while starting"
    sleep 0.25
  done
  cat "$work/status" >&2
  fail "adit run was not healthy after $tries tries"
}

# The process in the container, which is the child of the unshare that was started.
contained_pid() { tr -d ' ' <"/proc/$running/task/$running/children"; }

stop_cleanly() {
  local began=$SECONDS status=0
  kill -TERM "$(contained_pid)"
  while [[ -e /proc/$running/exe ]] && ((SECONDS - began < 15)); do sleep 0.1; done
  [[ ! -e /proc/$running/exe ]] || fail "adit run was still there 15 s after SIGTERM"
  wait "$running" || status=$?
  running=""
  ((status == 0)) || fail "adit run ended with $status on SIGTERM"
  ! ip -n "$gateway" -d link show | grep -q 'prog/xdp' || fail "an XDP program was left behind"
}

prepare_root
make_network
write_files

say "validate, with the example files mounted"
(contained "$gateway" "$root/deploy/examples" adit validate -c /etc/adit/adit.json) >"$work/log" 2>&1 ||
  fail "adit validate refused the examples"
say "validate, with a broken file mounted: exit 3"
mkdir "$work/broken"
echo '{ "ports": 1 }' >"$work/broken/adit.json"
status=0
(contained "$gateway" "$work/broken" adit validate -c /etc/adit/adit.json) >"$work/log" 2>&1 || status=$?
((status == 3)) || fail "adit validate ended with $status"

say "run, with capabilities $capabilities alone, as the image's command says"
(contained "$gateway" "$work/etc" adit run -c /etc/adit/adit.json) >"$work/log" 2>&1 &
running=$!
wait_until_healthy
say "frames from a tenant to a kernel vxlan device and back"
ip netns exec "$tenant" ping -q -c 5 -i 0.2 -W 2 10.0.0.2 >"$work/ping" || {
  (contained "$gateway" "$work/etc" adit show drops) >&2 || true
  (contained "$gateway" "$work/etc" adit show tunnels -s) >&2 || true
  fail "the far end did not answer"
}
say "stop by SIGTERM"
stop_cleanly
say "passed: $(grep -h transmitted "$work/ping")"
