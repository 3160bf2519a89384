"""How the serving process reads ConfigMaps: from the cluster it runs in, or not at all."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from webhook.admission.mutate import ConfigMapReader, read_nothing

if TYPE_CHECKING:
    from webhook.cluster.config_maps import ConfigMapClient


def config_map_reader(
    environment: Mapping[str, str], *, service_account: Path | None = None
) -> ConfigMapReader:
    """Give a reader for the cluster that `environment` names; outside one it reads nothing.

    The client is loaded with the first read. That saves memory where none is asked for, and it has
    to be in the worker: what is imported after gevent's patches lets others run while it waits.
    """
    host = environment.get("KUBERNETES_SERVICE_HOST", "")
    if not host:
        return read_nothing
    port = int(environment.get("KUBERNETES_SERVICE_PORT", "443"))

    @cache
    def client() -> "ConfigMapClient":
        from webhook.cluster.config_maps import (  # noqa: PLC0415 - see above
            SERVICE_ACCOUNT,
            ConfigMapClient,
        )

        mounted = SERVICE_ACCOUNT if service_account is None else service_account
        return ConfigMapClient(host=host, port=port, service_account=mounted)

    return lambda namespace, name: client().read(namespace, name)
