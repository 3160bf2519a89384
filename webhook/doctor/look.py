"""One look at an installation: what can be read of it, each part for itself."""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from prometheus_client.parser import text_string_to_metric_families

from webhook import __version__
from webhook.cluster.connection import ClusterError
from webhook.cluster.exempt_namespaces import exempt_namespaces
from webhook.cluster.reading import Item
from webhook.cluster.release_objects import ReleaseReader
from webhook.doctor.find_release import pod_selector
from webhook.doctor.installation import (
    Component,
    Endpoints,
    Hook,
    Installation,
    Release,
    Side,
    Trial,
    Unread,
    WebhookReplica,
)
from webhook.trials.admission import DryRunAnswer, decode_created, limited_pod, unlimited_pod

_Read = TypeVar("_Read")
_POLICY_INFO = "redis_memory_guard_policy_info"


def look_at(
    reader: ReleaseReader, release: Release, *, api_server_version: str, trial_namespace: str
) -> Installation:
    """Read everything that belongs to a release, and create the two Pods as dry runs.

    What may not be read is Unread, and nothing else suffers from it.
    """
    namespace, name = release.namespace, release.name
    return Installation(
        program_version=__version__,
        api_server_version=api_server_version,
        release=release,
        replicas=_tried(lambda: _replicas(reader, release)),
        endpoints=_tried(lambda: _endpoints(reader.endpoint_slices(namespace, name))),
        mutating=_tried(lambda: _hooks(reader.mutating_configuration(name), Side.MUTATING)),
        validating=_tried(lambda: _hooks(reader.validating_configuration(name), Side.VALIDATING)),
        serving_chain=_tried(lambda: _chain(reader.secret(namespace, release.serving_secret))),
        policy_text=_tried(lambda: _policy(reader.config_map(namespace, f"{name}-policy"))),
        may_read_config_maps=_tried(
            lambda: reader.may_read_config_maps(
                f"system:serviceaccount:{namespace}:{release.service_account}"
            )
        ),
        certificate_process=_tried(lambda: _component(reader, release, f"{name}-certs")),
        audit=_tried(lambda: _component(reader, release, f"{name}-audit")),
        trial=_tried(lambda: _trial(reader, trial_namespace)),
    )


def _tried(read: Callable[[], _Read]) -> _Read | Unread:
    try:
        return read()
    except ClusterError as error:
        return Unread(why=str(error))


def _replicas(reader: ReleaseReader, release: Release) -> tuple[WebhookReplica, ...]:
    pods = reader.pods(release.namespace, release.selector)
    return tuple(
        _replica(reader, each) for each in pods if "deletionTimestamp" not in each["metadata"]
    )


def _replica(reader: ReleaseReader, pod: Item) -> WebhookReplica:
    metadata = pod["metadata"]
    is_ready = _conditions(pod).get("Ready", {}).get("status") == "True"
    return WebhookReplica(
        name=metadata["name"],
        is_ready=is_ready,
        version=metadata.get("labels", {}).get("app.kubernetes.io/version", ""),
        policy_hash=(metadata.get("annotations") or {}).get("checksum/policy", ""),
        policy_in_force=_policy_in_force(reader, pod) if is_ready else "",
        problem=next(_problems(pod), ""),
    )


def _policy_in_force(reader: ReleaseReader, pod: Item) -> str:
    """Ask a replica which policy it read; empty where that is not allowed, or not answered."""
    metadata, port = pod["metadata"], next(_metrics_ports(pod), None)
    if port is None:
        return ""
    try:
        told = reader.pod_metrics(metadata["namespace"], metadata["name"], port)
        families = list(text_string_to_metric_families(told))
    except (ClusterError, ValueError):
        return ""
    samples = (each for family in families for each in family.samples)
    found = (each.labels["sha256"] for each in samples if each.name == _POLICY_INFO)
    return next(found, "")


def _metrics_ports(pod: Item) -> Iterator[int]:
    for container in pod["spec"]["containers"]:
        for port in container.get("ports") or ():
            if port.get("name") == "metrics":
                yield port["containerPort"]


def _conditions(pod: Item) -> Mapping[str, Item]:
    status = pod.get("status") or {}
    return {each["type"]: each for each in status.get("conditions") or ()}


def _problems(pod: Item) -> Iterator[str]:
    status = pod.get("status") or {}
    for container in status.get("containerStatuses") or ():
        waiting = (container.get("state") or {}).get("waiting") or {}
        if waiting.get("reason", "ContainerCreating") != "ContainerCreating":
            yield ": ".join(filter(None, (waiting.get("reason"), waiting.get("message"))))
    scheduled = _conditions(pod).get("PodScheduled", {})
    if scheduled.get("status") == "False":
        yield f"not scheduled: {scheduled.get('message', '')}"


def _endpoints(slices: tuple[Item, ...]) -> Endpoints:
    found = [each for part in slices for each in part.get("endpoints") or ()]
    # nothing said counts as ready: EndpointConditions, API reference
    ready = [each for each in found if (each.get("conditions") or {}).get("ready") is not False]
    return Endpoints(ready=len(ready), all=len(found))


def _hooks(configuration: Item | None, side: Side) -> tuple[Hook, ...] | None:
    if configuration is None:
        return None
    return tuple(_hook(each, side) for each in configuration.get("webhooks") or ())


def _hook(webhook: Item, side: Side) -> Hook:
    connection = webhook["clientConfig"]
    service = connection.get("service")
    return Hook(
        side=side,
        name=webhook["name"],
        service=f"{service['namespace']}/{service['name']}" if service else connection["url"],
        failure_policy=webhook.get("failurePolicy", ""),
        bundle=_decoded(connection.get("caBundle", "")),
        exempt_namespaces=tuple(exempt_namespaces(webhook)),
    )


def _chain(secret: Item | None) -> bytes | None:
    encoded = ((secret or {}).get("data") or {}).get("tls.crt", "")
    return _decoded(encoded) or None


def _policy(config_map: Item | None) -> str | None:
    return ((config_map or {}).get("data") or {}).get("policy.yaml")


def _component(reader: ReleaseReader, release: Release, name: str) -> Component | None:
    namespace = release.namespace
    listed = reader.deployments(namespace, f"app.kubernetes.io/instance={release.instance}")
    deployment = next((each for each in listed if each["metadata"]["name"] == name), None)
    if deployment is None:
        return None
    ready = (deployment.get("status") or {}).get("readyReplicas", 0)
    pods = () if ready else reader.pods(namespace, pod_selector(deployment))
    return Component(
        ready=ready,
        wanted=deployment["spec"].get("replicas", 1),
        problem=next((problem for pod in pods for problem in _problems(pod)), ""),
    )


def _trial(reader: ReleaseReader, namespace: str) -> Trial:
    return Trial(
        namespace=namespace,
        limited=_create(reader, namespace, limited_pod()),
        unlimited=_create(reader, namespace, unlimited_pod()),
    )


def _create(reader: ReleaseReader, namespace: str, pod: Item) -> DryRunAnswer:
    try:
        body, warnings = reader.create_dry(namespace, pod)
    except ClusterError as error:
        return DryRunAnswer(refusal=str(error))
    return decode_created(body, warnings)


def _decoded(text: str) -> bytes:
    """Decode what the API server has checked to be base64."""
    try:
        return base64.b64decode(text)
    except binascii.Error:
        return b""
