"""Which family an image belongs to, and what its programs are called.

The same table of families makes the match conditions of the webhook configurations, so that both go
by the same images.
"""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from posixpath import basename
from types import MappingProxyType

from webhook.domain.images.families import KNOWN_FAMILIES, NAMED_ALIKE
from webhook.domain.images.family import Family
from webhook.domain.images.mirrors import name_on_docker_hub
from webhook.domain.images.server_names import looks_like_server
from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.kubernetes.image_reference import ImageError, parse_image
from webhook.domain.kubernetes.remembered import remembered
from webhook.domain.policy.settings import Images

SERVER_PROGRAMS = frozenset({"redis-server", "valkey-server", "keydb-server"})
SERVER_SCRIPTS: Mapping[str, str] = MappingProxyType({"redis-stack-server": "redis-server"})
"""Programs of the images that start a server with options of their own, then those behind them."""

SERVER_WORD = (
    r"(^|[^A-Za-z0-9_.:=@/-]|(^|[^/:])/)"
    r"(redis(-stack)?|valkey|keydb)-server($|[^A-Za-z0-9_.:/-])"
)
"""The pattern of a server's program as a word or a path's end, in RE2 and in Python.

It stands for what a container must say to be taken for a server by its program; a host name in a
URL is none."""

SENTINEL_PROGRAMS = frozenset({"redis-sentinel", "valkey-sentinel", "keydb-sentinel"})

_ENTRYPOINTS = frozenset(
    {"docker-entrypoint.sh", "bundle-docker-entrypoint.sh", "container-entrypoint"}
)
_BITNAMI_ENTRYPOINT = re.compile(r"^/opt/bitnami/scripts/[^/]+/entrypoint\.sh$")

FAMILIES: Mapping[str, Family] = {family.name: family for family in KNOWN_FAMILIES}
"""The families by name, in the order in which they are tried."""


def through_server_script(words: tuple[str, ...]) -> tuple[str, ...]:
    """Give the server's words where a program of SERVER_SCRIPTS is started with these.

    It adds options that cannot be seen; a file in front is the configuration. Source: redis-stack,
    etc/scripts/redis-stack-server.Linux.
    """
    has_file = words[:1] != () and not words[0].startswith("-")
    file, options = (words[0], words[1:]) if has_file else (UNKNOWN, words)
    return (file, UNKNOWN, *options)


def is_entrypoint(program: str) -> bool:
    """Tell whether a program is an image's entrypoint, which in the end runs its arguments."""
    return basename(program) in _ENTRYPOINTS or _BITNAMI_ENTRYPOINT.match(program) is not None


def is_forwarded(argument: str) -> bool:
    """Tell whether an official entrypoint hands args starting with this one to the server.

    Source: docker-entrypoint.sh of docker-library/redis: a leading `-`, or a trailing `.conf`.
    """
    return argument.startswith("-") or argument.endswith(".conf")


@remembered
def family_of(reference: str, images: Images) -> Family | None:
    """Find the family of an image reference: the administrator's own first, then the known ones.

    `redis:7` and `docker.io/library/redis` are the family `redis`, `corp/app:redis` is of none.
    An image of no known family that is named like a server's belongs to NAMED_ALIKE. None for one
    that is not, one that the administrator dropped, and an illegal reference.
    """
    try:
        image = parse_image(reference)
    except ImageError:
        return None
    name = f"{image.registry}/{image.repository}"
    if any(fnmatchcase(name, glob) for glob in images.drop):
        return None
    for own in images.add:
        if fnmatchcase(name, own.repository):
            return FAMILIES[own.family]
    on_hub = name_on_docker_hub(name, images.mirrors)
    alike = NAMED_ALIKE if looks_like_server(image.repository) else None
    return next((family for family in KNOWN_FAMILIES if _belongs(on_hub, family)), alike)


def _belongs(name: str, family: Family) -> bool:
    return any(fnmatchcase(name, glob) for glob in family.repositories)
