"""How charts, operators and well-known manifests start their servers, each in a reduced form.

What decides a launch and no more, in words of our own after the source that is named; `made` is
what an init container leaves in a volume.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.redis.launches import CLAIM, config_map, mounted
from webhook.domain.policy.profile import MEBIBYTE

Json = dict[str, Any]
Maps = Mapping[str, Mapping[str, str]]

_START_MASTER = (Path(__file__).with_name("entrypoints") / "start-master.sh").read_text()
_SECRET = "s3cret"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledServer:
    """A server as a chart installs it."""

    chart: str
    topology: str
    source: str
    image: str
    container: Json = field(default_factory=dict)
    volumes: tuple[Json, ...] = ()
    config_maps: Maps = field(default_factory=dict)
    secrets: Maps = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    init_containers: tuple[Json, ...] = ()
    made: Maps = field(default_factory=dict)
    password: str = ""
    out_of_reach: bool = False
    """No option of the Pod reaches it."""

    @property
    def server(self) -> str:
        """The server to start it with, by name."""
        return "valkey-9.1" if "valkey" in self.image else "redis-7.0"

    @property
    def name(self) -> str:
        """The chart and the topology."""
        return f"{self.chart}, {self.topology}"

    def pod(self, limit: str | None) -> Json:
        """Make its Pod, with a memory limit or without."""
        resources = {} if limit is None else {"resources": {"limits": {"memory": limit}}}
        container = {"name": "redis", "image": self.image, **resources, **self.container}
        metadata = {"name": "server", "namespace": "shop", "labels": dict(self.labels)}
        spec: Json = {"containers": [container], "volumes": list(self.volumes)}
        if self.init_containers:
            spec["initContainers"] = list(self.init_containers)
        return {"metadata": metadata, "spec": spec}


_EMPTY = {"name": "data", "emptyDir": {}}
_DATA = [mounted("data", "/data")]


def _from_file(chart: str, topology: str, source: str, file: str, **rest: Any) -> InstalledServer:
    """A server that starts with a file that an init container writes to its data volume."""
    make = rest.pop("make", "redis")
    image = {"redis": "redis:7.2", "valkey": "valkey/valkey:8.1"}[make]
    path = f"conf/{make}.conf"
    return InstalledServer(
        chart=chart,
        topology=topology,
        source=source,
        image=image,
        container={
            "command": [f"{make}-server"],
            "args": [f"/data/{path}"],
            "volumeMounts": _DATA,
        },
        volumes=rest.pop("volumes", (_EMPTY,)),
        made={"data": {path: file}},
        **rest,
    )


def _bitnami(topology: str, script: str, *, component: str, product: str) -> InstalledServer:
    """A server of a Bitnami chart, started by a script from a ConfigMap."""
    home = f"/opt/bitnami/{product}"
    prefix = product.upper()
    version = {"redis": "7.2", "valkey": "8.1"}[product]
    return InstalledServer(
        chart=f"bitnami/{product}",
        topology=topology,
        source=f"bitnami/charts, {product}",
        image=f"bitnamilegacy/{product}:{version}",
        container={
            "command": ["/bin/bash"],
            "args": ["-c", f"/opt/bitnami/scripts/start-scripts/start-{component}.sh"],
            "env": [
                {"name": f"{prefix}_PORT", "value": "6379"},
                {"name": f"{prefix}_PASSWORD", "value": _SECRET},
            ],
            "volumeMounts": [
                mounted("scripts", "/opt/bitnami/scripts/start-scripts"),
                mounted("config", f"{home}/mounted-etc"),
                mounted("data", "/data"),
            ],
        },
        volumes=(config_map("scripts", defaultMode=0o755), config_map("config"), CLAIM),
        config_maps={
            "scripts": {f"start-{component}.sh": script},
            "config": {
                f"{product}.conf": 'appendonly yes\nsave ""\n',
                f"{component}.conf": "dir /data\n",
            },
        },
        labels={"helm.sh/chart": f"{product}-23.1.1", "app.kubernetes.io/component": component},
        password=_SECRET,
    )


def _bitnami_keydb(topology: str, more: str = "") -> InstalledServer:
    """A server of Bitnami's chart of KeyDB, started by a text."""
    text = (
        ". /opt/bitnami/scripts/keydb-env.sh\n"
        'args=("/opt/bitnami/keydb/etc/keydb.conf")\n'
        'args+=("--requirepass" "$KEYDB_PASSWORD")\n'
        f'{more}exec keydb-server "${{args[@]}}"\n'
    )
    return InstalledServer(
        chart="bitnami/keydb",
        topology=topology,
        source="bitnami/charts, keydb",
        image="bitnamilegacy/keydb:6.3",
        container={
            "command": ["/bin/bash"],
            "args": ["-ec", text],
            "env": [{"name": "KEYDB_PASSWORD", "value": _SECRET}],
            "volumeMounts": [
                mounted("data", "/bitnami/keydb/data"),
                mounted("config", "/opt/bitnami/keydb/etc"),
            ],
        },
        volumes=(CLAIM, config_map("config")),
        config_maps={"config": {"keydb.conf": "dir /bitnami/keydb/data\nappendonly yes\n"}},
        labels={"helm.sh/chart": "keydb-0.5.23", "app.kubernetes.io/component": topology},
        password=_SECRET,
    )


