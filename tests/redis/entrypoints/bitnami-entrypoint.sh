#!/bin/bash
# Like Bitnami's entrypoint.sh with setup.sh: writes the configuration, then runs the command.
set -o errexit -o nounset -o pipefail
scripts=${0%/*}
product=${scripts##*/}
product=${product%-cluster}
etc=/opt/bitnami/$product/etc
password=${product^^}_PASSWORD
rdb_policy=${product^^}_RDB_POLICY
mounted=/opt/bitnami/$product/mounted-etc
if [[ "$*" = *"$scripts/run.sh"* || "$*" = *"/run.sh"* ]]; then
    [[ $(id -u) = 0 ]] && chown redis:redis "/bitnami/$product/data"
    if [[ -e "$mounted/$product.conf" ]]; then
        cp "$mounted/$product.conf" "$etc/$product.conf"
    else
        printf '%s\n' "dir /bitnami/$product/data" 'appendonly yes' > "$etc/$product.conf"
        for points in ${!rdb_policy:-}; do
            echo "save ${points//#/ }" >> "$etc/$product.conf"
        done
        if [[ -n "${!password:-}" ]]; then
            echo "requirepass ${!password}" >> "$etc/$product.conf"
        fi
    fi
    if [[ -f "$mounted/overrides.conf" ]]; then
        echo "include $mounted/overrides.conf" >> "$etc/$product.conf"
    fi
fi
exec "$@"
