#!/bin/bash
# Like bitnami/redis-cluster up to 7.4.2, run.sh: its own words last, and no variable.
set -o errexit -o nounset -o pipefail
ARGS=("--port" "6379" "--include" "/opt/bitnami/redis/etc/redis.conf")
ARGS+=("$@")
exec redis-server "${ARGS[@]}"
