#!/bin/sh
# The guest's first process. It answers commands that come through a virtio serial port, one line
# each: NUMBER SECONDS SCRIPT, where SCRIPT is base64. The answer is NUMBER EXIT-CODE STDOUT STDERR,
# both outputs in base64. Commands run side by side; one that takes longer than SECONDS is killed.
/bin/busybox mkdir -p /dev /proc /sys /run /tmp
# Busybox stands in for what this machine's own programs, which come first, leave out.
/bin/busybox --install -s /sbin
export PATH=/bin:/sbin HOME=/tmp
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run

# Before there is any device, which takes its settings from "default" when it appears. An address
# that is still probed for duplicates is no source: tunnels would send from another one meanwhile.
for interface in all default; do
  for setting in accept_dad router_solicitations accept_ra; do
    echo 0 >"/proc/sys/net/ipv6/conf/$interface/$setting"
  done
done
for module in $(sed -n 's/.*guest\.modules=\([^ ]*\).*/\1/p' /proc/cmdline | tr , ' '); do
  modprobe "$module" || echo "init: no module $module"
done
ip link set lo up

answer() {
  file=/tmp/$1
  timeout -s KILL "$2" /bin/sh -c "$(echo "$3" | base64 -d)" >"$file.out" 2>"$file.err" </dev/null 3>&-
  code=$?
  echo "$1 $code $(base64 -w 0 <"$file.out") $(base64 -w 0 <"$file.err")" >"$file.line"
  # A port takes one opener; so its descriptor is shared, and one line goes out at a time.
  flock /tmp/lock cat "$file.line" >&3
  rm -f "$file.out" "$file.err" "$file.line"
}

port=
until [ -c "$port" ]; do
  sleep 0.05
  port=$(echo /dev/vport*p1)
done
exec 3<>"$port"
echo ready >&3
while :; do
  if read -r number seconds script <&3; then
    answer "$number" "$seconds" "$script" &
  else
    # Nobody is at the far end: the guest is about to be ended.
    sleep 0.2
  fi
done
