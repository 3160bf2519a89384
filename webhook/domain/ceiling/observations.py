"""All that is seen of a server before anything is decided."""

from dataclasses import dataclass

from webhook.domain.ceiling.illegal_options import illegal_options
from webhook.domain.ceiling.sizing import Limit
from webhook.domain.ceiling.warnings import later_warnings, replica_warnings
from webhook.domain.configuration.config_set import settings_after_start
from webhook.domain.configuration.persistence import Persistence, read_persistence
from webhook.domain.configuration.read import read_configuration
from webhook.domain.configuration.redis_configuration import RedisConfiguration
from webhook.domain.configuration.replication import Replica, read_replica
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.launch import ReachableServer
from webhook.domain.reasons import AdmissionWarning


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """What a server's starts say of themselves, one configuration each.

    The warnings hold whatever is decided. `replica` is None for a server that heeds its ceiling.
    """

    configurations: tuple[RedisConfiguration, ...]
    persistence: Persistence
    replica: Replica | None
    warnings: tuple[AdmissionWarning, ...]


def observe(context: ContainerContext, server: ReachableServer, limit: Limit) -> Observations:
    """Read a server's configurations, and what the Pod says around them."""
    configurations = tuple(
        read_configuration(context, start, changes_directory=server.changes_directory)
        for start in server.starts
    )
    later = settings_after_start(context)
    replica = read_replica(context, server, configurations)
    return Observations(
        configurations=configurations,
        persistence=read_persistence(context, server, configurations, later),
        replica=replica,
        warnings=(
            *illegal_options(configurations, context.version),
            *later_warnings(later),
            *replica_warnings(replica, limit),
            *limit.warnings,
        ),
    )
