"""Hostile Pods of every kind and size, each with a ConfigMap that the API server takes."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.harness.hostile_pods import KINDS, Json

LARGEST_CONFIG_MAP = 1 << 20
"""Bytes of data: `MaxSecretSize` of Kubernetes, which ConfigMaps share."""

_MOST = 1 << 16
_CONFIG_MAP = re.compile(r'("configMap(?:Ref)?": \{"name": ")files"')


@dataclass(frozen=True, slots=True, kw_only=True)
class HostilePod:
    """A Pod, and the data of the ConfigMap that is called as it is; empty where it reads none."""

    name: str
    pod: Json
    files: Mapping[str, str]


def hostile_pods(sizes: Sequence[int]) -> Iterator[HostilePod]:
    """Give each kind in every size, in bytes and growing, that it can have: as large as fits."""
    for kind, make in KINDS.items():
        for n in _growing(kind, sizes):
            pod, config_maps = make(n)
            name = f"{kind.replace('_', '-')}-{n}"
            renamed = json.loads(_CONFIG_MAP.sub(rf'\1{name}"', json.dumps(pod)))
            renamed["metadata"]["name"] = name
            yield HostilePod(name=name, pod=renamed, files=config_maps.get("files", {}))


def _growing(kind: str, sizes: Sequence[int]) -> Iterator[int]:
    """Give for each size the largest power of two with which a Pod of the kind is no larger."""
    n = 1
    for size in sizes:
        before = n
        while n <= _MOST and _fits(kind, n, size):
            n *= 2
        if n > before:
            yield n // 2


def _fits(kind: str, n: int, size: int) -> bool:
    pod, config_maps = KINDS[kind](n)
    files = config_maps.get("files", {})
    data = sum(len(key) + len(text) for key, text in files.items())
    return len(json.dumps(pod)) <= size and data <= LARGEST_CONFIG_MAP
