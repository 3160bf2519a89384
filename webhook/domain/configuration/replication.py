"""Whether a server is a replica, which ignores `maxmemory` until it is promoted.

Source: redis.conf, replica-ignore-maxmemory, `yes` by default since Redis 5: a replica leaves
evicting to its master, whatever its own memory limit is.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from webhook.domain.configuration.redis_configuration import RedisConfiguration
from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.injection_points import StartScript
from webhook.domain.launch.launch import ReachableServer
from webhook.domain.redis.directives import last_directive

_SINCE = (5, 0)
_VARIABLES = (
    ("REDIS_REPLICATION_MODE", "REDIS_MASTER_HOST"),
    ("VALKEY_REPLICATION_MODE", "VALKEY_PRIMARY_HOST"),
    ("VALKEY_REPLICATION_MODE", "VALKEY_MASTER_HOST"),
)
"""What Bitnami's images read: the role, and the master's host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """A server that replicates `master`, a host's name; "" where that cannot be seen."""

    master: str


def read_replica(
    context: ContainerContext,
    server: ReachableServer,
    configurations: Iterable[RedisConfiguration],
) -> Replica | None:
    """Tell whether one of a server's starts is a replica that ignores `maxmemory`."""
    if context.version is not None and context.version < _SINCE:
        return None
    for configuration in configurations:
        if _heeds_maxmemory(configuration):
            continue
        replica = _by_directive(configuration) or _by_variable(context, server)
        if replica is not None:
            return replica
    return None


def _heeds_maxmemory(configuration: RedisConfiguration) -> bool:
    names = ("replica-ignore-maxmemory", "slave-ignore-maxmemory")
    own = [each for each in configuration.directives if each.name in names]
    return bool(own) and bool(own[-1].values) and (own[-1].values[0] or "").lower() == "no"


def _by_directive(configuration: RedisConfiguration) -> Replica | None:
    own = [each for each in configuration.directives if each.name in ("replicaof", "slaveof")]
    directive = last_directive(own, own[-1].name) if own else None
    if directive is None:
        return None
    # One element may hold both: `--replicaof "redis-master 6379"`.
    values = [part for value in directive.values for part in (value or UNKNOWN).split(" ")]
    if [value.lower() for value in values[:2]] == ["no", "one"]:
        return None
    is_seen = bool(values) and UNKNOWN not in values[0]
    return Replica(master=values[0] if is_seen else "")


def _by_variable(context: ContainerContext, server: ReachableServer) -> Replica | None:
    family = context.family
    is_bitnami = family is not None and family.name.startswith("bitnami-")
    if not (is_bitnami or isinstance(server.injection_point, StartScript)):
        return None
    values = context.environment.values
    roles = [
        values.get(host, "")
        for role, host in _VARIABLES
        if values.get(role, "").lower() in ("slave", "replica")
    ]
    return Replica(master=next(filter(None, roles), "")) if roles else None
