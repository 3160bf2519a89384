"""The known image families: which server they run, and where its options can be put.

Read from the images' own entrypoints; docs/launches.md tells what was read where. The same table
makes the match conditions of the webhook configurations, so that both go by the same images.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import lru_cache
from posixpath import basename
from types import MappingProxyType

from webhook.domain.images.family import (
    ByArguments,
    ByVariable,
    Family,
    OutOfReach,
    VersionedVariable,
)
from webhook.domain.kubernetes.image_reference import ImageError, parse_image
from webhook.domain.policy.settings import Images
from webhook.domain.reasons import Reason

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


_BITNAMI = ("*/bitnami/{0}", "*/bitnamilegacy/{0}", "*/bitnamisecure/{0}", "*/bitnamiprem/{0}")


def _bitnami(product: str) -> tuple[str, ...]:
    return tuple(glob.format(product) for glob in _BITNAMI)


def _bitnami_family(product: str) -> Family:
    home = f"/opt/bitnami/{product}"
    prefix = product.upper()
    return Family(
        name=f"bitnami-{product}",
        repositories=_bitnami(product),
        program=f"{product}-server",
        start=ByVariable(
            variable=f"{prefix}_EXTRA_FLAGS", overridden_by=f"{prefix}_EXTRA_FLAGS_FILE"
        ),
        data_directory=f"/bitnami/{product}/data",
        config_file=f"{home}/etc/{product}.conf",
        config_mounts=(f"{home}/etc", f"{home}/mounted-etc"),
        default_directives=(("appendonly", "yes"),),
        run_scripts=(f"/opt/bitnami/scripts/{product}/run.sh", "/run.sh"),
        run_script_forwards=True,
    )


def _bitnami_cluster(
    product: str, not_before: tuple[int, int], always_from: tuple[int, int]
) -> Family:
    """Bitnami's cluster images: only their later start scripts read the variable, all hand on args.

    Source: bitnami/containers, run.sh of redis-cluster 6.2 and 8.10, and its issue 80647.
    """
    run_script = f"/opt/bitnami/scripts/{product}-cluster/run.sh"
    return replace(
        _bitnami_family(product),
        name=f"bitnami-{product}-cluster",
        repositories=_bitnami(f"{product}-cluster"),
        start=ByArguments(arguments=(run_script,)),
        run_scripts=(run_script, "/run.sh"),
        versioned_variable=VersionedVariable(
            name=f"{product.upper()}_EXTRA_FLAGS", not_before=not_before, always_from=always_from
        ),
    )


_ALL = (
    Family(
        name="redis",
        repositories=("*/library/redis",),
        start=ByArguments(arguments=("redis-server",), forwards=True),
        data_directory="/data",
    ),
    Family(
        name="valkey",
        repositories=("*/valkey/valkey", "*/valkey-io/valkey"),
        program="valkey-server",
        start=ByArguments(arguments=("valkey-server",), forwards=True),
        data_directory="/data",
        appended_variable="VALKEY_EXTRA_FLAGS",
    ),
    _bitnami_family("redis"),
    _bitnami_family("valkey"),
    _bitnami_cluster("redis", (7, 4), (8, 0)),
    _bitnami_cluster("valkey", (8, 0), (9, 0)),
    Family(
        name="redis-stack",
        repositories=("*/redis/redis-stack", "*/redis/redis-stack-server"),
        start=ByVariable(variable="REDIS_ARGS"),
        data_directory="/data",
        config_file="/etc/redis-stack.conf",
        config_mounts=("/redis-stack.conf", "/etc/redis-stack.conf"),
        run_scripts=("/entrypoint.sh",),
    ),
    Family(
        name="keydb",
        repositories=("*/eqalpha/keydb",),
        program="keydb-server",
        start=ByArguments(arguments=("keydb-server", "/etc/keydb/keydb.conf"), forwards=True),
        data_directory="/data",
        config_file="/etc/keydb/keydb.conf",
    ),
    Family(
        name="harbor-redis",
        repositories=("*/goharbor/redis-photon",),
        start=ByArguments(arguments=("redis-server", "/etc/redis.conf")),
        data_directory="/var/lib/redis",
        config_file="/etc/redis.conf",
    ),
    Family(
        name="docker-hardened-redis",
        repositories=("dhi.io/redis",),
        start=ByArguments(arguments=("redis-server", "/etc/redis/redis.conf")),
        config_file="/etc/redis/redis.conf",
    ),
    Family(
        name="sclorg-redis",
        repositories=(
            "*/sclorg/redis-*",
            "registry.redhat.io/rhel*/redis-*",
            "registry.access.redhat.com/rhel*/redis-*",
            "*/openshift/redis",
        ),
        start=ByArguments(arguments=("run-redis",)),
        data_directory="/var/lib/redis/data",
        config_file="/etc/redis.conf",
        run_scripts=("run-redis",),
        run_script_forwards=True,
    ),
    Family(
        name="chainguard-redis",
        repositories=("cgr.dev/*/redis", "*/chainguard/redis"),
        start=ByArguments(arguments=(), entrypoint_is_server=True),
    ),
    Family(
        name="kubernetes-examples-redis",
        repositories=(
            "registry.k8s.io/redis",
            "registry.k8s.io/redis-slave",
            "k8s.gcr.io/redis",
            "gcr.io/google_containers/redis",
            "*/kubernetes/redis",
            "*/gb-redisslave",
            "*/gb-redis-follower",
        ),
        start=OutOfReach(reason=Reason.IMAGE_IGNORES_OPTIONS),
        run_scripts=("/run.sh",),
    ),
    Family(
        name="redismod",
        repositories=(
            "*/redislabs/redismod",
            "*/nextcloud/aio-redis",
            "*/nextcloud-releases/aio-redis",
        ),
        start=OutOfReach(reason=Reason.IMAGE_IGNORES_OPTIONS),
    ),
    Family(
        name="opstree-redis",
        repositories=("*/opstree/redis",),
        start=OutOfReach(reason=Reason.OPERATOR_MANAGED),
    ),
    Family(
        name="dragonfly",
        repositories=("*/dragonflydb/dragonfly",),
        program="dragonfly",
        start=OutOfReach(reason=Reason.SIZES_ITSELF),
    ),
    Family(
        name="garnet",
        repositories=("*/microsoft/garnet", "*/microsoft/garnet-*"),
        program="GarnetServer",
        start=OutOfReach(reason=Reason.SIZES_ITSELF),
    ),
    Family(
        name="redis-enterprise",
        repositories=("*/redislabs/redis",),
        program="redis-enterprise",
        start=OutOfReach(reason=Reason.SIZES_ITSELF),
    ),
    Family(
        name="unlisted",
        repositories=tuple(
            f"*/{name}"
            for name in (
                "redis",
                "redis-server",
                "redis-stack",
                "redis-stack-server",
                "valkey",
                "valkey-server",
                "keydb",
            )
        ),
        start=OutOfReach(reason=Reason.UNKNOWN_IMAGE),
    ),
)

_ENTRYPOINTS = frozenset({"docker-entrypoint.sh", "container-entrypoint"})
_BITNAMI_ENTRYPOINT = re.compile(r"^/opt/bitnami/scripts/[^/]+/entrypoint\.sh$")

FAMILIES: Mapping[str, Family] = {family.name: family for family in _ALL}
"""The families by name, in the order in which they are tried."""


def is_entrypoint(program: str) -> bool:
    """Tell whether a program is an image's entrypoint, which in the end runs its arguments."""
    return basename(program) in _ENTRYPOINTS or _BITNAMI_ENTRYPOINT.match(program) is not None


def is_forwarded(argument: str) -> bool:
    """Tell whether an official entrypoint hands args starting with this one to the server.

    Source: docker-entrypoint.sh of docker-library/redis: a leading `-`, or a trailing `.conf`.
    """
    return argument.startswith("-") or argument.endswith(".conf")


def family_of(image: str, images: Images) -> Family | None:
    """Find the family of an image reference: the administrator's own first, then the known ones.

    None for an image of no family, one that the administrator dropped, and an illegal reference.
    """
    return _family_of(image, images)


@lru_cache(maxsize=4096)
def _family_of(reference: str, images: Images) -> Family | None:
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
    return next((family for family in _ALL if _belongs(name, family)), None)


def _belongs(name: str, family: Family) -> bool:
    return any(fnmatchcase(name, glob) for glob in family.repositories)
