"""The match conditions by which the API server calls us for Redis only, made from the families.

They let through whatever the judgement could call a server, and little else: an application with
`redis://…` in its arguments, an exporter or a UI causes no call. They are cheap on the largest
Pods (measured on an API server of 1.37): no iteration over args, which is quadratic there, and no
long pattern on a long text but behind a `contains`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webhook.domain.families import FAMILIES, SERVER_WORD
from webhook.domain.family import OutOfReach
from webhook.domain.policy import Images
from webhook.domain.reasons import Reason

LONGEST_IMAGE = 512
"""Characters of an image reference that is looked at; no legal one is longer."""

_SIZES_ITSELF = OutOfReach(reason=Reason.SIZES_ITSELF)
_LISTS = ("containers", "initContainers")


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchCondition:
    """One entry of `matchConditions`: a CEL expression over the request's `object`."""

    name: str
    expression: str


def match_condition(images: Images, *, template: str = "object.spec") -> MatchCondition:
    """Make the condition for a Pod spec at `template` in the object."""
    container = " || ".join((_by_image(images), _by_program("command"), _by_program("args")))
    lists = " || ".join(
        f"(has({template}.{each}) && {template}.{each}.exists(c, {container}))" for each in _LISTS
    )
    return MatchCondition(name="may-run-redis", expression=lists)


def image_pattern(images: Images) -> str:
    """Write the pattern of image references that may belong to a family; RE2 and Python agree."""
    judged = (each for each in FAMILIES.values() if each.start != _SIZES_ITSELF)
    globs = [glob for family in judged for glob in family.repositories]
    globs += [own.repository for own in images.add]
    return f"^(.*/)?({'|'.join(_paths(globs))})(:[^/@]*)?(@.*)?$"


def _by_image(images: Images) -> str:
    pattern = _quoted(image_pattern(images))
    return f"(has(c.image) && size(c.image) <= {LONGEST_IMAGE} && c.image.matches({pattern}))"


def _by_program(field: str) -> str:
    text = f"c.{field}.join(' ')"
    pattern = _quoted(SERVER_WORD)
    return f"(has(c.{field}) && {text}.contains('-server') && {text}.matches({pattern}))"


def _paths(globs: Iterable[str]) -> Sequence[str]:
    """Reduce globs to what stands behind any registry; a path within another one's is left out."""
    paths = dict.fromkeys(_path(glob) for glob in globs)
    names = {path for path in paths if "/" not in path}
    return [path for path in paths if path in names or path.rpartition("/")[2] not in names]


def _path(glob: str) -> str:
    path = glob.removeprefix("*/")
    head, slash, rest = path.partition("/")
    if slash and ("." in head or ":" in head):
        path = rest.removeprefix("*/")
    path = path.removeprefix("library/")
    return "".join(_pattern(character) for character in path)


def _pattern(character: str) -> str:
    return {"*": "[^:@]*", "?": "[^:@]", ".": r"\."}.get(character, character)


def _quoted(pattern: str) -> str:
    return "r'" + pattern.replace("'", "\\x27") + "'"