def _kubeblocks(product: str, image: str, start: str, **rest: Any) -> InstalledServer:
    """A server of a KubeBlocks component, whose template's ceiling is 0.8 of the limit."""
    return InstalledServer(
        chart="KubeBlocks",
        topology=product,
        source=f"apecloud/kubeblocks-addons, {product}",
        image=image,
        container={
            "command": [f"/scripts/{product}-start.sh"],
            "volumeMounts": [
                mounted("data", "/data"),
                mounted("config", "/etc/conf"),
                mounted("scripts", "/scripts"),
                mounted("conf", f"/etc/{product}"),
            ],
        },
        volumes=(
            CLAIM,
            config_map("config"),
            config_map("scripts", defaultMode=0o555),
            {"name": "conf", "emptyDir": {}},
        ),
        config_maps={
            "scripts": {f"{product}-start.sh": _KUBEBLOCKS.format(product=product, start=start)},
            "config": {
                f"{product}.conf": "dir /data\nappendonly yes\nmaxmemory-policy volatile-lru\n"
                f"maxmemory {512 * MEBIBYTE * 8 // 10}\n"
            },
        },
        labels={"app.kubernetes.io/managed-by": "kubeblocks"},
        **rest,
    )


def _cloudpirates_redis(topology: str, file: str) -> InstalledServer:
    """A server of CloudPirates' chart, whose init container writes the file that its text names."""
    text = 'CONFIG_FILE="/tmp/redis.conf"\n\nexec redis-server "$CONFIG_FILE"\n'
    return InstalledServer(
        chart="cloudpirates/redis",
        topology=topology,
        source="CloudPirates-io/helm-charts, redis",
        image="redis:7.2",
        container={
            "command": ["/bin/sh", "-c", text],
            "volumeMounts": [mounted("data", "/data"), mounted("run", "/tmp")],
        },
        volumes=(CLAIM, {"name": "run", "emptyDir": {}}),
        made={"run": {"redis.conf": file}},
    )


def _script(product: str, component: str, *, before: str = "", more: str = "") -> str:
    return (
        _START_MASTER.replace("ARGS=(", f"{before}ARGS=(", 1)
        .replace("exec ", f"{more}exec ")
        .replace("master", component)
        .replace(f"--{component}auth", "--masterauth")
        .replace("redis", product)
        .replace("REDIS_", f"{product.upper()}_")
    )


