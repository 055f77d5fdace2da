#!/usr/bin/env bash
# Fetches a kernel that the lab's guests boot: Debian's cloud kernel, whose modules hold the tunnel
# and VLAN devices that the machine's own kernel may lack; or the one of a newer suite, whose drivers
# can do more. The packages are unpacked into a folder and not installed, for an installed kernel
# would become the machine's own at its next boot; a suite given here is known to apt for this one
# call alone. With nothing to do it takes no time.
#
# usage: bash qemu-kernel.sh FOLDER [SUITE]
#   FOLDER/vmlinuz and FOLDER/lib/modules/VERSION are there afterwards. SUITE as in
#   trixie-backports; without it, the machine's own sources of packages serve.
set -euo pipefail
export LC_ALL=C

folder=$(realpath -m -- "${1:?the folder for the kernel is missing}")
suite=${2:-}
meta=linux-image-cloud-amd64
archive=http://deb.debian.org/debian
keys=/usr/share/keyrings/debian-archive-keyring.gpg
options=(-q -o Dir::Log=/dev/null)

fail() {
  printf 'qemu-kernel: error: %s\nqemu-kernel: %s\n' "$1" "$2" >&2
  exit 1
}

# Lists, cache and state of their own, so that the machine's apt never hears of the suite.
use_suite() {
  local apt=$work/apt
  [[ -r $keys ]] || fail "there is no $keys to check packages with" "Install debian-archive-keyring."
  mkdir -p "$apt"/{lists,cache/archives}/partial
  touch "$apt/status"
  echo "deb [signed-by=$keys] $archive $suite main" >"$apt/sources"
  options+=(-o Dir::Etc::sourcelist="$apt/sources" -o Dir::Etc::sourceparts=/dev/null
    -o Dir::Etc::preferencesparts=/dev/null -o Dir::State::lists="$apt/lists"
    -o Dir::Cache="$apt/cache" -o Dir::State::status="$apt/status")
  apt-get "${options[@]}" update >/dev/null ||
    fail "apt-get could not read $suite" "Its archive must be reachable: $archive"
}

depends() {
  apt-cache "${options[@]}" depends "$1" 2>/dev/null | sed -n 's/^ *Depends: \([a-z].*\)$/\1/p'
}

# The meta package depends on the newest kernel's own package, whose name carries the version. Newer
# ones come in parts.
packages() {
  local package
  package=$(depends "$meta" | sed -n '/^linux-image-[0-9]/{p;q}')
  [[ -n $package ]] || return 0
  echo "$package"
  depends "$package" | grep -E '^linux-(binary|modules)-[0-9]' || true
}

[[ -e $folder/vmlinuz ]] && exit 0
[[ $(dpkg --print-architecture) == amd64 ]] ||
  fail "the guest's programs are this machine's own, and it is not amd64" "Run it on amd64."

mkdir -p "$(dirname -- "$folder")"
work=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$work"' EXIT
# The user that apt downloads as must be able to write there.
chmod 755 "$work"
mkdir -m 777 "$work/download"
[[ -z $suite ]] || use_suite
mapfile -t names < <(packages)
((${#names[@]} > 0)) ||
  fail "apt knows no package $meta" "Run apt-get update as root, on Debian 12 or newer."
(cd "$work/download" && apt-get "${options[@]}" download "${names[@]}" >/dev/null) ||
  fail "apt-get could not download ${names[*]}" "Run apt-get update as root; its archive must be reachable."

mkdir "$work/all" "$work/kernel"
for package in "$work"/download/*.deb; do dpkg-deb -x "$package" "$work/all"; done
modules=$(find "$work/all" -path '*/lib/modules/*' -name kernel -type d | head -n 1)
image=$(find "$work/all" -name 'vmlinuz*' -type f | head -n 1)
[[ -n $modules && -n $image ]] ||
  fail "there is no kernel, or no modules, in ${names[*]}" "Its packages are made in another way now."
version=$(basename -- "$(dirname -- "$modules")")
mv "$image" "$work/kernel/vmlinuz"
for part in net drivers/net drivers/char drivers/virtio; do
  [[ -d $modules/$part ]] || continue
  mkdir -p "$(dirname -- "$work/kernel/lib/modules/$version/kernel/$part")"
  mv "$modules/$part" "$work/kernel/lib/modules/$version/kernel/$part"
done
find "$work/kernel" -name '*.ko.xz' -exec busybox unxz {} +
busybox depmod -b "$work/kernel" "$version"
chmod -R u+rwX,go+rX "$work/kernel"
rm -rf "$folder"
mv "$work/kernel" "$folder"
