# Where the images built here are kept; sourced by build.sh and test.sh.
# shellcheck shell=bash disable=SC2034 # Those who source it use the names.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
state=$root/.cache/container
version=$(sed -n 's/^ *"version": "\(.*\)",$/\1/p' "$root/package.json")
debian_image=localhost/debian:12-slim
node_image=localhost/node:20
adit_image=localhost/adit:$version
archive=$state/adit-$version.tar

say() { printf 'container: %s\n' "$*"; }

# buildah with a storage of its own, so that an engine's is left alone.
image() {
  buildah --storage-driver vfs --root "$state/storage" --runroot "$state/runroot" "$@"
}

if ((EUID != 0)); then
  say "error: building and testing the image needs root" >&2
  exit 1
fi
mkdir -p "$state"
