"""Parse a Pod once, at the edge; every error carries its field path, unknown fields are ignored."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from webhook.domain.kubernetes.pod import (
    ConfigMapFiles,
    Container,
    ContainerList,
    EnvironmentSource,
    EnvironmentVariable,
    KeyReference,
    Pod,
    ResourceReference,
    Volume,
    VolumeKind,
    VolumeMount,
)
from webhook.domain.kubernetes.quantity import QuantityError, parse_bytes

_READ_ONLY_VOLUMES = ("secret", "projected", "downwardAPI", "image")
_EPHEMERAL_VOLUMES = ("ephemeral", "gitRepo")


class PodError(ValueError):
    """A Pod that cannot be read: `path: what was expected`."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


def parse_pod(manifest: object, *, namespace: str = "") -> Pod:
    """Parse a Pod as JSON or YAML gives it; `namespace` is used where the Pod names none.

    Raises PodError with the path of the first field that is not what the Kubernetes API accepts.
    """
    root = _mapping(manifest, "Pod")
    metadata = _mapping(root.get("metadata"), "metadata")
    spec = _mapping(root.get("spec"), "spec")
    return Pod(
        namespace=_text(metadata, "namespace", "metadata") or namespace,
        name=_text(metadata, "name", "metadata") or _text(metadata, "generateName", "metadata"),
        annotations=_texts_by_key(metadata, "annotations"),
        labels=_texts_by_key(metadata, "labels"),
        containers=tuple(
            _container(_mapping(item, path), path, member, index)
            for member in ContainerList
            for index, path, item in _items(spec, member, "spec")
        ),
        volumes=tuple(
            _volume(_mapping(item, path), path) for _, path, item in _items(spec, "volumes", "spec")
        ),
        memory_limit=_memory(spec, "limits", "spec"),
        shares_processes=spec.get("shareProcessNamespace") is True,
        runs_to_completion=_text(spec, "restartPolicy", "spec") in ("Never", "OnFailure"),
    )


def _texts_by_key(metadata: Mapping[str, object], field: str) -> Mapping[str, str]:
    path = f"metadata.{field}"
    texts = _mapping(metadata.get(field), path)
    # A key may be any text, so no error shows it; YAML knows keys of other types, too.
    return {
        _string(key, f"{path}: a key"): "" if value is None else _string(value, f"{path}: a value")
        for key, value in texts.items()
    }


def _container(
    item: Mapping[str, object], path: str, member: ContainerList, index: int
) -> Container:
    return Container(
        list=member,
        index=index,
        name=_text(item, "name", path),
        image=_text(item, "image", path),
        command=_texts(item, "command", path),
        args=_texts(item, "args", path),
        working_dir=_text(item, "workingDir", path),
        env=tuple(_variable(_mapping(e, p), p) for _, p, e in _items(item, "env", path)),
        env_from=tuple(_source(_mapping(e, p), p) for _, p, e in _items(item, "envFrom", path)),
        mounts=tuple(_mount(_mapping(e, p), p) for _, p, e in _items(item, "volumeMounts", path)),
        memory_limit=_memory(item, "limits", path),
        memory_request=_memory(item, "requests", path),
        limit_in_millibytes=_millibytes(item),
        restartable=_text(item, "restartPolicy", path) == "Always",
        hooks=tuple(_hooks(_mapping(item.get("lifecycle"), f"{path}.lifecycle"), path)),
    )


def _hooks(lifecycle: Mapping[str, object], path: str) -> Iterator[tuple[str, ...]]:
    for name in ("postStart", "preStop"):
        if lifecycle.get(name) is not None:
            where = f"{path}.lifecycle.{name}"
            handler = _mapping(lifecycle[name], where)
            command = _mapping(handler.get("exec"), f"{where}.exec")
            yield _texts(command, "command", f"{where}.exec")


def _variable(item: Mapping[str, object], path: str) -> EnvironmentVariable:
    name = _text(item, "name", path)
    if item.get("valueFrom") is None:
        return EnvironmentVariable(name=name, value=_text(item, "value", path))
    source = _mapping(item["valueFrom"], f"{path}.valueFrom")
    if source.get("resourceFieldRef") is not None:
        where = f"{path}.valueFrom.resourceFieldRef"
        resource = _resource(_mapping(source["resourceFieldRef"], where), where)
        return EnvironmentVariable(name=name, resource=resource)
    if source.get("configMapKeyRef") is None:
        return EnvironmentVariable(name=name)
    where = f"{path}.valueFrom.configMapKeyRef"
    reference = _mapping(source["configMapKeyRef"], where)
    return EnvironmentVariable(
        name=name,
        config_map=KeyReference(
            name=_text(reference, "name", where),
            key=_text(reference, "key", where),
            optional=reference.get("optional") is True,
        ),
    )


def _resource(item: Mapping[str, object], path: str) -> ResourceReference:
    divisor = item.get("divisor")
    return ResourceReference(
        container=_text(item, "containerName", path),
        resource=_text(item, "resource", path),
        divisor=1 if divisor is None else _bytes(divisor, f"{path}.divisor") or 1,
    )


