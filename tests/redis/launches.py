"""Pods of every launch style, and what their server must say of itself after the injection."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.harness.servers import SERVERS
from webhook.domain.policy.profile import MEBIBYTE

Json = dict[str, Any]
Maps = Mapping[str, Mapping[str, str]]

DEFAULT_SAVE = "3600 1 300 100 60 10000"
CACHE = 400 * MEBIBYTE
PERSISTENT = 200 * MEBIBYTE
LOWERED = 512 * MEBIBYTE * 85 // 100
"""What an explicit ceiling that is too high becomes on a server that persists data."""
KEEPS_SNAPSHOTS: Mapping[str, Any] = {"maxmemory": PERSISTENT, "save": DEFAULT_SAVE}
"""Of a launch in which more than the server runs, so that something might restore them."""
OFFICIAL_IMAGES: Mapping[str, str] = {
    "redis-6.2": "redis:6.2",
    "redis-7.0": "redis:7.0",
    "redis-8.2": "redis:8.2",
    "valkey-9.1": "valkey/valkey:9.1",
}
"""The image that brings each of the servers along."""
REDIS = tuple(name for name in SERVERS if name.startswith("redis-"))
VALKEY = tuple(name for name in SERVERS if name.startswith("valkey-"))
TEXT_SERVERS = (
    tuple(SERVERS) if os.environ.get("CI") or "EVERY_SERVER" in os.environ else REDIS[1:2]
)
"""The servers for texts and scripts, which hand the same options on to each: EVERY_SERVER=1 is all.
"""
_START_MASTER = Path(__file__).with_name("entrypoints") / "start-master.sh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A container with 512Mi, and what its server must answer to CONFIG GET.

    `answers` are the values beside `maxmemory`, `maxmemory-policy` and `save`. It is started with
    each of `servers`, in an image whose tag may be its `{version}`; without one, in the official.
    """

    name: str
    image: str = ""
    servers: tuple[str, ...] = tuple(SERVERS)
    container: Json = field(default_factory=dict)
    volumes: tuple[Json, ...] = ()
    config_maps: Maps = field(default_factory=dict)
    secrets: Maps = field(default_factory=dict)
    place: str
    maxmemory: int = CACHE
    policy: str = "allkeys-lru"
    save: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    port: int = 6379
    password: str = ""

    def __str__(self) -> str:
        return self.name

    def pod(self, server: str) -> Json:
        """Make the Pod as it is created, with the image that brings a server along."""
        limit = {"limits": {"memory": "512Mi"}}
        version = server.partition("-")[2]
        image = self.image.format(version=version) or OFFICIAL_IMAGES[server]
        container = {"name": "redis", "image": image, "resources": limit, **self.container}
        spec: Json = {"containers": [container]}
        if self.volumes:
            spec["volumes"] = list(self.volumes)
        return {"metadata": {"name": "cache", "namespace": "shop"}, "spec": spec}


def shell(text: str, name: str, **rest: Any) -> Launch:
    """Make a launch by `sh -c`."""
    container = {"command": ["sh", "-c"], "args": [text], **rest.pop("container", {})}
    return Launch(name=name, place="shell-text", servers=TEXT_SERVERS, container=container, **rest)


def config_map(name: str, **rest: Any) -> Json:
    """Make a volume of a ConfigMap."""
    return {"name": name, "configMap": {"name": name, **rest}}


def mounted(name: str, path: str) -> Json:
    """Mount a volume."""
    return {"name": name, "mountPath": path}


CLAIM = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
PASSWORD = {"auth": {"password": "s3cret word"}}
FROM_SECRET = {
    "name": "REDIS_PASSWORD",
    "valueFrom": {"secretKeyRef": {"name": "auth", "key": "password"}},
}

