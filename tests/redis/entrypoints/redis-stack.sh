#!/bin/sh
# Like redis/redis-stack-server, entrypoint.sh without its modules: takes no arguments.
if [ -f /redis-stack.conf ]; then
    CONFFILE=/redis-stack.conf
else
    CONFFILE=/etc/redis-stack.conf
fi
exec /opt/redis-stack/bin/redis-server "$CONFFILE" --dir "${REDIS_DATA_DIR:-/data}" \
    --protected-mode no --daemonize no ${REDIS_ARGS}
