#!/bin/sh
# Does what the official images' entrypoint does, in the same order.
set -e
server=@NAME@-server

# Options or a configuration file alone are the server's.
case "$1" in
-* | *.conf) set -- "$server" "$@" ;;
esac

# Root gives the data directory to the server's user, and goes on as that user.
if [ "$1" = "$server" ] && [ "$(id -u)" = 0 ]; then
    find . \! -user "${server%-server}" -exec chown "${server%-server}" {} +
    exec setpriv --reuid="${server%-server}" --regid="${server%-server}" --clear-groups "$0" "$@"
fi

# Snapshots are not for others to read, unless a umask was chosen.
if [ "$(umask)" = 0022 ]; then
    umask 0077
fi

# Only Valkey's image knows the variable. It is split into words on purpose.
if [ "$server" = valkey-server ]; then
    # shellcheck disable=SC2086
    exec "$@" $VALKEY_EXTRA_FLAGS
fi
exec "$@"