BY_IMAGE = (
    Launch(name="redis", place="arguments", answers={"dir": "/data"}),
    Launch(
        name="redis with a volume",
        place="arguments",
        container={"volumeMounts": [mounted("data", "/data")]},
        volumes=(CLAIM,),
        maxmemory=PERSISTENT,
        policy="volatile-lru",
        save=DEFAULT_SAVE,
        answers={"dir": "/data"},
    ),
    Launch(
        name="redis 8 with a module of its image",
        image="redis:8.2.3",
        servers=("redis-8.2",),
        place="arguments",
        answers={"dir": "/data"},
    ),
    Launch(
        name="valkey with its variable",
        servers=VALKEY,
        place="variable",
        container={
            "args": ["--port", "7000"],
            "env": [{"name": "VALKEY_EXTRA_FLAGS", "value": "--maxmemory 1gb --timeout 17"}],
        },
        maxmemory=LOWERED,
        save=DEFAULT_SAVE,
        answers={"timeout": "17"},
        port=7000,
    ),
    Launch(
        name="keydb",
        image="eqalpha/keydb:x86_64_v6.3.4",
        servers=REDIS[:1],
        place="arguments",
        maxmemory=PERSISTENT,
        save=DEFAULT_SAVE,
        answers={"timeout": "17", "dir": "/data"},
    ),
    Launch(
        name="bitnami",
        image="bitnamilegacy/redis:{version}",
        servers=REDIS,
        place="variable",
        maxmemory=PERSISTENT,
        save=DEFAULT_SAVE,
        answers={"dir": "/bitnami/redis/data", "appendonly": "yes"},
    ),
    Launch(
        name="a bitnami cluster that reads no variable",
        image="bitnamilegacy/redis-cluster:{version}",
        servers=REDIS[:2],
        place="arguments",
        container={"env": [{"name": "REDIS_EXTRA_FLAGS", "value": "--maxmemory 100mb"}]},
        maxmemory=PERSISTENT,
        save=DEFAULT_SAVE,
        answers={"dir": "/bitnami/redis/data", "appendonly": "yes"},
    ),
    Launch(
        name="a bitnami cluster that reads its variable, in a text",
        image="bitnamilegacy/redis-cluster:{version}",
        servers=REDIS[2:],
        place="shell-text",
        container={
            "command": ["/bin/bash", "-c"],
            "args": [
                "export X=1\n/opt/bitnami/scripts/redis-cluster/entrypoint.sh "
                "/opt/bitnami/scripts/redis-cluster/run.sh\n"
            ],
            "env": [{"name": "REDIS_EXTRA_FLAGS", "value": "--timeout 17"}],
        },
        maxmemory=PERSISTENT,
        save=DEFAULT_SAVE,
        answers={"timeout": "17", "appendonly": "yes"},
    ),
    Launch(
        name="a server that the text sets as its parameters",
        place="shell-text",
        container={
            "command": ["sh", "-c"],
            "args": [
                'set -- redis-server --timeout 17; [ -n "$P" ] && set -- "$@" --port "$P"; '
                'exec "$@"'
            ],
        },
        maxmemory=PERSISTENT,
        save=DEFAULT_SAVE,
        answers={"timeout": "17"},
    ),
    Launch(
        name="bitnami 5.0, whose variable comes last",
        image="bitnami/redis:5.0",
        servers=REDIS[:1],
        place="variable",
        container={"env": [{"name": "REDIS_EXTRA_FLAGS", "value": "--timeout 17"}]},
        maxmemory=PERSISTENT,
        save=DEFAULT_SAVE,
        answers={"timeout": "17"},
    ),
    Launch(
        name="bitnami 5.0 with options behind its script",
        image="bitnami/redis:5.0",
        servers=REDIS[:1],
        place="arguments",
        container={"args": ["/opt/bitnami/scripts/redis/run.sh", "--timeout", "17"]},
        maxmemory=PERSISTENT,
        save=DEFAULT_SAVE,
        answers={"timeout": "17"},
    ),
    Launch(
        name="bitnami valkey",
        image="bitnamilegacy/valkey:{version}",
        servers=VALKEY,
        place="variable",
        container={"env": [{"name": "VALKEY_PASSWORD", "value": "secret"}]},
        maxmemory=PERSISTENT,
        save=DEFAULT_SAVE,
        answers={"dir": "/bitnami/valkey/data", "appendonly": "yes", "requirepass": "secret"},
        password="secret",
    ),
    Launch(
        name="bitnami keydb",
        image="bitnamilegacy/keydb:6.3",
        servers=REDIS[:1],
        place="variable",
        maxmemory=PERSISTENT,
        save=DEFAULT_SAVE,
        answers={"appendonly": "yes"},
    ),
    Launch(
        name="a bitnami cluster's node that makes it",
        image="bitnamilegacy/redis-cluster:{version}",
        servers=REDIS[2:],
        place="arguments",
        container={
            "env": [
                {"name": "REDIS_CLUSTER_CREATOR", "value": "yes"},
                {"name": "REDIS_EXTRA_FLAGS", "value": "--timeout 17"},
            ]
        },
        maxmemory=PERSISTENT,
        save=DEFAULT_SAVE,
        answers={"timeout": "17", "appendonly": "yes"},
    ),
    Launch(
        name="a bitnami valkey cluster that reads no variable",
        image="bitnamilegacy/valkey-cluster:7.2",
        servers=VALKEY,
        place="arguments",
        container={"env": [{"name": "VALKEY_EXTRA_FLAGS", "value": "--maxmemory 100mb"}]},
        maxmemory=PERSISTENT,
        save=DEFAULT_SAVE,
        answers={"dir": "/bitnami/valkey/data", "appendonly": "yes"},
    ),
    Launch(
        name="a bitnami valkey cluster whose tag does not tell whether it reads its variable",
        image="bitnamilegacy/valkey-cluster:8.0",
        servers=VALKEY,
        place="arguments",
        container={"env": [{"name": "VALKEY_EXTRA_FLAGS", "value": "--maxmemory 100mb"}]},
        maxmemory=100 * MEBIBYTE,
        policy="noeviction",
        save=DEFAULT_SAVE,
    ),
    Launch(
        name="a bitnami valkey cluster that reads its variable",
        image="bitnamilegacy/valkey-cluster:{version}",
        servers=VALKEY,
        place="arguments",
        container={"env": [{"name": "VALKEY_EXTRA_FLAGS", "value": "--timeout 17"}]},
        maxmemory=PERSISTENT,
        save=DEFAULT_SAVE,
        answers={"timeout": "17"},
    ),
    Launch(
        name="bitnami with flags and a password",
        image="bitnamilegacy/redis:{version}",
        servers=REDIS,
        place="variable",
        container={
            "env": [
                {"name": "REDIS_PASSWORD", "value": "secret"},
                {"name": "SECONDS", "value": "17"},
                {"name": "REDIS_EXTRA_FLAGS", "value": "--timeout $(SECONDS) --appendonly no"},
            ]
        },
        maxmemory=PERSISTENT,
        save=DEFAULT_SAVE,
        answers={"timeout": "17", "appendonly": "no", "requirepass": "secret"},
        password="secret",
    ),
    Launch(
        name="redis-stack",
        image="redis/redis-stack-server:7.4.0-v3",
        servers=REDIS,
        place="variable",
        container={"env": [{"name": "REDIS_ARGS", "value": '--timeout 17 --save ""'}]},
        answers={"timeout": "17", "dir": "/data"},
    ),
    Launch(
        name="redis-stack of 6.2",
        image="redis/redis-stack-server:6.2.6-v3",
        servers=REDIS[:1],
        place="variable",
        container={
            "env": [{"name": "REDIS_ARGS", "value": "--requirepass secret --maxmemory 1gb"}]
        },
        maxmemory=LOWERED,
        save=DEFAULT_SAVE,
        answers={"requirepass": "secret", "dir": "/data"},
        password="secret",
    ),
    Launch(
        name="redis-stack with RedisInsight and a file",
        image="redis/redis-stack:7.2.0-v10",
        servers=REDIS[1:],
        place="variable",
        container={
            "volumeMounts": [
                {"name": "conf", "mountPath": "/redis-stack.conf", "subPath": "redis-stack.conf"}
            ]
        },
        volumes=(config_map("conf"),),
        config_maps={"conf": {"redis-stack.conf": "timeout 17\nmaxmemory 100mb\nsave 60 7\n"}},
        maxmemory=100 * MEBIBYTE,
        policy="noeviction",
        save="60 7",
        answers={"timeout": "17", "dir": "/data"},
    ),
    Launch(
        name="sclorg",
        image="quay.io/sclorg/redis-7-c9s",
        servers=REDIS,
        place="arguments",
        container={"env": [{"name": "REDIS_PASSWORD", "value": "secret"}]},
        maxmemory=PERSISTENT,
        save=DEFAULT_SAVE,
        answers={"requirepass": "secret", "dir": "/var/lib/redis/data"},
        password="secret",
    ),
    Launch(
        name="sclorg valkey",
        image="quay.io/sclorg/valkey-8-c10s",
        servers=VALKEY,
        place="arguments",
        maxmemory=PERSISTENT,
        save=DEFAULT_SAVE,
        answers={"dir": "/var/lib/valkey/data"},
    ),
    Launch(
        name="chainguard",
        image="cgr.dev/chainguard/redis",
        servers=REDIS,
        place="arguments",
        answers={"dir": "/data"},
    ),
    Launch(
        name="chainguard valkey",
        image="cgr.dev/chainguard/valkey",
        servers=VALKEY,
        place="arguments",
        answers={"dir": "/data"},
    ),
    Launch(
        name="valkey-bundle",
        image="valkey/valkey-bundle:{version}",
        servers=VALKEY,
        place="arguments",
        answers={"dir": "/data"},
    ),
    Launch(
        name="docker hardened valkey",
        image="dhi.io/valkey:{version}",
        servers=VALKEY,
        place="arguments",
        answers={"dir": "/data"},
    ),
    Launch(
        name="falkordb",
        image="falkordb/falkordb:v4.12.0",
        servers=REDIS[2:],
        place="variable",
        container={"env": [{"name": "REDIS_ARGS", "value": "--timeout 17"}]},
        maxmemory=PERSISTENT,
        save=DEFAULT_SAVE,
        answers={"timeout": "17"},
    ),
    *(
        Launch(
            name=image.partition("/")[2],
            image=image,
            servers=servers,
            place="arguments",
            maxmemory=maxmemory,
            save=save,
            answers={"appendonly": appendonly},
        )
        for image, servers, maxmemory, save, appendonly in (
            ("uselagoon/redis-7", REDIS, CACHE, "", "no"),
            ("uselagoon/redis-7-persistent", REDIS, 400 * MEBIBYTE, "300 1 60 100", "yes"),
            ("uselagoon/valkey-8", VALKEY, CACHE, "", "no"),
        )
    ),
    Launch(
        name="harbor",
        image="goharbor/redis-photon:v2.9",
        servers=REDIS,
        place="arguments",
        maxmemory=PERSISTENT,
        save=DEFAULT_SAVE,
        answers={"timeout": "17", "dir": "/var/lib/redis"},
    ),
    Launch(
        name="harbor valkey",
        image="goharbor/valkey-photon:v2.15.2",
        servers=VALKEY,
        place="arguments",
        maxmemory=PERSISTENT,
        save="900 1",
        answers={"dir": "/var/lib/redis"},
    ),
    Launch(
        name="docker hardened",
        image="dhi.io/redis",
        servers=REDIS,
        place="arguments",
        maxmemory=PERSISTENT,
        save=DEFAULT_SAVE,
        answers={"timeout": "17"},
    ),
)

