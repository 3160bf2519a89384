#!/bin/sh
# Runs a command in a root directory as in a container: mounts, network and processes of its own
# (unshare made them), the programs of this machine, everything else from the root directory.
# Usage: enter.sh ROOT DIRECTORY COMMAND...
set -eu
root=$1
directory=$2
shift 2
ip link set lo up
mount --rbind /usr "$root/usr"
mount --bind "$root/local" "$root/usr/local"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
exec chroot "$root" /usr/bin/env --chdir="$directory" "$@"
