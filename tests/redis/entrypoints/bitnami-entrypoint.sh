#!/bin/bash
# Like bitnami/redis, entrypoint.sh with setup.sh: writes the configuration, then runs the command.
set -o errexit -o nounset -o pipefail
etc=/opt/bitnami/redis/etc
if [[ "$*" = *"/opt/bitnami/scripts/redis/run.sh"* || "$*" = *"/run.sh"* ]]; then
    printf '%s\n' 'dir /bitnami/redis/data' 'appendonly yes' 'protected-mode yes' > "$etc/redis.conf"
    if [[ -n "${REDIS_PASSWORD:-}" ]]; then
        echo "requirepass $REDIS_PASSWORD" >> "$etc/redis.conf"
    fi
    if [[ -f /opt/bitnami/redis/mounted-etc/overrides.conf ]]; then
        echo "include /opt/bitnami/redis/mounted-etc/overrides.conf" >> "$etc/redis.conf"
    fi
fi
exec "$@"
