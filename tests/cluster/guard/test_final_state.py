"""What other actors do to a Pod, before us, after us and to a running one: no ceiling is undone."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.guard.meddler import ANNOTATION, configuration, meddling
from tests.harness.cluster import Cluster
from tests.harness.command import Output
from tests.harness.guard_image import REPOSITORY_NAME, TAG
from tests.harness.manifests import (
    Json,
    apply,
    args_of,
    container,
    create_dry,
    pod,
    read,
    set_image,
    wait_ready,
)
from tests.harness.release import Guard
from tests.harness.waiting import eventually

pytestmark = pytest.mark.cluster

MAXMEMORY = {"64Mi": "37748736", "128Mi": "92274688"}
UNDONE = 'admission webhook "validate.redis-memory-guard.dev" denied the request: container "{}": '
KEEPS = (
    'container "redis" keeps its maxmemory of 88Mi under its new limit of 256Mi until its Pod is '
    "created anew, which gives it 192Mi"
)
SLEEP = ["python3", "-c", "import time; time.sleep(3600)"]


def sleeper() -> Json:
    """A container that is no Redis, of an image that is there; no other is fetched for it."""
    image = f"{REPOSITORY_NAME}:{TAG}"
    return container(name="main", image=image, command=SLEEP, imagePullPolicy="Never")


@pytest.fixture
def meddler(guard: Guard, namespace: str, tmp_path: Path) -> Iterator[None]:
    """Somebody else's mutating webhook, called after ours for the Pods of this namespace."""
    cluster = guard.cluster
    if cluster.audit_log is None:
        pytest.skip("its API server cannot call back: needs the node of `make cluster-up`")
    with meddling(cluster, tmp_path) as certificate:
        document = configuration(certificate, namespace)
        cluster.kubectl("create", "--filename=-", stdin=json.dumps(document))
        try:
            eventually(lambda: _meddles(cluster, namespace), what="the meddler")
            yield
        finally:
            cluster.kubectl("delete", "mutatingwebhookconfiguration", "zzz-meddler")


def test_a_limit_that_a_limit_range_gives_counts(guard: Guard, namespace: str) -> None:
    limits = {"type": "Container", "default": {"memory": "64Mi"}}
    apply(guard.cluster, namespace, _object("LimitRange", "defaults", limits=[limits]))

    created = create_dry(guard.cluster, namespace, pod("cart", container(limit=None)))

    assert _maxmemory(args_of(created)) == MAXMEMORY["64Mi"]


def test_a_limit_of_the_pod_counts(guard: Guard, namespace: str) -> None:
    limited = pod("cart", container(limit=None), resources={"limits": {"memory": "128Mi"}})

    created = create_dry(guard.cluster, namespace, limited)

    assert _maxmemory(args_of(created)) == MAXMEMORY["128Mi"]


def test_a_running_container_cannot_become_a_redis_without_a_ceiling(
    guard: Guard, namespace: str
) -> None:
    main = container(name="main", image="nginx:1.27", imagePullPolicy="Never")
    apply(guard.cluster, namespace, pod("cart", main))

    harmless = set_image(guard.cluster, namespace, "main=nginx:1.28")
    swapped = set_image(guard.cluster, namespace, "main=redis:7")

    assert harmless.returncode == 0
    assert UNDONE.format("main") in swapped.stderr


def test_a_running_container_that_only_sleeps_may_have_any_image(
    guard: Guard, namespace: str
) -> None:
    apply(guard.cluster, namespace, pod("cart", sleeper()))

    swapped = set_image(guard.cluster, namespace, "main=redis:7")

    assert swapped.returncode == 0


def test_a_resize_may_not_undercut_the_ceiling(
    guard: Guard, namespace: str, redis_image: str
) -> None:
    server = container(image=redis_image, limit="128Mi")
    apply(guard.cluster, namespace, pod("cart", server))
    wait_ready(guard.cluster, namespace, "cart")

    smaller, larger, back = (
        _resize(guard, namespace, {"containers": [{"name": "redis", **_limits(limit)}]})
        for limit in ("96Mi", "256Mi", "128Mi")
    )

    assert UNDONE.format("redis") in smaller.stderr
    assert (larger.returncode, back.returncode, back.stderr) == (0, 0, "")
    assert larger.stderr == f"Warning: {KEEPS}\n"


