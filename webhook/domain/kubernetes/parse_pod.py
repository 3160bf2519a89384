"""Parse a Pod once, at the edge; every error carries its field path, unknown fields are ignored."""

from collections.abc import Iterator, Mapping

from webhook.domain.kubernetes.budget import LIMITS, Work
from webhook.domain.kubernetes.entries import entries_of_container, entries_of_volumes
from webhook.domain.kubernetes.fields import (
    as_bytes,
    as_mapping,
    as_string,
    nested,
    objects,
    text,
    texts,
)
from webhook.domain.kubernetes.pod import (
    Container,
    ContainerList,
    EnvironmentSource,
    EnvironmentVariable,
    KeyReference,
    Owner,
    Pod,
    ResourceReference,
)
from webhook.domain.kubernetes.volumes import parse_mount, parse_volume

_MOST_ENTRIES = LIMITS[Work.ENTRIES]
_OUTLINE = ("name", "image", "resources", "restartPolicy")
"""What is parsed of the first container that is too much."""
_CONTAINER_LISTS = tuple(ContainerList)
_TEMPLATE_HASH = "pod-template-hash"


def parse_pod(manifest: object, *, namespace: str = "") -> Pod:
    """Parse a Pod as JSON or YAML gives it; `namespace` is used where the Pod names none.

    Raises PodError with the path of the first field that is not what the Kubernetes API accepts.
    Of one with longer lists than an evaluation may read, only as much as that is parsed.
    """
    root = as_mapping(manifest, "Pod")
    metadata = as_mapping(root.get("metadata"), "metadata")
    spec = as_mapping(root.get("spec"), "spec")
    of_volumes = entries_of_volumes(spec)
    volumes = () if of_volumes > _MOST_ENTRIES else objects(spec, "volumes", "spec")
    containers, entries = _containers(spec, of_volumes)
    return Pod(
        namespace=text(metadata, "namespace", "metadata") or namespace,
        name=text(metadata, "name", "metadata") or text(metadata, "generateName", "metadata"),
        annotations=_texts_by_key(metadata, "annotations"),
        labels=_texts_by_key(metadata, "labels"),
        containers=containers,
        volumes=tuple(parse_volume(*found) for found in volumes),
        memory_limit=_memory(spec, "limits", "spec"),
        shares_processes=spec.get("shareProcessNamespace") is True,
        runs_to_completion=text(spec, "restartPolicy", "spec") in ("Never", "OnFailure"),
        entries=entries,
        cut_by=Work.ENTRIES if entries > _MOST_ENTRIES else None,
        owner=_owner(metadata),
    )


def _owner(metadata: Mapping[str, object]) -> Owner | None:
    """Name what makes the Pod anew.

    The ReplicaSet of a Deployment is called by its name and the hash of the template, which its
    Pods have as a label (Kubernetes, pkg/controller/deployment/sync.go: getNewReplicaSet).
    """
    for path, reference in objects(metadata, "ownerReferences", "metadata"):
        if reference.get("controller") is not True:
            continue
        kind, name = text(reference, "kind", path), text(reference, "name", path)
        of_template = f"-{_texts_by_key(metadata, 'labels').get(_TEMPLATE_HASH, '')}"
        if kind == "ReplicaSet" and len(of_template) > 1 and name.endswith(of_template):
            return Owner(kind="Deployment", name=name.removesuffix(of_template))
        return Owner(kind=kind, name=name)
    return None


def _containers(spec: Mapping[str, object], entries: int) -> tuple[tuple[Container, ...], int]:
    """Parse containers until there are too many `entries`; give them and how many there are."""
    containers: list[Container] = []
    for member in _CONTAINER_LISTS:
        for index, (path, item) in enumerate(objects(spec, member, "spec")):
            entries += entries_of_container(item)
            if entries > _MOST_ENTRIES:
                outline = {name: item.get(name) for name in _OUTLINE}
                return (*containers, _container(path, outline, member, index)), entries
            containers.append(_container(path, item, member, index))
    return tuple(containers), entries


