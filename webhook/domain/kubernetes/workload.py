"""The Pod that a workload would make, as far as its manifest tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from webhook.domain.kubernetes.fields import PodError

TemplatePath = tuple[str, ...]

_TEMPLATES: Mapping[str, TemplatePath] = {
    "Pod": (),
    "PodTemplate": ("template",),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
_USUAL_TEMPLATE: TemplatePath = ("spec", "template")
_USUAL_KINDS = frozenset(
    {"DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"}
)
_NO_OWNERS = frozenset({"Pod", "PodTemplate", "CronJob"})
"""Kinds whose Pods are not their own: a CronJob's are its Jobs'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A manifest of any kind, with the fields that name it."""

    kind: str
    name: str
    content: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class PodManifest:
    """A Pod manifest and where in the workload its `metadata` and `spec` stand."""

    template: TemplatePath
    content: Mapping[str, object]


def pod_manifest(workload: Workload, namespace: str) -> PodManifest | None:
    """Make the manifest of a workload's Pod, in `namespace`; None for what makes no Pod.

    Every kind counts whose `spec.template` holds containers, so that custom workloads are seen. A
    StatefulSet's volumeClaimTemplates become volumes, as its controller makes them
    (pkg/controller/statefulset: newPod, updateStorage). Raises PodError where the template of one
    of Kubernetes' own kinds is no object.
    """
    path = _TEMPLATES.get(workload.kind, _USUAL_TEMPLATE)
    try:
        template = _descend(workload.content, path)
        spec = None if template is None else _descend(template, ("spec",))
    except PodError:
        if workload.kind in _TEMPLATES or workload.kind in _USUAL_KINDS:
            raise
        return None
    if template is None or spec is None or "containers" not in spec:
        return None
    if workload.kind == "StatefulSet":
        spec = {**spec, "volumes": _volumes(workload, spec)}
    return PodManifest(template=path, content=_pod(workload, template, spec, namespace))


def _volumes(workload: Workload, spec: Mapping[str, object]) -> object:
    own = spec.get("volumes")
    claims = _names(_descend(workload.content, ("spec",)))
    if not claims or (own is not None and not isinstance(own, list)):
        return own
    others = [
        item
        for item in own or []
        if not isinstance(item, Mapping) or item.get("name") not in claims
    ]
    return others + [
        {"name": name, "persistentVolumeClaim": {"claimName": name}} for name in claims
    ]


def _names(spec: Mapping[str, object] | None) -> tuple[str, ...]:
    templates = spec.get("volumeClaimTemplates") if spec is not None else None
    if not isinstance(templates, Sequence):
        return ()
    named = [item.get("metadata") for item in templates if isinstance(item, Mapping)]
    names = [metadata.get("name") for metadata in named if isinstance(metadata, Mapping)]
    return tuple(name for name in names if isinstance(name, str))


def _pod(
    workload: Workload,
    template: Mapping[str, object],
    spec: Mapping[str, object],
    namespace: str,
) -> Mapping[str, object]:
    metadata = template.get("metadata")
    inherited = metadata if isinstance(metadata, Mapping) else {}
    own: dict[str, object] = {"name": workload.name, "namespace": namespace}
    if workload.kind not in _NO_OWNERS:
        own["ownerReferences"] = [
            {"kind": workload.kind, "name": workload.name, "controller": True}
        ]
    return {
        "metadata": {**inherited, **own},
        "spec": spec,
    }


def _descend(content: Mapping[str, object], path: TemplatePath) -> Mapping[str, object] | None:
    for depth, step in enumerate(path):
        inner = content.get(step)
        if inner is None:
            return None
        if not isinstance(inner, Mapping):
            raise PodError(".".join(path[: depth + 1]), "must be an object")
        content = cast("Mapping[str, object]", inner)
    return content
