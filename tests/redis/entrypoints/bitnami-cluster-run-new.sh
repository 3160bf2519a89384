#!/bin/bash
# Like Bitnami's cluster images from 7.4.3 and 8.1.2 on, run.sh: the words of a variable, then its
# own; the node that makes the cluster starts in the background first.
set -o errexit -o nounset -o pipefail
set -m
product=${0%-cluster/run.sh}
product=${product##*/}
flags=${product^^}_EXTRA_FLAGS
creator=${product^^}_CLUSTER_CREATOR
args=("--port" "6379" "--include" "/opt/bitnami/$product/etc/$product.conf" "--protected-mode" "no")
read -r -a extra_flags <<< "${!flags:-}"
[[ "${#extra_flags[@]}" -gt 0 ]] && args+=("${extra_flags[@]}")
args+=("$@")
as_user=()
[[ $(id -u) = 0 ]] && as_user=(gosu redis)
if [[ "${!creator:-no}" = yes ]]; then
    "${as_user[@]}" "$product-server" "${args[@]}" &
    fg
else
    exec "${as_user[@]}" "$product-server" "${args[@]}"
fi
