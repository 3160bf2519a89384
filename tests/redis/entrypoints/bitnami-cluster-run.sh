#!/bin/bash
# Like bitnami/redis-cluster, run.sh of every tag: no variable, but what stands behind the script.
set -o errexit -o nounset -o pipefail
exec redis-server /opt/bitnami/redis/etc/redis.conf --daemonize no "$@"
