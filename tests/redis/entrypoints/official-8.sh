#!/bin/bash
# Like redis/docker-library-redis, 8.x: owners mended only where nothing strange lies, privileges
# dropped by setpriv, and the modules of the image behind everything that the Pod says.
set -e
as_redis="setpriv --reuid redis --regid redis --clear-groups"
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
	set -- redis-server "$@"
fi
program=$(command -v "$1" || :)
is_server=
[ "$(readlink -f "$program")" = /usr/local/bin/redis-server ] && is_server=1
for word in "$@"; do
	[ "$word" = --sentinel ] && is_sentinel=1
done
if [ "$is_server" ] && [ -z "$SKIP_DROP_PRIVS" ] && [ "$(id -u)" = 0 ]; then
	if [ -z "$(find . -mindepth 1 -maxdepth 1 ! -name '*.rdb' ! -name appendonlydir -print -quit)" ]; then
		find . ! -user redis -exec chown redis '{}' +
	fi
	exec $as_redis --nnp --inh-caps=-all --bounding-set=-all "$0" "$@"
fi
[ "$(umask)" = 0022 ] && umask 0077
if [ "$is_server" ] && [ -z "$is_sentinel" ]; then
	for module in /usr/local/lib/redis/modules/*.so; do
		[ -s "$module" ] && [ -x "$module" ] && set -- "$@" --loadmodule "$module"
	done
fi
exec "$@"
