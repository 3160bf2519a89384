"""Image references, read by the grammar and the normalisation that the kubelet uses.

Source: github.com/distribution/reference, regexp.go and normalize.go. The patterns below are
unambiguous character by character, so that reading is linear in the text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from webhook.domain.kubernetes.remembered import remembered

_DOCKER_HUB = "docker.io"
_LEGACY_DOCKER_HUB = "index.docker.io"
_OFFICIAL = "library/"
_MAX_REPOSITORY_LENGTH = 255
_MAX_SHOWN = 80

_LABEL = r"[a-zA-Z0-9]+(?:-+[a-zA-Z0-9]+)*"
_HOST = re.compile(rf"(\[[0-9a-fA-F:]+\]|{_LABEL}(?:\.{_LABEL})*)(\.?)((?::[0-9]+)?)")
_COMPONENT = re.compile(r"[a-z0-9]+(?:(?:[.]|__?|-+)[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_LOWER_HEX = re.compile(r"[0-9a-f]+")
_HEX_DIGITS: Mapping[str, int] = {"sha256": 64, "sha384": 96, "sha512": 128}
_TEMPLATE_MARKS = ("{{", "${", "$(", "#{", "<")


class ImageError(ValueError):
    """A text is not an image reference; the message names the part that is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A normalised reference; its text parses to an equal image.

    `registry` is lower case with its port, `repository` the whole path (`library/redis`); a tag
    that is not written is None, not `latest`.
    """

    registry: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    def __str__(self) -> str:
        # A host of one label is told from a path component by nothing but its upper case.
        host = self.registry if _is_host(self.registry) else self.registry.upper()
        tag = "" if self.tag is None else f":{self.tag}"
        digest = "" if self.digest is None else f"@{self.digest}"
        return f"{host}/{self.repository}{tag}{digest}"


@remembered
def parse_image(text: str) -> Image:
    """Read an image reference as the `image` field of a container holds it.

    `redis` is `docker.io/library/redis`, `index.docker.io` is `docker.io`, and a host's trailing
    dot, legal in DNS only, is dropped. Raises ImageError for what the kubelet would refuse as
    InvalidImageName, such as a template that nobody filled in.
    """
    if any(mark in text for mark in _TEMPLATE_MARKS):
        raise ImageError(f"not an image reference but a template: {_shown(text)}")
    if len(text) == _HEX_DIGITS["sha256"] and _LOWER_HEX.fullmatch(text):
        raise ImageError(f"an image identifier, not a reference: {_shown(text)}")
    name, at, digest = text.partition("@")
    registry, remainder = _split_registry(name)
    path, colon, tag = remainder.partition(":")
    return Image(
        registry=registry,
        repository=_repository(registry, path),
        tag=_tag(tag) if colon else None,
        digest=_digest(digest) if at else None,
    )


def _split_registry(name: str) -> tuple[str, str]:
    head, slash, rest = name.partition("/")
    if not slash or not _is_host(head):
        return _DOCKER_HUB, name
    host = _HOST.fullmatch(head)
    # A dot behind a single label is what makes it look like a host at all: nobody means `redis./x`.
    if host is None or (host[2] and "." not in host[1]):
        raise ImageError(f"not a registry: {_shown(head)}")
    registry = (host[1] + host[3]).lower()
    return _DOCKER_HUB if registry == _LEGACY_DOCKER_HUB else registry, rest


def _is_host(head: str) -> bool:
    return head == "localhost" or "." in head or ":" in head or head != head.lower()


def _repository(registry: str, path: str) -> str:
    if registry == _DOCKER_HUB and "/" not in path:
        path = _OFFICIAL + path
    if len(path) > _MAX_REPOSITORY_LENGTH:
        raise ImageError(f"a repository name longer than {_MAX_REPOSITORY_LENGTH} characters")
    if not all(_COMPONENT.fullmatch(component) for component in path.split("/")):
        raise ImageError(f"not a repository name: {_shown(path.removeprefix(_OFFICIAL))}")
    return path


def _tag(text: str) -> str:
    if not _TAG.fullmatch(text):
        raise ImageError(f"not a tag: {_shown(text)}")
    return text


def _digest(text: str) -> str:
    algorithm, _, digits = text.partition(":")
    if len(digits) != _HEX_DIGITS.get(algorithm) or not _LOWER_HEX.fullmatch(digits):
        raise ImageError(f"not a digest: {_shown(text)}")
    return text


def _shown(text: str) -> str:
    return repr(text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "...")