def _texts_by_key(metadata: Mapping[str, object], field: str) -> Mapping[str, str]:
    path = f"metadata.{field}"
    entries = as_mapping(metadata.get(field), path)
    # A key may be any text, so no error shows it; YAML knows keys of other types, too.
    return {
        as_string(key, f"{path}: a key"): ""
        if value is None
        else as_string(value, f"{path}: a value")
        for key, value in entries.items()
    }


def _container(
    path: str, item: Mapping[str, object], member: ContainerList, index: int
) -> Container:
    return Container(
        list=member,
        index=index,
        name=text(item, "name", path),
        image=text(item, "image", path),
        command=texts(item, "command", path),
        args=texts(item, "args", path),
        working_dir=text(item, "workingDir", path),
        env=tuple(_variable(*found) for found in objects(item, "env", path)),
        env_from=tuple(_source(*found) for found in objects(item, "envFrom", path)),
        mounts=tuple(parse_mount(*found) for found in objects(item, "volumeMounts", path)),
        memory_limit=_memory(item, "limits", path),
        memory_request=_memory(item, "requests", path),
        limit_in_millibytes=_millibytes(item),
        restartable=text(item, "restartPolicy", path) == "Always",
        hooks=tuple(_hooks(*nested(item, "lifecycle", path))),
    )


def _hooks(path: str, lifecycle: Mapping[str, object]) -> Iterator[tuple[str, ...]]:
    for name in ("postStart", "preStop"):
        if lifecycle.get(name) is not None:
            at, handler = nested(lifecycle, name, path)
            at, command = nested(handler, "exec", at)
            yield texts(command, "command", at)


def _variable(path: str, item: Mapping[str, object]) -> EnvironmentVariable:
    name = text(item, "name", path)
    if item.get("valueFrom") is None:
        return EnvironmentVariable(name=name, value=text(item, "value", path))
    at, source = nested(item, "valueFrom", path)
    if source.get("resourceFieldRef") is not None:
        resource = _resource(*nested(source, "resourceFieldRef", at))
        return EnvironmentVariable(name=name, resource=resource)
    if source.get("fieldRef") is not None:
        where, reference = nested(source, "fieldRef", at)
        return EnvironmentVariable(name=name, field=text(reference, "fieldPath", where))
    if source.get("configMapKeyRef") is None:
        return EnvironmentVariable(name=name)
    where, reference = nested(source, "configMapKeyRef", at)
    return EnvironmentVariable(
        name=name,
        config_map=KeyReference(
            name=text(reference, "name", where),
            key=text(reference, "key", where),
            optional=reference.get("optional") is True,
        ),
    )


def _resource(path: str, item: Mapping[str, object]) -> ResourceReference:
    divisor = item.get("divisor")
    return ResourceReference(
        container=text(item, "containerName", path),
        resource=text(item, "resource", path),
        divisor=1 if divisor is None else as_bytes(divisor, f"{path}.divisor") or 1,
    )


def _source(path: str, item: Mapping[str, object]) -> EnvironmentSource:
    prefix = text(item, "prefix", path)
    if item.get("configMapRef") is None:
        return EnvironmentSource(prefix=prefix)
    where, reference = nested(item, "configMapRef", path)
    return EnvironmentSource(
        prefix=prefix,
        config_map=text(reference, "name", where),
        optional=reference.get("optional") is True,
    )


def _memory(item: Mapping[str, object], side: str, path: str) -> int | None:
    at, resources = nested(item, "resources", path)
    at, amounts = nested(resources, side, at)
    value = amounts.get("memory")
    return None if value is None else as_bytes(value, f"{at}.memory") or None


def _millibytes(item: Mapping[str, object]) -> str:
    """Give a memory limit as written where it is in thousandths of a byte, as `512m` is."""
    at, resources = nested(item, "resources", "")
    value = nested(resources, "limits", at)[1].get("memory")
    return value if isinstance(value, str) and value.endswith("m") else ""