_OWN = "maxmemory 100mb\nmaxmemory-policy volatile-ttl\n"
_REPLICA = 'ARGS+=("--replicaof" "127.0.0.1" "1")\n'
_SENTINEL = 'ask() {\n    command="echo 127.0.0.1"\n    eval $command\n}\nmaster=$(ask)\n'
_REDIS_HA = 'dir "/data"\nport 6379\nmaxmemory 0\nmaxmemory-policy volatile-lru\nsave 900 1\n'
_ENAPTER = """#!/bin/bash
set -euxo pipefail
replicas=()
exec keydb-server /etc/keydb/keydb.conf --appendonly no --bind 0.0.0.0 --port 6379 "${replicas[@]}"
"""
_KUBEBLOCKS = """#!/bin/bash
set -e
template=/etc/conf/{product}.conf
file=/etc/{product}/{product}.conf

build_conf() {{
  echo "include $template" > "$file"
  echo "port ${{SERVICE_PORT:-6379}}" >> "$file"
  echo "protected-mode no" >> "$file"
}}

start() {{
{start}
}}

${{__SOURCED__:+false}} : || return 0
build_conf
start
"""
_PLAIN = "port 6379\nprotected-mode no\nbind 0.0.0.0\ndir /data\n"

_BY_DEFAULT = (
    InstalledServer(
        chart="argo-cd",
        topology="redis",
        source="argoproj/argo-helm, argo-cd",
        image="redis:7.2",
        container={
            "args": ["--save", "", "--appendonly", "no", "--requirepass $(REDIS_PASSWORD)"],
            "env": [{"name": "REDIS_PASSWORD", "value": _SECRET}],
        },
        labels={"app.kubernetes.io/name": "argocd-redis", "app.kubernetes.io/part-of": "argocd"},
        password=_SECRET,
    ),
    _from_file(
        "argo-cd",
        "redis-ha",
        "DandyDeveloper/charts, redis-ha",
        _REDIS_HA.replace("save 900 1", 'save ""'),
        labels={"app": "redis-ha"},
    ),
    InstalledServer(
        chart="harbor",
        topology="redis, until 2.14",
        source="goharbor/harbor, make/photon/redis",
        image="goharbor/redis-photon:v2.9",
        container={"volumeMounts": [mounted("data", "/var/lib/redis")]},
        volumes=(CLAIM,),
        labels={"app": "harbor", "component": "redis"},
    ),
    InstalledServer(
        chart="harbor",
        topology="valkey, since 2.15",
        source="goharbor/harbor, make/photon/valkey",
        image="goharbor/valkey-photon:v2.15.2",
        container={"volumeMounts": [mounted("data", "/var/lib/redis")]},
        volumes=(CLAIM,),
        labels={"app": "harbor", "component": "redis"},
    ),
    _bitnami("master", _START_MASTER, component="master", product="redis"),
    _bitnami(
        "replica", _script("redis", "replica", more=_REPLICA), component="replica", product="redis"
    ),
    _bitnami(
        "node beside a Sentinel",
        _script("redis", "node", before=_SENTINEL),
        component="node",
        product="redis",
    ),
    _bitnami("primary", _script("valkey", "primary"), component="primary", product="valkey"),
    _bitnami(
        "replica",
        _script("valkey", "replica", more=_REPLICA),
        component="replica",
        product="valkey",
    ),
    _bitnami(
        "node beside a Sentinel",
        _script("valkey", "node", before=_SENTINEL),
        component="node",
        product="valkey",
    ),
    InstalledServer(
        chart="bitnami/redis-cluster",
        topology="node",
        source="bitnami/charts, redis-cluster",
        image="bitnamilegacy/redis-cluster:7.2",
        container={
            "command": ["/bin/bash", "-c"],
            "args": [
                "# of an older release\nexport REDIS_CLUSTER_REPLICAS=1\n"
                "/opt/bitnami/scripts/redis-cluster/entrypoint.sh "
                "/opt/bitnami/scripts/redis-cluster/run.sh\n"
            ],
            "volumeMounts": [mounted("data", "/bitnami/redis/data")],
        },
        volumes=(CLAIM,),
        labels={"helm.sh/chart": "redis-cluster-13.0.5"},
    ),
    _bitnami_keydb("master"),
    _bitnami_keydb("replica", 'args+=("--replicaof" "127.0.0.1 1")\n'),
    _from_file(
        "redis-ha",
        "server",
        "DandyDeveloper/charts, redis-ha",
        _REDIS_HA,
        volumes=(CLAIM,),
        labels={"app": "redis-ha"},
    ),
    _from_file("valkey-helm", "standalone", "valkey-io/valkey-helm", _PLAIN, make="valkey"),
    _from_file(
        "valkey-helm",
        "replica",
        "valkey-io/valkey-helm",
        f"{_PLAIN}replicaof 127.0.0.1 1\n",
        make="valkey",
        volumes=(CLAIM,),
    ),
    _from_file("groundhog2k/redis", "standalone", "groundhog2k/helm-charts, redis", _PLAIN),
    _from_file(
        "groundhog2k/redis",
        "high availability",
        "groundhog2k/helm-charts, redis",
        _PLAIN,
        volumes=(CLAIM,),
    ),
    _from_file(
        "groundhog2k/valkey", "standalone", "groundhog2k/helm-charts, valkey", _PLAIN, make="valkey"
    ),
    _cloudpirates_redis("standalone", "bind * -::*\nport 6379\n"),
    _cloudpirates_redis("replica", "bind * -::*\nport 6379\nreplicaof 127.0.0.1 1\n"),
    InstalledServer(
        chart="cloudpirates/valkey",
        topology="standalone",
        source="CloudPirates-io/helm-charts, valkey",
        image="valkey/valkey:8.1",
        container={
            "command": [
                "/bin/sh",
                "-c",
                'CONFIG_FILE="/etc/valkey/valkey.conf"\n\nexec valkey-server "$CONFIG_FILE" '
                '--requirepass "${VALKEY_PASSWORD}"\n',
            ],
            "env": [{"name": "VALKEY_PASSWORD", "value": _SECRET}],
            "volumeMounts": [mounted("data", "/data"), mounted("config", "/etc/valkey")],
        },
        volumes=(CLAIM, config_map("config")),
        config_maps={
            "config": {"valkey.conf": "bind 0.0.0.0\nport 6379\ndir /data\nsave 900 1 300 10\n"}
        },
        password=_SECRET,
    ),
    InstalledServer(
        chart="enapter/keydb",
        topology="multi-master",
        source="Enapter/charts, keydb",
        image="eqalpha/keydb:x86_64_v6.3.4",
        container={
            "command": ["/utils/server.sh"],
            "volumeMounts": [mounted("utils", "/utils"), mounted("data", "/data")],
        },
        volumes=(
            {"name": "utils", "secret": {"secretName": "utils", "defaultMode": 0o755}},
            CLAIM,
        ),
        secrets={"utils": {"server.sh": _ENAPTER}},
        labels={"helm.sh/chart": "keydb-0.48.0"},
        out_of_reach=True,
    ),
    InstalledServer(
        chart="airflow",
        topology="broker",
        source="apache/airflow, chart/templates/redis",
        image="redis:7.2",
        container={
            "command": ["/bin/sh"],
            "args": ["-c", "redis-server --requirepass ${REDIS_PASSWORD}"],
            "env": [{"name": "REDIS_PASSWORD", "value": _SECRET}],
            "volumeMounts": _DATA,
        },
        volumes=(CLAIM,),
        password=_SECRET,
    ),
    InstalledServer(
        chart="spotahome/redis-operator",
        topology="RedisFailover",
        source="spotahome/redis-operator",
        image="redis:7.2",
        container={
            "command": ["redis-server", "/redis/redis.conf"],
            "volumeMounts": [mounted("conf", "/redis"), *_DATA],
        },
        volumes=(config_map("conf"), _EMPTY),
        config_maps={"conf": {"redis.conf": "port 6379\ntcp-keepalive 60\nsave 900 1\n"}},
        labels={"app.kubernetes.io/managed-by": "redis-operator"},
    ),
    InstalledServer(
        chart="sclorg templates",
        topology="redis",
        source="sclorg/redis-container, examples",
        image="quay.io/sclorg/redis-7-c9s",
        container={
            "env": [{"name": "REDIS_PASSWORD", "value": _SECRET}],
            "volumeMounts": [mounted("data", "/var/lib/redis/data")],
        },
        volumes=(CLAIM,),
        password=_SECRET,
    ),
    InstalledServer(
        chart="sclorg templates",
        topology="valkey",
        source="sclorg/valkey-container, examples",
        image="quay.io/sclorg/valkey-8-c10s",
        container={
            "env": [{"name": "VALKEY_PASSWORD", "value": _SECRET}],
            "volumeMounts": [mounted("data", "/var/lib/valkey/data")],
        },
        volumes=(CLAIM,),
        password=_SECRET,
    ),
    InstalledServer(
        chart="falkordb",
        topology="image default",
        source="FalkorDB/FalkorDB, build/docker",
        image="falkordb/falkordb:v4.12.0",
        container={"env": [{"name": "REDIS_ARGS", "value": "--timeout 17"}]},
    ),
    InstalledServer(
        chart="lagoon",
        topology="redis-persistent",
        source="uselagoon/lagoon-images, images/redis",
        image="uselagoon/redis-7-persistent:latest",
        container={"volumeMounts": _DATA},
        volumes=(CLAIM,),
    ),
    InstalledServer(
        chart="redis-stack",
        topology="image default",
        source="redis-stack/redis-stack, etc/scripts",
        image="redis/redis-stack-server:7.4.0-v3",
    ),
    InstalledServer(
        chart="valkey-bundle",
        topology="image default",
        source="valkey-io/valkey-bundle",
        image="valkey/valkey-bundle:9.0",
    ),
    InstalledServer(
        chart="immich, mastodon and others",
        topology="image default with a volume",
        source="docker-library/redis",
        image="redis:7.2",
        container={"volumeMounts": _DATA},
        volumes=(CLAIM,),
    ),
    InstalledServer(
        chart="immich, mastodon and others",
        topology="Valkey's image default",
        source="valkey-io/valkey-container",
        image="valkey/valkey:8.1",
    ),
    InstalledServer(
        chart="Kubernetes guestbook",
        topology="leader",
        source="kubernetes/examples, guestbook",
        image="redis:7.2",
    ),
    InstalledServer(
        chart="Kubernetes guestbook",
        topology="follower",
        source="kubernetes/examples, guestbook",
        image="redis:7.2",
        container={"args": ["--replicaof", "127.0.0.1", "1"]},
    ),
    InstalledServer(
        chart="dify",
        topology="broker",
        source="langgenius/dify, docker",
        image="redis:7.2",
        container={
            "command": ["redis-server", "--requirepass", _SECRET],
            "volumeMounts": _DATA,
        },
        volumes=(CLAIM,),
        password=_SECRET,
    ),
    InstalledServer(
        chart="keydb",
        topology="image default",
        source="eqalpha/keydb",
        image="eqalpha/keydb:x86_64_v6.3.4",
        container={"volumeMounts": _DATA},
        volumes=(CLAIM,),
    ),
    InstalledServer(
        chart="Docker hardened images",
        topology="redis",
        source="docker-hardened-images/catalog, image/redis",
        image="dhi.io/redis",
    ),
    InstalledServer(
        chart="Docker hardened images",
        topology="valkey",
        source="docker-hardened-images/catalog, image/valkey",
        image="dhi.io/valkey:9",
    ),
    InstalledServer(
        chart="Chainguard",
        topology="redis",
        source="chainguard-images/images, images/redis",
        image="cgr.dev/chainguard/redis",
    ),
    InstalledServer(
        chart="bitnami/redis",
        topology="image default",
        source="bitnami/containers, bitnami/redis",
        image="bitnamilegacy/redis:7.2",
        container={"volumeMounts": [mounted("data", "/bitnami/redis/data")]},
        volumes=(CLAIM,),
    ),
    _kubeblocks("valkey", "docker.io/apecloud/valkey:8.1.3", '  exec valkey-server "$file"'),
    _kubeblocks(
        "redis",
        "docker.io/apecloud/redis-stack-server:7.2.0-v14",
        '  exec_cmd="exec redis-server $file"\n  if [ -f /opt/redis-stack/lib/rejson.so ]; then\n'
        '    exec_cmd="$exec_cmd --loadmodule /opt/redis-stack/lib/rejson.so ${REDISJSON_ARGS}"\n'
        '  fi\n  eval "$exec_cmd"',
        out_of_reach=True,
    ),
    InstalledServer(
        chart="OT operator",
        topology="Redis",
        source="OT-CONTAINER-KIT/redis, entrypoint.sh",
        image="quay.io/opstree/redis",
        container={"volumeMounts": _DATA},
        volumes=(CLAIM,),
        out_of_reach=True,
    ),
)

