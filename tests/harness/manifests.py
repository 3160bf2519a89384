"""Redis, as people write it."""

import json
from collections.abc import Sequence
from typing import Any

from tests.harness.cluster import Cluster
from tests.harness.command import Output

Json = dict[str, Any]


def container(
    *, name: str = "redis", image: str = "redis:7", limit: str | None = "64Mi", **fields: object
) -> Json:
    """A container; it asks for little memory and no CPU, of which a test machine has little."""
    resources: Json = {"requests": {"memory": "16Mi"}}
    if limit is not None:
        resources["limits"] = {"memory": limit}
    return {"name": name, "image": image, "resources": resources, **fields}


def pod(name: str, *containers: Json, metadata: Json | None = None, **spec: object) -> Json:
    """A Pod that ends quickly when it is deleted; without containers one bare Redis."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}, **(metadata or {})},
        "spec": {
            "terminationGracePeriodSeconds": 1,
            "containers": list(containers) or [container()],
            **spec,
        },
    }


def deployment(name: str, *containers: Json) -> Json:
    template = pod(name, *containers)
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": template["spec"],
            },
        },
    }


def apply(
    cluster: Cluster, namespace: str, manifest: Json, *options: str, check: bool = True
) -> Output:
    """Apply one manifest; warnings and refusals are on the output's stderr."""
    arguments = ("apply", f"--namespace={namespace}", "--filename=-", *options)
    return cluster.kubectl(*arguments, stdin=json.dumps(manifest), check=check)


def create_dry(cluster: Cluster, namespace: str, manifest: Json) -> Output:
    """Create as a server-side dry run; stdout is the object as it would be, or empty."""
    arguments = ("create", f"--namespace={namespace}", "--filename=-", "--dry-run=server")
    document = json.dumps(manifest)
    return cluster.kubectl(*arguments, "--output=json", stdin=document, check=False)


def read(cluster: Cluster, namespace: str, what: str) -> Any:
    found = cluster.kubectl("get", f"--namespace={namespace}", what, "--output=json")
    return json.loads(found.stdout)


def execute(cluster: Cluster, namespace: str, target: str, *argv: str) -> str:
    command = ("exec", f"--namespace={namespace}", target, "--", *argv)
    return cluster.kubectl(*command).stdout.strip()


def wait_ready(cluster: Cluster, namespace: str, name: str) -> None:
    waiting = ("wait", f"--namespace={namespace}", "--for=condition=Ready", f"pod/{name}")
    cluster.kubectl(*waiting, "--timeout=240s")


def dry_run(cluster: Cluster, namespace: str, manifest: Json) -> Any:
    """The Pod's spec as it would be. Fails where it is refused."""
    created = create_dry(cluster, namespace, manifest)
    assert created.returncode == 0, created.stderr
    return json.loads(created.stdout)["spec"]


def set_image(cluster: Cluster, namespace: str, image: str) -> Output:
    """Change an image of the Pod `cart`, `CONTAINER=IMAGE`; it may be refused."""
    change = ("set", "image", "pod/cart", f"--namespace={namespace}", image)
    return cluster.kubectl(*change, check=False)


def maxmemory_of(container: Json) -> str | None:
    """The ceiling that a container's args give its server; None without one."""
    args = container.get("args", [])
    return args[args.index("--maxmemory") + 1] if "--maxmemory" in args else None


def args_of(created: Output) -> Sequence[str]:
    """The args of the one container of what `create_dry` printed."""
    assert created.returncode == 0, created.stderr
    (found,) = json.loads(created.stdout)["spec"]["containers"]
    args: list[str] = found.get("args", [])
    return args
