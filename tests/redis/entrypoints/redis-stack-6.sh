#!/bin/sh
# Like redis/redis-stack-server of 6.2, entrypoint.sh: the same, with what is not quoted yet.
cd /opt/redis-stack
if [ -f /redis-stack.conf ]; then
    CONFFILE=/redis-stack.conf
fi
if [ -z ${REDIS_DATA_DIR} ]; then
    REDIS_DATA_DIR=/data
fi
/opt/redis-stack/bin/redis-server \
${CONFFILE} \
--dir ${REDIS_DATA_DIR} \
--protected-mode no \
--daemonize no \
${REDIS_ARGS}