_COPY = {
    "name": "init",
    "image": "busybox",
    "command": ["sh", "-c", "cp /readonly/* /data/conf"],
    "volumeMounts": [mounted("readonly", "/readonly"), *_DATA],
}


def _copied(chart: str, topology: str, source: str, file: str, **rest: Any) -> InstalledServer:
    """A server whose init container copies the file of a ConfigMap to its data volume."""
    return _from_file(
        chart,
        topology,
        source,
        file,
        volumes=(CLAIM, config_map("readonly")),
        config_maps={"readonly": {"redis.conf": file}},
        init_containers=(_COPY,),
        **rest,
    )


def _own(chart: str, topology: str) -> InstalledServer:
    """Find a server of a chart, for its user to give it a ceiling."""
    (server,) = (each for each in _BY_DEFAULT if (each.chart, each.topology) == (chart, topology))
    return replace(server, topology=f"{topology}, with a ceiling of its own")


_ARGO_CD, _MASTER, _CLOUDPIRATES, _OT = (
    _own("argo-cd", "redis"),
    _own("bitnami/redis", "master"),
    _own("cloudpirates/valkey", "standalone"),
    _own("OT operator", "Redis"),
)
_WITH_CEILING = (
    replace(
        _ARGO_CD,
        container={
            **_ARGO_CD.container,
            "args": [*_ARGO_CD.container["args"], "--maxmemory", "100mb"],
        },
    ),
    _copied(
        "redis-ha",
        "server, with a ceiling of its own",
        "DandyDeveloper/charts, redis-ha",
        _REDIS_HA.replace("maxmemory 0", "maxmemory 100mb"),
        labels={"app": "redis-ha"},
    ),
    _copied(
        "groundhog2k/redis",
        "standalone, with a ceiling of its own",
        "groundhog2k/helm-charts, redis",
        f"{_PLAIN}{_OWN}",
    ),
    replace(
        _MASTER,
        config_maps={
            **_MASTER.config_maps,
            "config": {**_MASTER.config_maps["config"], "redis.conf": f"appendonly yes\n{_OWN}"},
        },
    ),
    replace(
        _CLOUDPIRATES,
        config_maps={
            "config": {"valkey.conf": f"{_CLOUDPIRATES.config_maps['config']['valkey.conf']}{_OWN}"}
        },
    ),
    replace(
        _OT,
        container={
            "volumeMounts": [*_DATA, mounted("external", "/etc/redis/external.conf.d")],
        },
        volumes=(CLAIM, config_map("external")),
        config_maps={"external": {"redis-additional.conf": _OWN}},
        out_of_reach=False,
    ),
)

SERVERS = (*_BY_DEFAULT, *_WITH_CEILING)
"""One of each, with the topologies that start their servers differently, and with own ceilings."""
