"""Objects of kinds that are not read, in which the image of a Redis server stands all the same."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from webhook.cli.input.documents import Document, FieldPath
from webhook.domain.images.catalog import family_of
from webhook.domain.images.family import OutOfReach
from webhook.domain.policy.settings import Images
from webhook.domain.reasons import Reason

_SIZES_ITSELF = OutOfReach(reason=Reason.SIZES_ITSELF)

# Their fields called `image`, where they have any, start nothing.
_NO_WORKLOADS = frozenset({"ConfigMap", "Secret", "CustomResourceDefinition"})


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadKind:
    """A kind that is not read: the first object of it that names a Redis image, and how many do."""

    kind: str
    source: str
    document: int
    line: int
    name: str
    image: str
    count: int

    def __str__(self) -> str:
        """Give one line for people, with the place as editors and terminals link it."""
        others = f"; so do {self.count - 1} more" if self.count > 1 else ""
        return (
            f"{self.source}:{self.line}: {f'{self.kind} {self.name}'.rstrip()} names the image "
            f"{self.image}{others}; what starts it is not seen, as the kind {self.kind} is not read"
        )


def unread_kinds(documents: Iterable[Document], images: Images) -> tuple[UnreadKind, ...]:
    """Name every kind once in the order of the input; `documents` are those that made no Pod."""
    found: dict[str, UnreadKind] = {}
    for document in documents:
        if document.kind in _NO_WORKLOADS:
            continue
        named = next(_server_images(document.content, images), None)
        if named is None:
            continue
        path, image = named
        first = found.get(document.kind)
        found[document.kind] = UnreadKind(
            kind=document.kind,
            source=first.source if first else document.source,
            document=first.document if first else document.index,
            line=first.line if first else document.line_at(path),
            name=first.name if first else document.name,
            image=first.image if first else image,
            count=first.count + 1 if first else 1,
        )
    return tuple(found.values())


def _server_images(content: object, images: Images) -> Iterator[tuple[FieldPath, str]]:
    """Find the images of servers wherever a field is called `image`, at any depth, in order."""
    left: list[tuple[FieldPath, object]] = [((), content)]
    while left:
        path, value = left.pop()
        image = _image(value) if path[-1:] == ("image",) else None
        if image is not None and _may_serve(image, images):
            yield path, image
        left += reversed([((*path, step), inner) for step, inner in _inner(value)])


def _inner(value: object) -> Iterable[tuple[str | int, object]]:
    match value:
        case Mapping():
            return [(str(key), inner) for key, inner in value.items()]
        case list():
            return list(enumerate(value))
        case _:
            return ()


def _image(value: object) -> str | None:
    """Read `image: redis:7`, or the object of Helm values: registry, repository and tag."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping) or not isinstance(value.get("repository"), str):
        return None
    registry, tag = value.get("registry"), value.get("tag")
    host = f"{registry}/" if isinstance(registry, str) and registry else ""
    version = f":{tag}" if isinstance(tag, str) and tag else ""
    return f"{host}{value['repository']}{version}"


def _may_serve(image: str, images: Images) -> bool:
    family = family_of(image, images)
    return family is not None and family.start != _SIZES_ITSELF