BY_COMMAND_LINE = (
    Launch(
        name="argv in command",
        place="arguments",
        container={"command": ["redis-server", "--port", "7000", "--appendonly", "no"]},
        save=DEFAULT_SAVE,
        maxmemory=PERSISTENT,
        answers={"appendonly": "no"},
        port=7000,
    ),
    Launch(
        name="a value in args for an option in command",
        place="arguments",
        container={
            "command": ["redis-server", "--requirepass"],
            "args": ["$(REDIS_PASSWORD)"],
            "env": [FROM_SECRET],
        },
        secrets=PASSWORD,
        answers={"requirepass": "s3cret word"},
        password="s3cret word",
    ),
    Launch(
        name="flags in args",
        place="arguments",
        container={"args": ["--requirepass", "secret", "--maxmemory", "0", "--save", "60", "7"]},
        maxmemory=PERSISTENT,
        save="60 7",
        answers={"requirepass": "secret"},
        password="secret",
    ),
    Launch(
        name="one-element options",
        place="arguments",
        container={"args": ["--requirepass secret", "--maxmemory 100gb", "--save ''"]},
        answers={"requirepass": "secret"},
        password="secret",
    ),
    Launch(
        name="an explicit policy and a safe ceiling",
        place="arguments",
        container={"args": ["--maxmemory", "300mb", "--maxmemory-policy", "volatile-ttl"]},
        maxmemory=300 * MEBIBYTE,
        policy="volatile-ttl",
    ),
    Launch(
        name="a config file from a ConfigMap",
        place="arguments",
        container={
            "args": ["/etc/redis/redis.conf"],
            "volumeMounts": [mounted("conf", "/etc/redis")],
        },
        volumes=(config_map("conf"),),
        config_maps={"conf": {"redis.conf": "timeout 17\nmaxmemory 2gb\ndir /tmp\nsave 60 7\n"}},
        maxmemory=LOWERED,
        save="60 7",
        answers={"timeout": "17", "dir": "/tmp"},
    ),
    Launch(
        name="wrappers",
        place="arguments",
        container={"command": ["tini", "--", "gosu", "redis", "redis-server", "--save", ""]},
    ),
    Launch(
        name="a text that ends in its arguments",
        place="arguments",
        container={
            "command": ["sh", "-c", 'touch /tmp/ran; exec "$0" "$@"'],
            "args": ["redis-server", "--timeout", "17"],
        },
        **KEEPS_SNAPSHOTS,
        answers={"timeout": "17"},
    ),
    Launch(
        name="a script that ends in its arguments",
        place="arguments",
        container={
            "command": ["sh", "/scripts/wait.sh"],
            "args": ["redis-server", "--timeout", "17"],
            "volumeMounts": [mounted("scripts", "/scripts")],
        },
        volumes=(config_map("scripts"),),
        config_maps={"scripts": {"wait.sh": '#!/bin/sh\nset -e\ntouch /tmp/ran\nexec "$@"\n'}},
        **KEEPS_SNAPSHOTS,
        answers={"timeout": "17"},
    ),
    Launch(
        name="a script that hands its arguments to the server",
        place="arguments",
        container={
            "command": ["/scripts/start.sh"],
            "volumeMounts": [mounted("scripts", "/scripts")],
        },
        volumes=(config_map("scripts", defaultMode=0o755),),
        config_maps={"scripts": {"start.sh": '#!/bin/sh\nexec redis-server --timeout 17 "$@"\n'}},
        answers={"timeout": "17"},
    ),
)