def _source(item: Mapping[str, object], path: str) -> EnvironmentSource:
    prefix = _text(item, "prefix", path)
    if item.get("configMapRef") is None:
        return EnvironmentSource(prefix=prefix)
    where = f"{path}.configMapRef"
    reference = _mapping(item["configMapRef"], where)
    return EnvironmentSource(
        prefix=prefix,
        config_map=_text(reference, "name", where),
        optional=reference.get("optional") is True,
    )


def _mount(item: Mapping[str, object], path: str) -> VolumeMount:
    # The kubelet puts a relative path below the root (pkg/kubelet, makeMounts).
    at = _text(item, "mountPath", path)
    return VolumeMount(
        name=_text(item, "name", path),
        path=at if at.startswith("/") else f"/{at}",
        sub_path=_text(item, "subPath", path) or _text(item, "subPathExpr", path),
        read_only=item.get("readOnly") is True,
    )


def _volume(item: Mapping[str, object], path: str) -> Volume:
    name = _text(item, "name", path)
    if item.get("emptyDir") is not None:
        return _empty_dir(_mapping(item["emptyDir"], f"{path}.emptyDir"), f"{path}.emptyDir", name)
    if item.get("configMap") is not None:
        files = _config_map(_mapping(item["configMap"], f"{path}.configMap"), f"{path}.configMap")
        return Volume(name=name, kind=VolumeKind.CONFIG_MAP, config_maps=(files,))
    projected = _mapping(item.get("projected"), f"{path}.projected")
    return Volume(
        name=name,
        kind=_other_kind(item),
        config_maps=tuple(_projected(projected, f"{path}.projected")),
    )


def _projected(item: Mapping[str, object], path: str) -> Iterator[ConfigMapFiles]:
    for _, at, entry in _items(item, "sources", path):
        source = _mapping(entry, at)
        if source.get("configMap") is not None:
            yield _config_map(_mapping(source["configMap"], f"{at}.configMap"), f"{at}.configMap")


def _other_kind(item: Mapping[str, object]) -> VolumeKind:
    if any(item.get(kind) is not None for kind in _READ_ONLY_VOLUMES):
        return VolumeKind.READ_ONLY
    if any(item.get(kind) is not None for kind in _EPHEMERAL_VOLUMES):
        return VolumeKind.EPHEMERAL
    return VolumeKind.OTHER


def _empty_dir(item: Mapping[str, object], path: str, name: str) -> Volume:
    in_memory = _text(item, "medium", path) == "Memory"
    size = item.get("sizeLimit")
    return Volume(
        name=name,
        kind=VolumeKind.MEMORY if in_memory else VolumeKind.EMPTY_DIR,
        size_limit=None if size is None else _bytes(size, f"{path}.sizeLimit") or None,
    )


def _config_map(item: Mapping[str, object], where: str) -> ConfigMapFiles:
    items = tuple(
        (_text(entry, "key", at), _text(entry, "path", at))
        for _, at, raw in _items(item, "items", where)
        for entry in (_mapping(raw, at),)
    )
    return ConfigMapFiles(name=_text(item, "name", where), items=items or None)


def _memory(item: Mapping[str, object], side: str, path: str) -> int | None:
    resources = _mapping(item.get("resources"), f"{path}.resources")
    amounts = _mapping(resources.get(side), f"{path}.resources.{side}")
    value = amounts.get("memory")
    return None if value is None else _bytes(value, f"{path}.resources.{side}.memory") or None


def _millibytes(item: Mapping[str, object]) -> str:
    """Give a memory limit as written where it is in thousandths of a byte, as `512m` is."""
    resources = item.get("resources")
    limits = resources.get("limits") if isinstance(resources, Mapping) else None
    value = limits.get("memory") if isinstance(limits, Mapping) else None
    return value if isinstance(value, str) and value.endswith("m") else ""


def _bytes(value: object, path: str) -> int:
    try:
        return parse_bytes(value)
    except QuantityError as error:
        raise PodError(path, str(error)) from None


def _mapping(value: object, path: str) -> Mapping[str, object]:
    if type(value) is dict:  # what JSON and YAML give; the general test takes ten times as long
        return value
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise PodError(path, f"must be an object, not {_kind(value)}")
    return cast("Mapping[str, object]", value)


def _items(item: Mapping[str, object], key: str, path: str) -> tuple[tuple[int, str, object], ...]:
    value = item.get(key)
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise PodError(f"{path}.{key}", f"must be a list, not {_kind(value)}")
    return tuple((index, f"{path}.{key}[{index}]", entry) for index, entry in enumerate(value))


def _texts(item: Mapping[str, object], key: str, path: str) -> tuple[str, ...]:
    return tuple(_string(entry, at) for _, at, entry in _items(item, key, path))


def _text(item: Mapping[str, object], key: str, path: str) -> str:
    value = item.get(key)
    if type(value) is str:
        return value
    return "" if value is None else _string(value, f"{path}.{key}")


def _string(value: object, path: str) -> str:
    if not isinstance(value, str):
        # The value is not shown: in args or env it may be a password.
        quote = " (quote it)" if isinstance(value, bool | int | float) else ""
        raise PodError(path, f"must be a string, not {_kind(value)}{quote}")
    return value


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", int: "a number"}
    return names.get(type(value), "null" if value is None else "a number")
