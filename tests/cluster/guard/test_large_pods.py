"""The largest Pods that the API server takes: any tenant can send one, and none may cost much."""

import json
import time
from typing import Any

import pytest

from tests.cluster.guard.calls import calls
from tests.cluster.guard.creates import create_many
from tests.harness.manifests import Json, apply, container, pod
from tests.harness.release import Guard

pytestmark = pytest.mark.cluster

SECONDS = 3.0
"""Above what kubectl itself and the API server take for such a Pod on a busy machine; the
quadratic condition that was measured once took 9 s.
"""
APP = "registry.example.com/app:1"


def many_arguments(image: str) -> Json:
    return container(name="main", image=image, args=[f"--option-{n}" for n in range(50_000)])


LARGE = {
    "50,000 arguments": pod("large", many_arguments(APP)),
    "50,000 arguments of a server": pod("large", many_arguments("redis:7")),
    "3,000 containers": pod(
        "large", *(container(name=f"c{n}", image=APP, limit="16Mi") for n in range(3_000))
    ),
    "3,000 containers, the last a server": pod(
        "large",
        *(container(name=f"c{n}", image=APP, limit="16Mi") for n in range(2_999)),
        container(),
    ),
    "one argument of 1.4 MB": pod("large", container(image=APP, args=["redis-" * 233_000])),
    "one argument of 1.4 MB that ends in a server": pod(
        "large", container(image=APP, args=["sh", "-c", "true; " * 233_000 + "redis-server"])
    ),
}

TOO_LARGE = {
    "just over what is read": pod("large", container(args=["<" * 530_000])),
    "almost 3 MiB, sent as six times that": pod("large", container(args=["<" * 3_000_000])),
    "80,000 volumes": pod("large", container(), volumes=[{"name": "data"}] * 80_000),
}


@pytest.mark.parametrize("name", LARGE)
def test_a_large_pod_is_evaluated_in_time(guard: Guard, namespace: str, name: str) -> None:
    before = calls(guard.cluster)

    refusal, seconds = _create(guard, namespace, LARGE[name])

    called = {each: count - before.get(each, 0) for each, count in calls(guard.cluster).items()}
    is_server = "server" in name
    assert seconds < SECONDS
    assert "cost" not in refusal
    assert called.get("inject", 0) == int(is_server)
    assert is_server or refusal == ""


@pytest.mark.parametrize("name", TOO_LARGE)
def test_as_large_a_review_as_the_api_server_sends_is_answered(
    guard: Guard, namespace: str, name: str
) -> None:
    # kubectl itself would write `<` as six characters
    (refusal,) = create_many(guard.cluster, namespace, [TOO_LARGE[name]], 1)

    assert 'denied the request: container "*": it is not read' in refusal


def test_a_large_pod_is_changed_in_time(guard: Guard, namespace: str) -> None:
    held = many_arguments(APP)
    apply(guard.cluster, namespace, pod("large", held, schedulerName="nobody"), "--server-side")
    before = calls(guard.cluster)
    where = ("pod/large", f"--namespace={namespace}")

    began = time.monotonic()
    guard.cluster.kubectl("label", *where, "touched=yes")
    labelled = time.monotonic()
    guard.cluster.kubectl("set", "image", *where, "main=registry.example.com/app:2")
    changed = time.monotonic()

    assert labelled - began < SECONDS
    assert changed - labelled < SECONDS
    assert calls(guard.cluster) == before


def _create(guard: Guard, namespace: str, manifest: Any) -> tuple[str, float]:
    """Create as a dry run; return the refusal, if it is one, and how long it took."""
    began = time.monotonic()
    done = guard.cluster.kubectl(
        *("create", f"--namespace={namespace}", "--filename=-", "--dry-run=server"),
        *("--output=name", "--validate=false"),
        stdin=json.dumps(manifest),
        check=False,
    )
    return ("" if done.returncode == 0 else done.stderr), time.monotonic() - began