BY_SHELL = (
    shell("exec redis-server --timeout 17", "one line", answers={"timeout": "17"}),
    shell(
        "set -e\nmkdir -p /data/sub # it's for later\ncd /data/sub\n"
        "exec gosu redis redis-server --timeout 17 # serve\n",
        "statements and comments",
        **KEEPS_SNAPSHOTS,
        answers={"timeout": "17", "dir": "/data/sub"},
    ),
    *(
        shell(
            'if [ "$ROLE" = main ]; then\n  exec redis-server --timeout 17\n'
            "else\n  exec redis-server --timeout 18\nfi",
            f"a branch, {role}",
            container={"env": [{"name": "ROLE", "value": role}]},
            **KEEPS_SNAPSHOTS,
            answers={"timeout": timeout},
        )
        for role, timeout in (("main", "17"), ("other", "18"))
    ),
    shell(
        "redis-server --timeout 17 & wait $!",
        "in the background",
        **KEEPS_SNAPSHOTS,
        answers={"timeout": "17"},
    ),
    shell(
        "redis-server --timeout 17 2>&1 | tee /tmp/log",
        "a pipe",
        **KEEPS_SNAPSHOTS,
        answers={"timeout": "17"},
    ),
    shell(
        "exec redis-server --timeout 17 >/tmp/out 2>&1", "redirections", answers={"timeout": "17"}
    ),
    shell(
        "exec setpriv --reuid=redis --clear-groups -- redis-server \\\n"
        "  --timeout 17 \\\n  --databases 3\n",
        "setpriv over several lines",
        answers={"timeout": "17", "databases": "3"},
    ),
    shell(
        "exec redis-server --requirepass '$(REDIS_PASSWORD)' --timeout $(SECONDS)",
        "variables of Kubernetes",
        container={"env": [FROM_SECRET, {"name": "SECONDS", "value": "17"}]},
        secrets=PASSWORD,
        answers={"timeout": "17", "requirepass": "s3cret word"},
        password="s3cret word",
    ),
    shell(
        'exec redis-server --requirepass "$REDIS_PASSWORD" --timeout "$(echo 17)"',
        "variables and substitutions of the shell",
        container={"env": [FROM_SECRET]},
        secrets=PASSWORD,
        **KEEPS_SNAPSHOTS,
        answers={"timeout": "17", "requirepass": "s3cret word"},
        password="s3cret word",
    ),
    shell(
        "[ -f /tmp/absent ] && redis-server --port 7001 || redis-server --timeout 17",
        "alternatives",
        **KEEPS_SNAPSHOTS,
        answers={"timeout": "17"},
    ),
    shell(
        "until redis-server --timeout 17; do sleep 1; done",
        "a loop",
        **KEEPS_SNAPSHOTS,
        answers={"timeout": "17"},
    ),
)

