"""Finds the release by the labels that every object of the chart has."""

from collections.abc import Sequence

from webhook.cluster.connection import ClusterError
from webhook.cluster.reading import Item
from webhook.cluster.release_objects import ReleaseReader
from webhook.doctor.installation import Release

_COMPONENT = "app.kubernetes.io/component=webhook"
_INSTANCE = "app.kubernetes.io/instance"
_CHART = "redis-memory-guard-"
_SERVING = "serving-certificate"


class NoReleaseError(Exception):
    """There is no release to be found, or more than one."""


def find_release(reader: ReleaseReader, *, namespace: str | None, instance: str | None) -> Release:
    """Find the one release, in one namespace or in all. Raises NoReleaseError."""
    selector = _COMPONENT if instance is None else f"{_COMPONENT},{_INSTANCE}={instance}"
    listed = _list(reader, namespace, selector)
    found = [_decode(each) for each in listed if _is_ours(each)]
    match found:
        case [release]:
            return release
        case []:
            where = "any namespace" if namespace is None else f"the namespace {namespace}"
            raise NoReleaseError(f"no release of the chart in {where}: helm list --all-namespaces")
        case _:
            names = ", ".join(str(each) for each in found)
            raise NoReleaseError(f"more than one release ({names}): --namespace or --release")


def pod_selector(deployment: Item) -> str:
    """Give the selector of a Deployment's Pods as kubectl takes it."""
    matched = deployment["spec"]["selector"].get("matchLabels") or {}
    return ",".join(f"{key}={value}" for key, value in matched.items())


def _list(reader: ReleaseReader, namespace: str | None, selector: str) -> Sequence[Item]:
    try:
        return reader.deployments(namespace, selector)
    except ClusterError as error:
        hint = "" if namespace else "; --namespace NS needs no right of the whole cluster"
        raise NoReleaseError(f"{error}{hint}") from None


def _is_ours(deployment: Item) -> bool:
    labels = deployment["metadata"].get("labels") or {}
    return str(labels.get("helm.sh/chart", "")).startswith(_CHART)


def _decode(deployment: Item) -> Release:
    metadata, spec = deployment["metadata"], deployment["spec"]
    pod = spec["template"]["spec"]
    secrets = [
        each["secret"]["secretName"]
        for each in pod.get("volumes") or ()
        if each["name"] == _SERVING and "secret" in each
    ]
    return Release(
        namespace=metadata["namespace"],
        name=metadata["name"],
        instance=metadata["labels"].get(_INSTANCE, ""),
        version=metadata["labels"].get("app.kubernetes.io/version", ""),
        wanted=spec.get("replicas", 1),
        service_account=pod.get("serviceAccountName", "default"),
        reads_config_maps=pod.get("automountServiceAccountToken", True),
        serving_secret=next(iter(secrets), ""),
        selector=pod_selector(deployment),
    )
