#!/bin/sh
# Like valkey-io/valkey-container: the official shape, and VALKEY_EXTRA_FLAGS behind everything.
set -e
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
	set -- valkey-server "$@"
fi
if [ "$1" = 'valkey-server' ] && [ "$(id -u)" = '0' ]; then
	find . \! -user redis -exec chown redis '{}' +
	exec setpriv --reuid=redis --regid=redis --clear-groups -- "$0" "$@"
fi
if [ "$(umask)" = '0022' ]; then
	umask 0077
fi
exec "$@" $VALKEY_EXTRA_FLAGS
