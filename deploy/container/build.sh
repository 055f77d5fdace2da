#!/usr/bin/env bash
# Builds the image without an engine and without a registry: the bases are made from the Debian archive
# and from this machine's Node, then buildah follows the same Containerfile. Needs root.
#
# usage: bash deploy/container/build.sh
# The image is localhost/adit:VERSION in .cache/container/storage, and an archive beside it that
# `podman load -i` and `docker load -i` take.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=deploy/container/storage.sh
. "$here/storage.sh"

needed=(buildah mmdebstrap)
missing=()
for program in "${needed[@]}"; do command -v "$program" >/dev/null || missing+=("$program"); done
if ((${#missing[@]} > 0)); then
  say "installing ${missing[*]}"
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
fi

have_image() { image inspect "$1" >/dev/null 2>&1; }

make_debian() {
  have_image "$debian_image" && return
  say "making a Debian base from the archive"
  mmdebstrap --quiet --variant=minbase --include=ca-certificates bookworm "$state/debian.tar" \
    "deb http://deb.debian.org/debian bookworm main" \
    "deb http://deb.debian.org/debian bookworm-updates main" \
    "deb http://deb.debian.org/debian-security bookworm-security main"
  local container
  container=$(image from scratch)
  image add -q "$container" "$state/debian.tar" / >/dev/null
  image config --cmd bash "$container"
  image commit -q --rm "$container" "$debian_image" >/dev/null
  rm -f "$state/debian.tar"
}

make_node() {
  have_image "$node_image" && return
  say "making a Node base from $(command -v node) ($(node -v))"
  local container npm
  npm=$(dirname -- "$(dirname -- "$(readlink -f "$(command -v npm)")")")
  container=$(image from scratch)
  image copy -q "$container" "$(readlink -f "$(command -v node)")" /usr/local/bin/node >/dev/null
  image copy -q "$container" "$npm" /usr/local/lib/node_modules/npm >/dev/null
  image commit -q --rm "$container" "$node_image" >/dev/null
}

make_adit() {
  local options=(--build-arg "BASE=$debian_image" --build-arg "NODE=$node_image")
  options+=(--build-arg "VERSION=$version")
  if [[ -n ${NODE_EXTRA_CA_CERTS:-} ]]; then
    options+=(--volume "$NODE_EXTRA_CA_CERTS:/run/extra-ca.crt:ro")
    options+=(--build-arg NODE_EXTRA_CA_CERTS=/run/extra-ca.crt)
  fi
  say "building $adit_image (log: $state/build.log)"
  image build --isolation chroot --pull-never --layers=false "${options[@]}" \
    -f "$here/Containerfile" -t "$adit_image" "$root" >"$state/build.log" 2>&1 </dev/null || {
    tail -n 30 "$state/build.log" >&2
    say "error: the image could not be built; the end of its log is above"
    exit 1
  }
  rm -f "$archive"
  image push -q "$adit_image" "docker-archive:$archive:adit:$version" >/dev/null
  say "built $adit_image; archive: $archive ($(du -h "$archive" | cut -f1))"
}

make_debian
make_node
make_adit
