#!/bin/bash
# Like Bitnami's run.sh since 6.0: the words of a variable, then the script's own.
set -o errexit -o nounset -o pipefail
product=${0%/run.sh}
product=${product##*/}
flags=${product^^}_EXTRA_FLAGS
file=${product^^}_EXTRA_FLAGS_FILE
args=("/opt/bitnami/$product/etc/$product.conf" "--daemonize" "no")
if [[ -f "${!file:-}" ]]; then
    printf -v "$flags" %s "$(< "${!file}")"
fi
read -r -a extra_flags <<< "${!flags:-}"
[[ "${#extra_flags[@]}" -gt 0 ]] && args+=("${extra_flags[@]}")
args+=("$@")
as_user=()
[[ $(id -u) = 0 ]] && as_user=(gosu redis)
exec "${as_user[@]}" "$product-server" "${args[@]}"
