"""Pods that ask for far more work than their size: each kind by name, growing with `n`."""

import json
from collections.abc import Callable, Mapping
from typing import Any

Json = dict[str, Any]
Hostile = tuple[Json, Mapping[str, Mapping[str, str]]]
"""A Pod, and the ConfigMaps of its namespace."""

_LIMITED = {"limits": {"memory": "512Mi"}}


def _pod(*containers: Json, **spec: Any) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "hostile", "namespace": "shop"},
        "spec": {"containers": list(containers), **spec},
    }


def _redis(name: str = "redis", **fields: Any) -> Json:
    return {"name": name, "image": "redis:7", "resources": _LIMITED, **fields}


def _with_files(
    container: Json, files: Mapping[str, str], mounts: int = 1, **volume: Any
) -> Hostile:
    container["volumeMounts"] = [
        {"name": "files", "mountPath": f"/etc/{'x' * at}files"} for at in range(mounts)
    ]
    volumes = [{"name": "files", "configMap": {"name": "files", **volume}}]
    return _pod(container, volumes=volumes), {"files": dict(files)}


def _shell(text: str, **fields: Any) -> Json:
    return _redis(command=["sh", "-c", text], **fields)


def variables_that_double(n: int) -> Hostile:
    env = [{"name": "V0", "value": "x"}]
    env += [{"name": f"V{at + 1}", "value": f"$(V{at})$(V{at})"} for at in range(n)]
    return _pod(_redis(env=env, args=["--appendonly", f"$(V{n})"])), {}


def variables_a_hundredfold(n: int) -> Hostile:
    env = [{"name": "V0", "value": "x" * 100}]
    env += [{"name": f"V{at + 1}", "value": f"$(V{at})" * 100} for at in range(n)]
    return _pod(_redis(env=env)), {}


def a_file_that_includes_itself(n: int) -> Hostile:
    text = "include /etc/files/redis.conf\n" * n
    return _with_files(_redis(args=["/etc/files/redis.conf"]), {"redis.conf": text})


def files_that_include_one_another(n: int) -> Hostile:
    files = {f"{at}.conf": f"include /etc/files/{at + 1}.conf\n" * 3 for at in range(n)}
    return _with_files(_redis(args=["/etc/files/0.conf"]), files)


def arrays_that_double(n: int) -> Hostile:
    text = "A=(x)\n" + 'A+=("${A[@]}")\n' * n + 'exec redis-server "${A[@]}"'
    return _pod(_shell(text)), {}


def a_script_called_again_and_again(n: int) -> Hostile:
    script = "echo waiting\n" * 700
    return _with_files(_shell("bash /etc/files/run.sh\n" * n), {"run.sh": script})


def shells_that_run_their_parameters(n: int) -> Hostile:
    command = ["sh", "-c", 'exec "$@"', "sh"] * n
    return _pod(_redis(command=[*command, "redis-server"])), {}


def entrypoints_in_a_row(n: int) -> Hostile:
    return _pod(_redis(command=["docker-entrypoint.sh"] * n + ["redis-server"])), {}


def containers_under_the_limit_of_a_pod(n: int) -> Hostile:
    containers = [{"name": f"c{at}", "image": "redis:7"} for at in range(n)]
    return _pod(*containers, resources={"limits": {"memory": "64Gi"}}), {}


def a_forged_record(n: int) -> Hostile:
    variants = [["--maxmemory", str(at)] for at in range(n)]
    record = {"redis": {"options": variants[0], "otherOptions": variants}}
    pod = _pod(_redis(args=["--port", "1"] * n))
    pod["metadata"]["annotations"] = {"redis-memory-guard.dev/injected": json.dumps(record)}
    return pod, {}


def includes_over_many_mounts(n: int) -> Hostile:
    text = "".join(f"include /etc/files/{at}.conf\n" for at in range(n))
    return _with_files(_redis(args=["/etc/files/redis.conf"]), {"redis.conf": text}, mounts=n)


def includes_over_many_items(n: int) -> Hostile:
    text = "".join(f"include /etc/files/{at}.conf\n" for at in range(n))
    items = [{"key": str(at), "path": f"{at}.conf"} for at in range(n)]
    items.append({"key": "redis.conf", "path": "redis.conf"})
    container = _redis(args=["/etc/files/redis.conf"])
    return _with_files(container, {"redis.conf": text}, items=items)


def prefixes_and_references(n: int) -> Hostile:
    sources = [{"prefix": "p" * at, "secretRef": {"name": "s"}} for at in range(1, n)]
    args = [f"$(q{at})" for at in range(n)]
    return _pod(_redis(envFrom=sources, args=["redis-server", *args])), {}


