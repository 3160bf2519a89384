#!/bin/sh
# Like uselagoon/redis and uselagoon/valkey, docker-entrypoint: variables into the files, then the
# command.
file=$2
product=$(basename "$file" .conf)
case ${FLAVOR:-ephemeral} in
persistent) persistence='save 300 1
save 60 100
appendonly yes
dir /data' ;;
*) persistence='save ""
appendonly no' ;;
esac
printf '%s\n' "maxmemory ${MAXMEMORY:-400mb}" "maxmemory-policy ${MAXMEMORYPOLICY:-allkeys-lru}" \
    'protected-mode no' "include /etc/$product/flavor.conf" > "$file"
echo "$persistence" > "/etc/$product/flavor.conf"
exec "$@"
