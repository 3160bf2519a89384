"""The Pods of a trial: a server with its loader, as deployed and as the webhook would make it."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import jsonpatch

from webhook.admission.patch import pod_patch
from webhook.domain.evaluation.evaluate import evaluate
from webhook.domain.evaluation.outcome import Outcome
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.policy.annotations import INJECTED
from webhook.domain.policy.settings import Policy
from webhook.trials.workload import Load

SERVER = "redis"
LOADER = "loader"
_DATA = "/data"
_LOADER_MEMORY = "64Mi"
_SPARE_SECONDS = 900

Manifest = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A Pod with what the webhook injects, and the evaluation of its server."""

    manifest: Manifest
    outcome: Outcome


def trial_pod(
    name: str,
    *,
    image: str,
    limit: str,
    load: Load,
    options: tuple[str, ...] = (),
    volume: Manifest | None = None,
) -> Manifest:
    """Make the Pod of a server and its loader.

    `options` follow the workload's own. `volume` holds the data where the workload asks for a
    volume; without it that is an emptyDir on disk. The server asks for no CPU, which trials have no
    right to; its memory is requested in full, so that no neighbour's need ends it first.
    """
    server: dict[str, object] = {
        "name": SERVER,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "resources": {"limits": {"memory": limit}},
    }
    if arguments := [*load.workload.options, *options]:
        server["args"] = arguments
    spec: dict[str, object] = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 0,
        # Should nobody be left to delete it.
        "activeDeadlineSeconds": load.seconds + _SPARE_SECONDS,
    }
    if load.workload.on_volume:
        server["volumeMounts"] = [{"name": "data", "mountPath": _DATA}]
        spec["volumes"] = [{"name": "data", **(volume or {"emptyDir": {}})}]
    spec["containers"] = [server, _loader(image, load)]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def guard(manifest: Manifest, policy: Policy, *, namespace: str = "") -> Guarded:
    """Change a trial Pod as the webhook does, by the same evaluation and the same patch."""
    evaluation = evaluate(parse_pod(manifest, namespace=namespace), policy)
    outcome = next(each for each in evaluation.outcomes if each.container.name == SERVER)
    patched = jsonpatch.apply_patch(manifest, list(pod_patch(evaluation)))
    return Guarded(manifest=patched, outcome=outcome)


def is_injected(manifest: Manifest) -> bool:
    """Tell whether the webhook of a cluster has been at a Pod that was sent without it."""
    return INJECTED in (manifest["metadata"].get("annotations") or {})


def _loader(image: str, load: Load) -> Manifest:
    script = files("webhook.trials").joinpath("load.sh").read_text()
    environment = {
        "PLATEAU_SECONDS": str(load.seconds),
        "PLATEAU_BYTES_A_SECOND": str(load.bytes_a_second),
        "PLATEAU_KEYS": str(load.keys),
        "PLATEAU_WRITES": load.workload.writes,
        "PLATEAU_REPEATEDLY": load.workload.repeatedly,
    }
    return {
        "name": LOADER,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", script],
        "env": [{"name": name, "value": value} for name, value in environment.items()],
        "resources": {"limits": {"memory": _LOADER_MEMORY}},
    }
