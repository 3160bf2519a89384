#!/bin/sh
# Like valkey/valkey-bundle, bundle-docker-entrypoint.sh, without modules to load.
set -e
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
    set -- valkey-server "$@"
fi
if [ "$1" = 'valkey-server' ]; then
    shift
    exec valkey-server "$@" ${VALKEY_EXTRA_FLAGS:-}
fi
exec "$@" $VALKEY_EXTRA_FLAGS
