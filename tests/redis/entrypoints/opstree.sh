#!/bin/bash
# Like OT-CONTAINER-KIT/redis, entrypoint.sh: writes its configuration and takes no arguments; a file
# of the operator's additionalRedisConfig comes last.
additional=/etc/redis/external.conf.d/redis-additional.conf
{
    if [[ -z "$REDIS_PASSWORD" ]]; then
        echo protected-mode no
    else
        printf '%s\n' "masterauth $REDIS_PASSWORD" "requirepass $REDIS_PASSWORD"
    fi
    if [[ "$PERSISTENCE_ENABLED" = true ]]; then
        printf '%s\n' 'save 900 1' 'appendonly yes' "dir ${DATA_DIR:-/data}"
    fi
    echo "port ${REDIS_PORT:-6379}"
    [[ -f "$additional" ]] && echo "include $additional"
} > /etc/redis/redis.conf
exec redis-server /etc/redis/redis.conf
