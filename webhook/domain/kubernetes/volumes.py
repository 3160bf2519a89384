"""Parse the volumes of a Pod, and where its containers mount them. All raise PodError."""

from collections.abc import Iterator, Mapping

from webhook.domain.kubernetes.fields import as_bytes, nested, objects, text
from webhook.domain.kubernetes.pod import ConfigMapFiles, Volume, VolumeKind, VolumeMount

_READ_ONLY_VOLUMES = ("secret", "projected", "downwardAPI", "image")
_EPHEMERAL_VOLUMES = ("ephemeral", "gitRepo")


def parse_volume(path: str, item: Mapping[str, object]) -> Volume:
    """Parse an entry of `volumes`."""
    name = text(item, "name", path)
    if item.get("emptyDir") is not None:
        return _empty_dir(*nested(item, "emptyDir", path), name)
    if item.get("configMap") is not None:
        config_map = _config_map(*nested(item, "configMap", path))
        return Volume(name=name, kind=VolumeKind.CONFIG_MAP, config_maps=(config_map,))
    files = tuple(_projected(*nested(item, "projected", path)))
    return Volume(name=name, kind=_other_kind(item), config_maps=files)


def parse_mount(path: str, item: Mapping[str, object]) -> VolumeMount:
    """Parse an entry of `volumeMounts`."""
    # The kubelet puts a relative path below the root (pkg/kubelet, makeMounts).
    at = text(item, "mountPath", path)
    return VolumeMount(
        name=text(item, "name", path),
        path=at if at.startswith("/") else f"/{at}",
        sub_path=text(item, "subPath", path) or text(item, "subPathExpr", path),
        read_only=item.get("readOnly") is True,
    )


def _empty_dir(path: str, item: Mapping[str, object], name: str) -> Volume:
    in_memory = text(item, "medium", path) == "Memory"
    size = item.get("sizeLimit")
    return Volume(
        name=name,
        kind=VolumeKind.MEMORY if in_memory else VolumeKind.EMPTY_DIR,
        size_limit=None if size is None else as_bytes(size, f"{path}.sizeLimit") or None,
    )


def _config_map(path: str, item: Mapping[str, object]) -> ConfigMapFiles:
    items = tuple(
        (text(entry, "key", at), text(entry, "path", at))
        for at, entry in objects(item, "items", path)
    )
    return ConfigMapFiles(name=text(item, "name", path), items=items or None)


def _projected(path: str, item: Mapping[str, object]) -> Iterator[ConfigMapFiles]:
    for at, source in objects(item, "sources", path):
        if source.get("configMap") is not None:
            yield _config_map(*nested(source, "configMap", at))


def _other_kind(item: Mapping[str, object]) -> VolumeKind:
    if any(item.get(kind) is not None for kind in _READ_ONLY_VOLUMES):
        return VolumeKind.READ_ONLY
    if any(item.get(kind) is not None for kind in _EPHEMERAL_VOLUMES):
        return VolumeKind.EPHEMERAL
    return VolumeKind.OTHER
