#!/bin/sh
# Like eqalpha/keydb: the official shape, for its own program.
set -e
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
	set -- keydb-server "$@"
fi
if [ "$1" = 'keydb-server' ] && [ "$(id -u)" = '0' ]; then
	find . \! -user redis -exec chown redis '{}' +
	exec gosu redis "$0" "$@"
fi
exec "$@"
