"""Pods of every make, as JSON, and the ConfigMaps around them."""

import json
from collections.abc import Mapping

from hypothesis import strategies as st

from tests.property.launches import (
    CHART_SCRIPT,
    IMAGES,
    launches,
    shell_texts,
    variables,
)

Json = dict[str, object]
_INJECTED = "redis-memory-guard.dev/injected"

LIMITS = (
    "512Mi", "1Gi", "64Mi", "1e9", "1.5Gi", "32Mi", "33554431", "16Mi", "100M", "268435456",
    "134217728000m", "0", "1m", "9E", "8192Ki", 300000000, None,
)  # fmt: skip
_MOUNTS = (
    {"name": "data", "mountPath": "/data"},
    {"name": "data", "mountPath": "/bitnami/redis/data"},
    {"name": "data", "mountPath": "/elsewhere", "readOnly": True},
    {"name": "settings", "mountPath": "/etc/redis"},
    {"name": "settings", "mountPath": "/scripts"},
    {"name": "settings", "mountPath": "/opt/bitnami/scripts/start-scripts"},
    {"name": "fast", "mountPath": "/fast"},
    {"name": "undeclared", "mountPath": "/data"},
)
_VOLUMES = (
    {"name": "data", "emptyDir": {}},
    {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
    {"name": "settings", "configMap": {"name": "settings"}},
    {"name": "fast", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}},
    {"name": "fast", "emptyDir": {"medium": "Memory"}},
)
_ENVIRONMENT_SOURCES = (
    {"configMapRef": {"name": "settings"}},
    {"configMapRef": {"name": "absent"}},
    {"secretRef": {"name": "secret"}},
    {"secretRef": {"name": "secret"}, "prefix": "REDIS_"},
)
_CONFIGURATIONS = (
    "", "maxmemory 100mb\n", "maxmemory 0\nappendonly yes\n", 'save ""\n', "include /other.conf\n",
    "maxmemory-policy noeviction\n", 'requirepass "\n', "# a comment\nport 7000\n",
)  # fmt: skip
_SCRIPTS = (
    '#!/bin/bash\nexec redis-server "${ARGS[@]}"\n',
    "#!/bin/sh\nredis-server /etc/redis/redis.conf --port 7000\n",
    '#!/bin/sh\nset -e\nexec "$@"\n',
    '#!/bin/sh\nexec redis-server "$@"\n',
    "#!/bin/sh\ncat <<EOF\nEOF\nexec redis-server\n",
    "echo done\n",
)
_REQUESTS = (
    ("eviction-policy", "noeviction"), ("eviction-policy", "allkeys-lfu"), ("headroom", "25%"),
    ("headroom", "100Mi"), ("headroom", "1"), ("snapshots", "keep"), ("exempt", "true"),
    ("unknown", "x"), ("headroom", "many"),
)  # fmt: skip

_IMAGES = st.one_of(st.sampled_from(IMAGES[:5]), st.sampled_from(IMAGES))


def limits() -> st.SearchStrategy[object]:
    """Memory limits in every notation; None is no limit."""
    return st.one_of(st.sampled_from(LIMITS[:5]), st.sampled_from(LIMITS))


@st.composite
def containers(draw: st.DrawFn, name: str) -> Json:
    """One container, with or without a server."""
    container: Json = {"name": name, "image": draw(_IMAGES), **draw(launches())}
    if draw(st.booleans()):
        container["env"] = draw(st.lists(variables(), max_size=3))
    if draw(st.integers(0, 4)) == 0:
        container["envFrom"] = [draw(st.sampled_from(_ENVIRONMENT_SOURCES))]
    if draw(st.booleans()):
        container["volumeMounts"] = draw(st.lists(st.sampled_from(_MOUNTS), max_size=2))
    if draw(st.integers(0, 4)) == 0:
        container["workingDir"] = draw(st.sampled_from(["/data", "/elsewhere", ""]))
    set_limit(container, draw(limits()))
    return container


@st.composite
def pods(draw: st.DrawFn) -> Json:
    """A Pod that carries nothing of ours."""
    names = [f"c{number}" for number in range(draw(st.integers(1, 3)))]
    spec: Json = {"containers": [draw(containers(name)) for name in names]}
    if draw(st.integers(0, 3)) == 0:
        restart = draw(st.sampled_from([{}, {"restartPolicy": "Always"}]))
        spec["initContainers"] = [{**draw(containers("init")), **restart}]
    if draw(st.integers(0, 9)) == 0:
        spec["ephemeralContainers"] = [draw(containers("debug"))]
    if draw(st.booleans()):
        spec["volumes"] = draw(
            st.lists(st.sampled_from(_VOLUMES), unique_by=lambda each: each["name"])
        )
    if draw(st.integers(0, 4)) == 0:
        spec["resources"] = {"limits": {"memory": draw(st.sampled_from(["1Gi", "256Mi"]))}}
    if draw(st.integers(0, 9)) == 0:
        spec["restartPolicy"] = "Never"
    metadata: Json = {"name": "pod", "namespace": "shop"}
    requests = draw(st.lists(st.sampled_from(_REQUESTS), max_size=2))
    if requests or draw(st.booleans()):
        metadata["annotations"] = {
            f"redis-memory-guard.dev/{name}": text for name, text in requests
        }
    return {"metadata": metadata, "spec": spec}


