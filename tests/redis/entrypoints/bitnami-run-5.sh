#!/bin/bash
# Like bitnami/redis up to 5.0, run.sh: its own words, then those of a variable.
set -o errexit -o nounset -o pipefail
args=("/opt/bitnami/redis/etc/redis.conf" "--daemonize" "no" "$@")
read -r -a extra_flags <<< "${REDIS_EXTRA_FLAGS:-}"
[[ "${#extra_flags[@]}" -gt 0 ]] && args+=("${extra_flags[@]}")
as_user=()
[[ $(id -u) = 0 ]] && as_user=(gosu redis)
exec "${as_user[@]}" "$(command -v redis-server)" "${args[@]}"
