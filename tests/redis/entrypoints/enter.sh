#!/bin/sh
# Runs a command in a root directory as in a container: mounts, network and processes of its own
# (unshare made them), the programs of this machine, everything else from the root directory.
# Usage: enter.sh ROOT SERVER DIRECTORY COMMAND...
set -eu
root=$1
server=$2
directory=$3
shift 3
ip link set lo up
mount --rbind /usr "$root/usr"
touch "$root/local/bin/redis-server"
mount --bind "$root/local" "$root/usr/local"
mount --bind "$server" "$root/usr/local/bin/redis-server"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
exec chroot "$root" /usr/bin/env --chdir="$directory" "$@"
