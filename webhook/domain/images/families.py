"""The known image families: which server they run, and where its options can be put.

Read from the images' own entrypoints, in their several versions; docs/launches.md tells what was
read where. An image whose default start cannot be reached, or differs between its versions, is out
of reach: it is never guessed at.
"""

from dataclasses import replace

from webhook.domain.images.family import (
    ByArguments,
    ByVariable,
    Family,
    LastFile,
    OutOfReach,
    VersionedVariable,
)
from webhook.domain.reasons import Reason

_BITNAMI = ("*/bitnami/{0}", "*/bitnamilegacy/{0}", "*/bitnamisecure/{0}", "*/bitnamiprem/{0}")
_OF_ONE_ARCHITECTURE = (
    "amd64", "arm32v5", "arm32v6", "arm32v7", "arm64v8", "i386", "mips64le", "ppc64le", "riscv64",
    "s390x",
)  # fmt: skip
_RED_HAT = (
    "*/sclorg/{0}-[0-9]*",
    "*/fedora/{0}-[0-9]*",
    "*/rhel[0-9]/{0}-[0-9]*",
    "*/rhel[0-9][0-9]/{0}-[0-9]*",
)


def _bitnami_family(product: str, *, first_since: tuple[int, int] | None = None) -> Family:
    home = f"/opt/bitnami/{product}"
    prefix = product.upper()
    return Family(
        name=f"bitnami-{product}",
        repositories=tuple(glob.format(product) for glob in _BITNAMI),
        program=f"{product}-server",
        start=ByVariable(
            variable=f"{prefix}_EXTRA_FLAGS",
            overridden_by=f"{prefix}_EXTRA_FLAGS_FILE",
            first_since=first_since,
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
        repositories=tuple(glob.format(f"{product}-cluster") for glob in _BITNAMI),
        start=ByArguments(arguments=(run_script,)),
        run_scripts=(run_script, "/run.sh"),
        versioned_variable=VersionedVariable(
            name=f"{product.upper()}_EXTRA_FLAGS", not_before=not_before, always_from=always_from
        ),
    )


def _lagoon_family(
    name: str,
    product: str,
    repository: str,
    persistence: tuple[tuple[str, str], ...] = (("save", ""), ("appendonly", "no")),
) -> Family:
    """Lagoon's images, which fill variables into their own file before they start with it."""
    file = f"/etc/{product}/{product}.conf"
    return Family(
        name=name,
        repositories=(repository,),
        program=f"{product}-server",
        start=ByArguments(arguments=(f"{product}-server", file)),
        data_directory="/data",
        config_file=file,
        default_directives=(
            ("maxmemory", "400mb"),
            ("maxmemory-policy", "allkeys-lru"),
            *persistence,
        ),
        directive_variables=(
            ("maxmemory", "MAXMEMORY"),
            ("maxmemory-policy", "MAXMEMORYPOLICY"),
        ),
        tags_are_versions=False,
    )


def _out_of_reach(
    name: str,
    reason: Reason,
    repositories: tuple[str, ...],
    *,
    program: str = "redis-server",
) -> Family:
    return Family(
        name=name,
        repositories=repositories,
        program=program,
        start=OutOfReach(reason=reason),
    )


_OFFICIAL = (
    Family(
        name="redis",
        repositories=(
            "docker.io/library/redis",
            *(f"docker.io/{architecture}/redis" for architecture in _OF_ONE_ARCHITECTURE),
            "*/rancher/mirrored-library-redis",
            # A proxy cache puts its project's name before: registry/PROJECT/library/redis. Without
            # one it may be a project called library, which is a registry's own (Harbor's default).
            "*/*/library/redis",
        ),
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
    Family(
        name="valkey-bundle",
        repositories=("*/valkey/valkey-bundle", "*/valkey-io/valkey-bundle"),
        program="valkey-server",
        start=ByArguments(arguments=("valkey-server",), forwards=True),
        data_directory="/data",
        appended_variable="VALKEY_EXTRA_FLAGS",
        may_be_prepended=True,
    ),
)

_VENDORS = (
    # Its run.sh of 5.0 puts the variable last, that of 6.2 first.
    _bitnami_family("redis", first_since=(6, 2)),
    _bitnami_family("valkey"),
    _bitnami_family("keydb"),
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
        name="falkordb",
        repositories=("*/falkordb/falkordb", "*/falkordb/falkordb-server"),
        start=ByVariable(variable="REDIS_ARGS"),
        run_scripts=(
            "/var/lib/falkordb/bin/run.sh",
            "/var/lib/falkordb/bin/entrypoint.sh",
            "/FalkorDB/build/docker/run.sh",
        ),
        tags_are_versions=False,
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
        tags_are_versions=False,
    ),
    Family(
        name="harbor-valkey",
        repositories=("*/goharbor/valkey-photon",),
        program="valkey-server",
        start=ByArguments(arguments=("valkey-server", "/etc/redis.conf")),
        data_directory="/var/lib/redis",
        config_file="/etc/redis.conf",
        tags_are_versions=False,
    ),
    Family(
        name="docker-hardened-redis",
        repositories=("dhi.io/redis",),
        start=ByArguments(arguments=("redis-server", "/etc/redis/redis.conf")),
        config_file="/etc/redis/redis.conf",
    ),
    Family(
        name="docker-hardened-valkey",
        repositories=("dhi.io/valkey",),
        program="valkey-server",
        start=ByArguments(arguments=("valkey-server",), forwards=True),
        data_directory="/data",
    ),
    Family(
        name="sclorg-redis",
        repositories=(
            *(glob.format("redis") for glob in _RED_HAT),
            "*/rhscl/redis-[0-9]*",
            "*/centos/redis-[0-9]*",
            "*/centos7/redis-[0-9]*",
            "*/openshift/redis",
        ),
        start=ByArguments(arguments=("run-redis",)),
        data_directory="/var/lib/redis/data",
        config_file="/etc/redis.conf",
        run_scripts=("run-redis",),
        run_script_forwards=True,
        tags_are_versions=False,
    ),
    Family(
        name="sclorg-valkey",
        repositories=tuple(glob.format("valkey") for glob in _RED_HAT),
        program="valkey-server",
        start=ByArguments(arguments=("run-valkey",)),
        data_directory="/var/lib/valkey/data",
        config_file="/etc/valkey/valkey.conf",
        run_scripts=("run-valkey",),
        run_script_forwards=True,
        tags_are_versions=False,
    ),
    Family(
        name="chainguard-redis",
        repositories=("cgr.dev/*/redis", "*/chainguard/redis"),
        start=ByArguments(arguments=(), entrypoint_is_server=True),
    ),
    Family(
        name="chainguard-valkey",
        repositories=("cgr.dev/*/valkey", "*/chainguard/valkey"),
        program="valkey-server",
        start=ByArguments(arguments=(), entrypoint_is_server=True),
        data_directory="/data",
    ),
    _lagoon_family("lagoon-redis", "redis", "*/uselagoon/redis-[0-9]"),
    _lagoon_family(
        "lagoon-redis-persistent",
        "redis",
        "*/uselagoon/redis-[0-9]-persistent",
        (("save", "300 1"), ("save", "60 100"), ("appendonly", "yes"), ("dir", "/data")),
    ),
    _lagoon_family("lagoon-valkey", "valkey", "*/uselagoon/valkey-[0-9]"),
)

_OUT_OF_REACH = (
    # Each starts with its module; which file that is, and whether a second one is loaded, changed
    # between versions, and args would take its place.
    Family(
        name="redis-modules",
        repositories=tuple(
            f"*/redislabs/{name}"
            for name in (
                "rejson",
                "redisearch",
                "redistimeseries",
                "redisbloom",
                "rebloom",
                "redisgraph",
            )
        ),
        start=OutOfReach(reason=Reason.IMAGE_IGNORES_OPTIONS, forwards=True),
        data_directory="/data",
    ),
    # The entrypoint is tini in older versions and the server itself in newer ones.
    Family(
        name="sourcegraph-redis",
        repositories=("*/sourcegraph/redis-cache", "*/sourcegraph/redis-store"),
        start=OutOfReach(reason=Reason.IMAGE_IGNORES_OPTIONS),
        config_file="/etc/redis/redis.conf",
    ),
    _out_of_reach(
        "redis-cluster-in-one", Reason.IMAGE_IGNORES_OPTIONS, ("*/grokzen/redis-cluster",)
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
    _out_of_reach(
        "redismod",
        Reason.IMAGE_IGNORES_OPTIONS,
        ("*/redislabs/redismod", "*/nextcloud/aio-redis", "*/nextcloud-releases/aio-redis"),
    ),
    # The start script writes the file anew and ends it with an include of the operator's ConfigMap.
    Family(
        name="opstree-redis",
        repositories=("*/opstree/redis",),
        start=OutOfReach(
            reason=Reason.OPERATOR_MANAGED,
            last_file=LastFile(
                path="/etc/redis/external.conf.d/redis-additional.conf",
                variable="EXTERNAL_CONFIG_FILE",
            ),
        ),
    ),
    _out_of_reach(
        "dragonfly", Reason.SIZES_ITSELF, ("*/dragonflydb/dragonfly",), program="dragonfly"
    ),
    _out_of_reach(
        "garnet",
        Reason.SIZES_ITSELF,
        ("*/microsoft/garnet", "*/microsoft/garnet-*"),
        program="GarnetServer",
    ),
    _out_of_reach(
        "redis-enterprise", Reason.SIZES_ITSELF, ("*/redislabs/redis",), program="redis-enterprise"
    ),
    _out_of_reach(
        "unlisted",
        Reason.UNKNOWN_IMAGE,
        tuple(
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
    ),
)

KNOWN_FAMILIES = (*_OFFICIAL, *_VENDORS, *_OUT_OF_REACH)
"""The families in the order in which they are tried."""

NAMED_ALIKE = Family(
    name="named-alike",
    repositories=(),
    start=OutOfReach(reason=Reason.UNKNOWN_IMAGE, is_certain=False),
)
"""The family of images that belong to none and are named like a server's."""
