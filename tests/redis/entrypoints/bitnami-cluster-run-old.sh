#!/bin/bash
# Like Bitnami's cluster images before 7.4.3 and 8.1.2, run.sh: its own words last, and no variable.
set -o errexit -o nounset -o pipefail
set -m
product=${0%-cluster/run.sh}
product=${product##*/}
ARGS=("--port" "6379" "--include" "/opt/bitnami/$product/etc/$product.conf" "--protected-mode" "no")
ARGS+=("$@")
as_user=()
[[ $(id -u) = 0 ]] && as_user=(gosu redis)
exec "${as_user[@]}" "$product-server" "${ARGS[@]}"
