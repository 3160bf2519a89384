#!/bin/bash
# Like bitnami/redis, run.sh: the words of a variable, then the script's own.
set -o errexit -o nounset -o pipefail
args=("/opt/bitnami/redis/etc/redis.conf" "--daemonize" "no")
if [[ -f "${REDIS_EXTRA_FLAGS_FILE:-}" ]]; then
    REDIS_EXTRA_FLAGS=$(< "$REDIS_EXTRA_FLAGS_FILE")
fi
read -r -a extra_flags <<< "${REDIS_EXTRA_FLAGS:-}"
[[ "${#extra_flags[@]}" -gt 0 ]] && args+=("${extra_flags[@]}")
args+=("$@")
exec redis-server "${args[@]}"
