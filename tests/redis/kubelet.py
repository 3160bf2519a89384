"""What a kubelet makes of a container: its environment and its command line.

Written apart from webhook.domain.kubernetes.expansion, so that the one can be held against the
other.
Source: Kubernetes, third_party/forked/golang/expansion, and kubelet's makeEnvironmentVariables.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]
Maps = Mapping[str, Mapping[str, str]]


def expand(text: str, environment: Mapping[str, str]) -> str:
    """Replace `$(NAME)`, make `$$` a dollar, and leave all else, unknown names too."""
    written = []
    rest = text
    while rest:
        before, dollar, rest = rest.partition("$")
        written.append(before)
        if not dollar:
            break
        name, close, behind = rest[1:].partition(")")
        if rest.startswith("$"):
            written.append("$")
            rest = rest[1:]
        elif rest.startswith("(") and close:
            written.append(environment.get(name, f"$({name})"))
            rest = behind
        else:
            written.append("$")
    return "".join(written)


def environment_of(
    container: Json, image: Mapping[str, str], config_maps: Maps, secrets: Maps
) -> dict[str, str]:
    """Make a container's environment: the image's, envFrom, then env in order."""
    made: dict[str, str] = {}
    for source in container.get("envFrom") or []:
        kind, data = ("configMapRef", config_maps), ("secretRef", secrets)
        for name, maps in (kind, data):
            if name in source:
                prefix = source.get("prefix", "")
                found = maps[source[name]["name"]]
                made |= {prefix + key: value for key, value in found.items()}
    for entry in container.get("env") or []:
        made[entry["name"]] = _value(entry, made, config_maps, secrets)
    return {**image, **made}


def _value(entry: Json, made: Mapping[str, str], config_maps: Maps, secrets: Maps) -> str:
    source = entry.get("valueFrom")
    if source is None:
        return expand(entry.get("value", ""), made)
    kind, maps = (
        ("secretKeyRef", secrets) if "secretKeyRef" in source else ("configMapKeyRef", config_maps)
    )
    return maps[source[kind]["name"]][source[kind]["key"]]


def command_line(
    container: Json, entrypoint: Sequence[str], command: Sequence[str], made: Mapping[str, str]
) -> list[str]:
    """Join what the Pod and the image say: `command` drops both of the image's, `args` the last."""
    own = [expand(word, made) for word in container.get("command") or []]
    args = [expand(word, made) for word in container.get("args") or []]
    if own:
        return own + args
    return [*entrypoint, *(args or command)]