@st.composite
def config_maps(draw: st.DrawFn) -> Mapping[str, Mapping[str, str]]:
    """The ConfigMaps that can be read: none, or the one that the Pods name."""
    if draw(st.booleans()):
        return {}
    script = draw(st.one_of(st.sampled_from(_SCRIPTS), shell_texts().map("#!/bin/sh\n{}\n".format)))
    settings = {
        "redis.conf": draw(st.sampled_from(_CONFIGURATIONS)),
        "start.sh": script,
        CHART_SCRIPT.rpartition("/")[2]: draw(st.sampled_from(_SCRIPTS)),
        "flags": "--maxmemory 100mb",
        "OPTIONS": "--port 7000",
        "REDIS_ARGS": "--appendonly yes $HOME",
    }
    return {"settings": settings}


@st.composite
def forged_records(draw: st.DrawFn) -> str:
    """A status annotation that we did not write."""
    options = draw(
        st.sampled_from(
            [
                ["--maxmemory", "1048576"],
                ["--maxmemory", "999999999999"],
                ["--maxmemory", "1"],
                ["--maxmemory-policy", "noeviction"],
                ["--save", ""],
                ["--maxmemory", "0", "--maxmemory-policy", "allkeys-lru", "--save", ""],
                ["--appendonly", "yes"],
                [],
                ["--maxmemory"],
            ]
        )
    )
    record = {name: {"limit": 1, "maxmemory": 2**40, "options": options} for name in ("c0", "c1")}
    return draw(st.sampled_from([json.dumps(record), "", "[]", "{", "null", '{"c0":{}}']))


def set_limit(container: Json, limit: object) -> None:
    """Give a container a memory limit, or take it away."""
    if limit is None:
        container.pop("resources", None)
    else:
        container["resources"] = {"limits": {"memory": limit}}


# What may be written very often, in one Pod.
_OFTEN = (1, 1, 1, 1, 2, 40)
_TEXTS = (
    "A+=(\"${A[@]}\")\n", "bash /scripts/start.sh\n", "redis-server --port 1 & ", "a; ",
    "f() { f; }; f\n", "include /etc/redis/redis.conf\n", "$(V0)$(V1)", "set -- \"$@\" x\n", "$((",
    "sh -c 'redis-server'\n", "cat <<E\n",
    "redis-cli config set maxmemory 1\n", "(", "'", "`", "\\",
)  # fmt: skip
_VARIABLE_VALUES = ("$(V0)$(V1)", "$(V1)x$(V2)", "--include /etc/redis/redis.conf", "$(", "$$", "")


def _often(draw: st.DrawFn, items: list[object]) -> list[object]:
    return items * draw(st.sampled_from(_OFTEN))


@st.composite
def unruly_pods(draw: st.DrawFn) -> Json:
    """A Pod with anything that is read, any of it very often: names, references and files meet."""
    pod: Json = draw(pods())
    spec = pod["spec"]
    assert isinstance(spec, dict)
    for container in spec["containers"]:
        _overdo(draw, container)
    spec["containers"] = [
        {**each, "name": f"c{number}"}
        for number, each in enumerate(_often(draw, spec["containers"]))
        if isinstance(each, dict)
    ]
    items = [{"key": key, "path": key} for key in ("redis.conf", "start.sh")]
    source: Json = {"name": "settings", "items": _often(draw, list(items))}
    volumes: list[object] = [
        {"name": "settings", "projected": {"sources": [{"configMap": source}]}}
    ]
    spec["volumes"] = [*(spec.get("volumes") or []), *_often(draw, volumes)]
    if draw(st.booleans()):
        record = draw(forged_records())
        pod["metadata"] = {**_mapping(pod["metadata"]), "annotations": {_INJECTED: record}}
    return pod


def _overdo(draw: st.DrawFn, container: Json) -> None:
    """Repeat what a container has, and give it texts, variables and mounts that refer to others."""
    env: list[object] = [
        {"name": f"V{number}", "value": draw(st.sampled_from(_VARIABLE_VALUES))}
        for number in range(draw(st.integers(0, 3)))
    ]
    container["env"] = _often(draw, [*_list(container.get("env")), *env])
    prefix = draw(st.sampled_from(["", "V", "REDIS_"]))
    sources = [{**source, "prefix": prefix} for source in _ENVIRONMENT_SOURCES]
    container["envFrom"] = _often(draw, draw(st.lists(st.sampled_from(sources), max_size=2)))
    mounts = draw(st.lists(st.sampled_from(_MOUNTS), max_size=3))
    container["volumeMounts"] = _often(draw, list(mounts))
    for field in ("command", "args"):
        container[field] = _often(draw, _list(container.get(field)))
    if draw(st.booleans()):
        texts = draw(st.lists(st.sampled_from(_TEXTS), min_size=1, max_size=3))
        text = "".join(texts) * draw(st.sampled_from(_OFTEN))
        container["command"] = ["sh", "-c", f"{text}exec redis-server"]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}
