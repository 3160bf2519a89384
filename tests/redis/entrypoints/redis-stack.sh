#!/bin/sh
# Like redis/redis-stack since 7.2, entrypoint.sh without its modules: takes no arguments, reads a
# file only where one was mounted, and runs RedisInsight beside the server where it is there.
BASEDIR=/opt/redis-stack
cd "$BASEDIR"
if [ -f /redis-stack.conf ]; then
    CONFFILE=/redis-stack.conf
fi
if [ -f "$BASEDIR/nodejs/bin/node" ]; then
    "$BASEDIR/nodejs/bin/node" &
fi
"$BASEDIR/bin/redis-server" ${CONFFILE} --dir "${REDIS_DATA_DIR:-/data}" \
    --protected-mode no --daemonize no ${REDIS_ARGS}
