#!/bin/sh
# Like falkordb/falkordb, run.sh without its module: takes no arguments.
mkdir -p /var/lib/falkordb/data
exec redis-server ${REDIS_ARGS} --protected-mode no --dir /var/lib/falkordb/data