def test_a_resize_of_the_pods_own_limit_may_not_undercut_it_either(
    guard: Guard, namespace: str, redis_image: str
) -> None:
    server = container(image=redis_image, limit=None)
    apply(guard.cluster, namespace, pod("cart", server, **_limits("128Mi")))
    wait_ready(guard.cluster, namespace, "cart")

    smaller, larger = (_resize(guard, namespace, _limits(each)) for each in ("96Mi", "256Mi"))

    assert UNDONE.format("redis") in smaller.stderr
    assert (larger.returncode, larger.stderr) == (0, f"Warning: {KEEPS}\n")


def test_a_later_webhook_that_changes_the_limit_is_followed(
    guard: Guard, namespace: str, meddler: None
) -> None:
    path = "/spec/containers/0/resources/limits/memory"
    lowered = [{"op": "replace", "path": path, "value": "64Mi"}]

    created = create_dry(guard.cluster, namespace, _meddled(container(limit="128Mi"), lowered))

    args = args_of(created)
    assert args.count("--maxmemory") == 1
    assert _maxmemory(args) == MAXMEMORY["64Mi"]


def test_a_later_webhook_that_makes_it_a_redis_is_refused(
    guard: Guard, namespace: str, meddler: None
) -> None:
    swapped = [{"op": "replace", "path": "/spec/containers/0/image", "value": "redis:7"}]

    created = create_dry(guard.cluster, namespace, _meddled(container(image="nginx"), swapped))

    assert UNDONE.format("redis") in created.stderr


def test_a_later_webhook_that_adds_a_redis_is_refused(
    guard: Guard, namespace: str, meddler: None
) -> None:
    sidecar = container(name="sidecar", limit=None)
    added = [{"op": "add", "path": "/spec/containers/-", "value": sidecar}]

    created = create_dry(guard.cluster, namespace, _meddled(container(image="nginx"), added))

    assert UNDONE.format("sidecar") in created.stderr


def test_a_later_webhook_that_takes_the_ceiling_away_has_no_last_word(
    guard: Guard, namespace: str, meddler: None
) -> None:
    emptied = [{"op": "replace", "path": "/spec/containers/0/args", "value": ["redis-server"]}]

    created = create_dry(
        guard.cluster, namespace, _meddled(container(args=["redis-server"]), emptied)
    )

    assert _maxmemory(args_of(created)) == MAXMEMORY["64Mi"]


def test_debugging_with_a_redis_image_works(guard: Guard, namespace: str, redis_image: str) -> None:
    apply(guard.cluster, namespace, pod("cart", sleeper()))
    wait_ready(guard.cluster, namespace, "cart")

    debugged = guard.cluster.kubectl(
        *("debug", "pod/cart", f"--namespace={namespace}", f"--image={redis_image}"),
        *("--container=debugger", "--profile=general", "--", "redis-cli", "--version"),
    )

    assert debugged.returncode == 0
    (debugger,) = read(guard.cluster, namespace, "pod/cart")["spec"]["ephemeralContainers"]
    assert debugger["image"] == redis_image


def test_a_dry_run_leaves_no_trace(guard: Guard, namespace: str) -> None:
    created = create_dry(guard.cluster, namespace, pod("cart"))

    assert _maxmemory(args_of(created)) == MAXMEMORY["64Mi"]
    assert read(guard.cluster, namespace, "pods")["items"] == []
    assert read(guard.cluster, namespace, "events")["items"] == []


