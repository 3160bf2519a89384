"""Whether a server writes its data by a fork, and how long what it writes may last."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from webhook.domain.configuration.config_set import PERSISTENCE
from webhook.domain.configuration.redis_configuration import RedisConfiguration
from webhook.domain.configuration.storage import Storage, nothing_restores, read_storage
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.injection_points import Variable
from webhook.domain.launch.launch import ReachableServer
from webhook.domain.redis.directives import is_yes, last_directive, save_points


@dataclass(frozen=True, slots=True, kw_only=True)
class Persistence:
    """What is known of a server's snapshots and append-only file.

    `forks` tells that a snapshot or a rewrite can happen, or may happen out of sight. `saves` and
    `hidden` tell which. `storage` is how long the data may last. `is_ephemeral` tells that its
    snapshots are on by default only, and that nothing could ever restore them, provably.
    """

    forks: bool
    saves: bool
    hidden: bool
    storage: Storage
    is_ephemeral: bool
    because: str

    @property
    def is_durable(self) -> bool:
        """Tell whether what it writes may be there for the next Pod."""
        return self.forks and self.storage is Storage.LASTING


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writes:
    """What one start of a server writes, and whether that is said or the default."""

    forks: bool
    saves: bool
    hidden: bool
    is_default: bool
    because: str


def read_persistence(
    context: ContainerContext,
    server: ReachableServer,
    configurations: tuple[RedisConfiguration, ...],
    later: Container[str] = (),
) -> Persistence:
    """Evaluate all starts of a server together: what one of them does counts for all.

    `later` names the directives that may be set on the running server.
    """
    parts = tuple(map(_read, configurations))
    saves = any(part.saves for part in parts)
    is_set_later = any(name in later for name in PERSISTENCE)
    storage = read_storage(context, server, configurations, is_moved="dir" in later)
    by_default = saves and not is_set_later and _is_default(server, configurations, parts)
    return Persistence(
        forks=any(part.forks for part in parts) or is_set_later,
        saves=saves,
        hidden=any(part.hidden for part in parts),
        storage=storage,
        is_ephemeral=by_default
        and storage is Storage.CONTAINER
        and nothing_restores(context, server),
        because=_why(parts, is_set_later=is_set_later),
    )


def _is_default(
    server: ReachableServer,
    configurations: Iterable[RedisConfiguration],
    parts: Iterable[_Writes],
) -> bool:
    """Tell whether nothing says, or may say out of sight, what a server writes."""
    return (
        all(part.is_default for part in parts)
        and not any(each.hidden or each.has_image_file for each in configurations)
        and not isinstance(server.injection_point, Variable)
    )


def _why(parts: Sequence[_Writes], *, is_set_later: bool) -> str:
    telling = next((part for part in parts if part.forks), None)
    if telling is None and is_set_later:
        return "CONFIG SET may make it fork after its start"
    return (telling or parts[0]).because


def _read(configuration: RedisConfiguration) -> _Writes:
    hints = configuration.hints
    hinted = () if hints is None else hints.persistence
    # Hints stand for a file that cannot be seen; the options come behind it.
    directives = (*hinted, *configuration.directives)
    points = save_points(directives)
    append_only = last_directive(directives, "appendonly")
    appends = append_only is not None and any(
        value is None or is_yes(value) for value in append_only.values
    )
    is_hidden = bool(configuration.hidden) and not hinted
    saves = points is None or bool(points)
    return _Writes(
        forks=is_hidden or appends or saves,
        saves=saves,
        hidden=is_hidden,
        is_default=points is None and append_only is None,
        because=_because(
            is_hidden=is_hidden, appends=appends, by_default=points is None, saves=saves
        ),
    )


def _because(*, is_hidden: bool, appends: bool, by_default: bool, saves: bool) -> str:
    if appends:
        return "its append-only file is rewritten by a fork"
    if saves and not by_default:
        return "its save points write snapshots by a fork"
    if is_hidden:
        return "options that cannot be seen may make it fork"
    if saves:
        return "its default save points write snapshots by a fork"
    return "it writes no snapshots and no append-only file"
