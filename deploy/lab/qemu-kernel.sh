#!/usr/bin/env bash
# Fetches the kernel that the lab's guests boot: Debian's cloud kernel, whose modules hold the
# tunnel and VLAN devices that the machine's own kernel may lack. The package is unpacked into a
# folder and not installed, for an installed kernel would become the machine's own at its next boot.
# With nothing to do it takes no time.
#
# usage: bash qemu-kernel.sh FOLDER
#   FOLDER/vmlinuz and FOLDER/lib/modules/VERSION are there afterwards.
set -euo pipefail
export LC_ALL=C

folder=${1:?the folder for the kernel is missing}
meta=linux-image-cloud-amd64

fail() {
  printf 'qemu-kernel: error: %s\nqemu-kernel: %s\n' "$1" "$2" >&2
  exit 1
}

# The meta package depends on the newest kernel's own package, whose name carries the version.
newest_package() {
  apt-cache depends "$meta" 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p;T;q'
}

[[ -e $folder/vmlinuz ]] && exit 0
[[ $(dpkg --print-architecture) == amd64 ]] ||
  fail "the guest's programs are this machine's own, and it is not amd64" "Run it on amd64."
package=$(newest_package)
[[ -n $package ]] ||
  fail "apt knows no package $meta" "Run apt-get update as root, on Debian 12 or newer."

mkdir -p "$(dirname -- "$folder")"
work=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$work"' EXIT
# The user that apt downloads as must be able to write there.
chmod 755 "$work"
mkdir -m 777 "$work/download"
(cd "$work/download" && apt-get -q -o Dir::Log=/dev/null download "$package" >/dev/null) ||
  fail "apt-get could not download $package" "Run apt-get update as root; its archive must be reachable."

mkdir "$work/kernel"
dpkg-deb --fsys-tarfile "$work"/download/*.deb | tar -x -C "$work/kernel" --wildcards \
  './boot/vmlinuz-*' './lib/modules/*/kernel/net/*' './lib/modules/*/kernel/drivers/net/*' \
  './lib/modules/*/kernel/drivers/char/*' './lib/modules/*/kernel/drivers/virtio/*'
mv "$work"/kernel/boot/vmlinuz-* "$work/kernel/vmlinuz"
rmdir "$work/kernel/boot"
busybox depmod -b "$work/kernel" "$(ls "$work/kernel/lib/modules")"
chmod -R u+rwX,go+rX "$work/kernel"
rm -rf "$folder"
mv "$work/kernel" "$folder"
