"""The lean Go webhook, in the cluster: built, imported, served by as many Pods as ours."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.cluster.go_objects import (
    Configuration,
    Serving,
    configurations,
    never_called,
    serving_objects,
)
from tests.harness.build import go
from tests.harness.cache import CACHE, digest, made_once
from tests.harness.certificates import Identity, create_authority
from tests.harness.cluster import Cluster
from tests.harness.images import program_archive
from tests.harness.release import CONFIGURATIONS, NAME, Guard

SOURCES = Path(__file__).parent / "go"
_SERVICE = "lean-go-webhook"
_IMAGE = f"docker.io/library/{_SERVICE}:test"


@contextmanager
def go_webhook(
    cluster: Cluster, *, like: Guard, in_namespace: str, for_namespace: str, never_for: str
) -> Iterator[None]:
    """Serve in `in_namespace`, for Pods of `for_namespace` alone, and called for what ours is.

    Those of `never_for` have configurations, too, whose conditions are `false`.
    """
    cluster.import_image(_archive())
    with TemporaryDirectory() as name:
        authority = create_authority(Path(name) / "pki")
        host = f"{_SERVICE}.{in_namespace}.svc"
        pair = authority.issue("serving", Identity(name=host, hosts=(host,)))
        bundle, certificate, key = (
            base64.b64encode(file.read_bytes()).decode() for file in (authority.path, *pair)
        )
    serving = Serving(
        name=_SERVICE, namespace=in_namespace, image=_IMAGE, certificate=certificate, key=key
    )
    _apply(cluster, serving_objects(serving, like=_deployment(like)))
    rollout = ("rollout", "status", f"deployment/{_SERVICE}", f"--namespace={in_namespace}")
    cluster.kubectl(*rollout, "--timeout=120s")
    ours = _configurations(like)
    called = configurations(ours, serving, bundle=bundle, for_namespace=for_namespace)
    never = never_called(ours, serving, bundle=bundle, for_namespace=never_for)
    try:
        _apply(cluster, [*called, *never])
        yield
    finally:
        # Of no namespace: whatever was made of them would stay.
        names = {each["metadata"]["name"] for each in (*called, *never)}
        cluster.kubectl("delete", CONFIGURATIONS, *names, "--ignore-not-found")


def _archive() -> Path:
    program = CACHE / "bin" / f"{_SERVICE}-{digest(SOURCES)}"
    made_once(program, lambda directory: go("build", "-o", f"{directory}/", directory=SOURCES))
    return program_archive(program / _SERVICE, tag=_IMAGE)


def _deployment(guard: Guard) -> Any:
    (found,) = (each for each in guard.get("deployments") if each["metadata"]["name"] == NAME)
    return found


def _configurations(guard: Guard) -> Sequence[Configuration]:
    return [each for each in guard.get(CONFIGURATIONS) if each["metadata"]["name"] == NAME]


def _apply(cluster: Cluster, objects: Sequence[Mapping[str, object]]) -> None:
    document = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    cluster.kubectl("apply", "--filename=-", stdin=document)