_CHART = {
    "command": ["/bin/bash"],
    "args": ["-c", "/opt/bitnami/scripts/start-scripts/start-master.sh"],
    "env": [
        {"name": "REDIS_PORT", "value": "6380"},
        {"name": "REDIS_PASSWORD", "value": "secret"},
    ],
    "volumeMounts": [
        mounted("start-scripts", "/opt/bitnami/scripts/start-scripts"),
        mounted("config", "/opt/bitnami/redis/mounted-etc"),
        mounted("data", "/data"),
    ],
}
_CHART_CONFIG = {
    "redis.conf": 'appendonly yes\nsave ""\n',
    "master.conf": "dir /data\ntimeout 17\n",
}

BY_CHART = (
    Launch(
        name="the Bitnami chart",
        image="bitnamilegacy/redis:{version}",
        servers=REDIS,
        place="start-script",
        container=_CHART,
        volumes=(
            config_map("start-scripts", defaultMode=0o755),
            config_map("config"),
            {"name": "data", "emptyDir": {}},
        ),
        config_maps={
            "start-scripts": {"start-master.sh": _START_MASTER.read_text()},
            "config": _CHART_CONFIG,
        },
        maxmemory=PERSISTENT,
        answers={
            "appendonly": "yes",
            "dir": "/data",
            "timeout": "17",
            "requirepass": "secret",
            "port": "6380",
        },
        port=6380,
        password="secret",
    ),
    Launch(
        name="a script within a text, which gets no arguments",
        servers=TEXT_SERVERS,
        place="start-script",
        container={
            "command": ["sh", "-c", "/scripts/start.sh"],
            "volumeMounts": [mounted("scripts", "/scripts")],
        },
        volumes=(config_map("scripts", defaultMode=0o755),),
        config_maps={"scripts": {"start.sh": '#!/bin/sh\nexec redis-server --timeout 17 "$@"\n'}},
        answers={"timeout": "17"},
    ),
    Launch(
        name="a script of one's own that calls the server in a line",
        servers=TEXT_SERVERS,
        place="start-script",
        container={
            "command": ["/scripts/start.sh"],
            "args": ["17"],
            "volumeMounts": [mounted("scripts", "/scripts")],
        },
        volumes=(config_map("scripts", defaultMode=0o755),),
        config_maps={
            "scripts": {"start.sh": '#!/bin/sh\nset -e\necho up\nredis-server --timeout "$1"\n'}
        },
        **KEEPS_SNAPSHOTS,
        answers={"timeout": "17"},
    ),
)

LAUNCHES = (*BY_IMAGE, *BY_COMMAND_LINE, *BY_SHELL, *BY_CHART)
