#!/bin/sh
# Like uselagoon/redis, entrypoints.sh: variables into the file, then the command.
printf '%s\n' "maxmemory ${MAXMEMORY:-400mb}" "maxmemory-policy ${MAXMEMORYPOLICY:-allkeys-lru}" \
    'protected-mode no' 'save 300 1' 'appendonly yes' 'dir /data' > /etc/redis/redis.conf
exec "$@"
