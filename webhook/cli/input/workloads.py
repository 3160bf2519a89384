"""What the documents of a manifest mean to Kubernetes: workloads and ConfigMaps."""

from collections.abc import Mapping

from webhook.cli.input.documents import Document
from webhook.domain.kubernetes.workload import PodManifest, Workload, pod_manifest


def pod_of(document: Document, namespace: str) -> PodManifest | None:
    """Make the manifest of a document's Pod; raises PodError as pod_manifest does."""
    workload = Workload(kind=document.kind, name=document.name, content=document.content)
    return pod_manifest(workload, namespace)


def config_map_data(document: Document) -> Mapping[str, str] | None:
    """Give the texts of a ConfigMap by their keys; None for any other kind."""
    if document.kind != "ConfigMap":
        return None
    data = document.content.get("data")
    if not isinstance(data, Mapping):
        return {}
    return {key: text for key, text in data.items() if isinstance(text, str)}
