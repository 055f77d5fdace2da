#!/usr/bin/env bash
# Packs what a guest boots from memory: busybox, this machine's network programs with the libraries
# they load, the kernel modules named, with those they need, other programs and files, and the
# guest's init.
#
# usage: bash qemu-initramfs.sh KERNEL-FOLDER INIT OUTPUT MODULE... [-- PROGRAM...] [-- FROM=TO...]
#   FROM is a file or folder here, TO its path in the guest.
set -euo pipefail
export LC_ALL=C

kernel=$1 init=$2 output=$3
shift 3
names=()
while (($# > 0)) && [[ $1 != -- ]]; do
  names+=("$1")
  shift
done
shift "$(($# > 0 ? 1 : 0))"
programs=(busybox sh ip ethtool ping iperf3 flock)
while (($# > 0)) && [[ $1 != -- ]]; do
  programs+=("$1")
  shift
done
files=("${@:2}")

root=$(mktemp -d "$output.XXXXXX")
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,sbin,usr/bin,usr/sbin,dev,proc,sys,run,tmp,etc}
install -m 755 "$init" "$root/init"

# Loader and libraries keep their paths, which is where the programs look for them.
copy_libraries() {
  local library
  while read -r library; do
    mkdir -p "$root$(dirname -- "$library")"
    cp -Lu "$library" "$root$library"
  done < <(ldd "$1" | grep -o '/[^ ]*')
}
for program in "${programs[@]}"; do
  path=$(command -v "$program")
  install -m 755 "$path" "$root/bin/"
  copy_libraries "$path"
done
for file in "${files[@]}"; do
  mkdir -p "$root$(dirname -- "${file#*=}")"
  cp -rL "${file%%=*}" "$root${file#*=}"
  [[ $file != *.node ]] || copy_libraries "${file%%=*}"
done

modules=$(echo "$kernel"/lib/modules/*)
target=$root${modules#"$kernel"}
mkdir -p "$target"
cp "$modules/modules.dep" "$target/"
for module in "${names[@]}"; do
  dependencies=$(grep "/$module\.ko:" "$modules/modules.dep") || {
    echo "the kernel in $kernel has no module $module" >&2
    exit 1
  }
  for file in ${dependencies/:/}; do
    mkdir -p "$target/$(dirname -- "$file")"
    cp -u "$modules/$file" "$target/$file"
  done
done

(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null) >"$output"