@pytest.mark.parametrize(
    "annotations",
    [
        {"redis-memory-guard.dev/exempt": "true"},
        {
            "redis-memory-guard.dev/injected": json.dumps(
                {"redis": {"options": ["--maxmemory", "999999999"]}}
            )
        },
        {"redis-memory-guard.dev/headroom": "0%"},
        {"kubernetes.io/config.mirror": "forged"},
    ],
    ids=["exempt", "injected", "headroom", "mirror"],
)
def test_a_forged_annotation_gains_nothing(
    guard: Guard, namespace: str, annotations: dict[str, str]
) -> None:
    # The API server takes the mirror's annotation only of a Pod that has its node.
    forged = pod("cart", nodeName="node")
    forged["metadata"]["annotations"] = annotations

    created = create_dry(guard.cluster, namespace, forged)

    assert _maxmemory(args_of(created)) == MAXMEMORY["64Mi"]


def test_a_tenants_labels_exempt_nothing(guard: Guard, namespace: str) -> None:
    labels = ("redis-memory-guard.dev/exempt=true", "control-plane=true", "admission=ignore")
    guarded = ("redis-memory-guard.dev/guarded=true",)
    guard.cluster.kubectl("label", "namespace", namespace, *labels)
    named = ("label", "namespace", namespace, "--overwrite")
    guard.cluster.kubectl(*named, "kubernetes.io/metadata.name=kube-system", check=False)
    labelled = pod("cart")
    labelled["metadata"]["labels"] = dict(label.split("=") for label in (*labels, *guarded))

    created = create_dry(guard.cluster, namespace, labelled)

    assert _maxmemory(args_of(created)) == MAXMEMORY["64Mi"]


def test_pods_of_before_the_installation_go_on(
    guard: Guard, namespace: str, redis_image: str
) -> None:
    cluster = guard.cluster
    guard.uninstall()
    try:
        apply(cluster, namespace, pod("cart", container(image=redis_image, limit=None)))
        wait_ready(cluster, namespace, "cart")
    finally:
        guard.install()
    where = ("pod/cart", f"--namespace={namespace}")
    finalizers = {"metadata": {"finalizers": ["example.com/held"]}}

    cluster.kubectl("label", *where, "touched=yes")
    cluster.kubectl("annotate", *where, "touched=yes")
    cluster.kubectl("patch", *where, f"--patch={json.dumps(finalizers)}")
    condition = {"status": {"conditions": [{"type": "example.com/Seen", "status": "True"}]}}
    cluster.kubectl("patch", *where, "--subresource=status", f"--patch={json.dumps(condition)}")
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": "cart", "namespace": namespace},
    }
    path = f"/api/v1/namespaces/{namespace}/pods/cart/eviction"
    cluster.kubectl("create", f"--raw={path}", "--filename=-", stdin=json.dumps(eviction))
    released = {"metadata": {"finalizers": None}}
    cluster.kubectl("patch", *where, f"--patch={json.dumps(released)}")

    cluster.kubectl("wait", "--for=delete", *where, "--timeout=60s")
    assert read(cluster, namespace, "pods")["items"] == []


def _limits(memory: str) -> Json:
    return {"resources": {"limits": {"memory": memory}}}


def _resize(guard: Guard, namespace: str, spec: Json) -> Output:
    """Resize the Pod in place; refusals and warnings are on the output's stderr."""
    return guard.cluster.kubectl(
        *("patch", "pod/cart", f"--namespace={namespace}", "--subresource=resize"),
        f"--patch={json.dumps({'spec': spec})}",
        check=False,
    )


def _object(kind: str, name: str, **spec: object) -> Json:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def _meddled(server: Json, patch: list[Json]) -> Json:
    manifest = pod("cart", server)
    manifest["metadata"]["annotations"] = {ANNOTATION: json.dumps(patch)}
    return manifest


def _meddles(cluster: Cluster, namespace: str) -> bool:
    path = "/metadata/labels/met"
    patch = [{"op": "add", "path": path, "value": "yes"}]
    created = create_dry(cluster, namespace, _meddled(container(image="nginx"), patch))
    return '"met": "yes"' in created.stdout


def _maxmemory(args: object) -> str:
    assert isinstance(args, list)
    value: str = args[args.index("--maxmemory") + 1]
    return value
