#!/bin/bash
# Like bitnami/redis-cluster from 7.4.3 on, run.sh: the words of a variable, then its own.
set -o errexit -o nounset -o pipefail
args=("--port" "6379" "--include" "/opt/bitnami/redis/etc/redis.conf")
read -r -a extra_flags <<< "${REDIS_EXTRA_FLAGS:-}"
[[ "${#extra_flags[@]}" -gt 0 ]] && args+=("${extra_flags[@]}")
args+=("$@")
exec redis-server "${args[@]}"