def config_maps_as_variables(n: int) -> Hostile:
    sources = [{"prefix": f"P{at}_", "configMapRef": {"name": "files"}} for at in range(n)]
    return _pod(_redis(envFrom=sources)), {"files": {f"k{at}": "v" for at in range(500)}}


def many_shell_texts(n: int) -> Hostile:
    text = "a;" * 8000 + "exec redis-server"
    return _pod(*(_shell(text, name=f"c{at}") for at in range(n))), {}


def many_servers(n: int) -> Hostile:
    return _pod(*(_redis(name=f"c{at}") for at in range(n))), {}


def many_starts_in_a_text(n: int) -> Hostile:
    return _pod(_shell("redis-server --port 1 & " * n + "wait")), {}


def shells_within_shells(n: int) -> Hostile:
    text = "redis-server"
    for _ in range(min(n, 12)):
        text = "sh -c " + json.dumps(text)
    return _pod(_shell(f"{text}; " * n)), {}


def functions_that_call_one_another(n: int) -> Hostile:
    bodies = "".join(f"f{at + 1}() {{ f{at}; f{at}; }}\n" for at in range(n))
    return _pod(_shell(f"f0() {{ redis-server & }}\n{bodies}f{n}\nwait")), {}


def limits_as_variables(n: int) -> Hostile:
    source = {"resourceFieldRef": {"containerName": "redis", "resource": "limits.memory"}}
    env = [{"name": f"V{at}", "valueFrom": source} for at in range(n)]
    others = [{"name": f"c{at}", "image": "busybox"} for at in range(n)]
    return _pod(_redis(env=env), *others), {}


def servers_beside_long_commands(n: int) -> Hostile:
    others = [{"name": f"c{at}", "args": ["config " * 2048]} for at in range(n)]
    return _pod(*(_redis(name=f"r{at}") for at in range(n)), *others), {}


def servers_beside_many_variables(n: int) -> Hostile:
    env = [{"name": f"V{at}", "value": "maxmemory"} for at in range(8)]
    others = [{"name": f"c{at}", "image": "busybox", "env": env} for at in range(n)]
    return _pod(*(_redis(name=f"r{at}") for at in range(n)), *others), {}


def servers_over_long_volumes(n: int) -> Hostile:
    items = [{"key": str(at), "path": f"{at}.conf"} for at in range(n)]
    mounts = [{"name": f"v{at}", "mountPath": "/etc/files"} for at in range(n)]
    container = _redis(args=["/etc/files/redis.conf"], volumeMounts=mounts)
    source = {"configMap": {"name": "files", "items": items}}
    volumes = [{"name": f"v{at}", "projected": {"sources": [source]}} for at in range(n)]
    return _pod(container, volumes=volumes), {"files": {"redis.conf": "maxmemory 1gb"}}


def containers_that_run_one_long_script(n: int) -> Hostile:
    mounts = [{"name": "files", "mountPath": "/etc/files"}]
    args = ["/etc/files/run.sh"] * 8
    containers = [{"name": f"c{at}", "args": args, "volumeMounts": mounts} for at in range(n)]
    volumes = [{"name": "files", "configMap": {"name": "files"}}]
    return _pod(*containers, volumes=volumes), {"files": {"run.sh": "x-server " * 100_000}}


def everything_at_once(n: int) -> Hostile:
    share = max(1, n // 8)
    pods = [kind(share) for kind in (prefixes_and_references, many_starts_in_a_text)]
    pods += [kind(share) for kind in (variables_that_double, includes_over_many_mounts)]
    pods += [kind(share) for kind in (entrypoints_in_a_row, functions_that_call_one_another)]
    containers = [
        {**container, "name": f"c{at}"}
        for at, (pod, _) in enumerate(pods)
        for container in pod["spec"]["containers"]
    ]
    volumes = [{"name": "files", "configMap": {"name": "files"}}]
    files = {name: data for _, config_maps in pods for name, data in config_maps.items()}
    return _pod(*containers, volumes=volumes), files


KINDS: Mapping[str, Callable[[int], Hostile]] = {
    kind.__name__: kind
    for kind in (
        variables_that_double,
        variables_a_hundredfold,
        a_file_that_includes_itself,
        files_that_include_one_another,
        arrays_that_double,
        a_script_called_again_and_again,
        shells_that_run_their_parameters,
        entrypoints_in_a_row,
        containers_under_the_limit_of_a_pod,
        a_forged_record,
        includes_over_many_mounts,
        includes_over_many_items,
        prefixes_and_references,
        config_maps_as_variables,
        many_shell_texts,
        many_servers,
        many_starts_in_a_text,
        shells_within_shells,
        functions_that_call_one_another,
        limits_as_variables,
        servers_beside_long_commands,
        servers_beside_many_variables,
        servers_over_long_volumes,
        containers_that_run_one_long_script,
        everything_at_once,
    )
}
