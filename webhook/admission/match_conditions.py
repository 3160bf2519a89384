"""The match conditions by which the API server calls us for Redis only, made from the families.

They let through whatever the evaluation could call a server, and little else: an application with
`redis://…` in its arguments, an exporter or a UI causes no call. They are cheap on the largest
Pods (measured on an API server of 1.37): no iteration over args, which is quadratic there, and no
long pattern on a long text but behind a `contains`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webhook.admission.bounded_condition import bounded_pod, whole_share
from webhook.admission.namespace_condition import Handling, handled
from webhook.domain.images.catalog import FAMILIES, SERVER_WORD
from webhook.domain.images.family import OutOfReach
from webhook.domain.images.server_names import SERVER_NAME, looks_like_server
from webhook.domain.policy.settings import Images, Policy, Unenforceable
from webhook.domain.reasons import Reason

LONGEST_IMAGE = 512
"""Characters of an image reference that is looked at; no legal one is longer."""

LONGEST_TEXT = 65_536
"""Characters of command or args that are matched; a longer text that names a server calls us."""

MAKES = ("redis", "valkey", "keydb", "falkordb")
"""One of these is in the name of every image that is evaluated; a test holds it."""

CHANGES_IMAGES_OR_RESOURCES = (
    "(request.operation != 'UPDATE' || object.spec.containers != oldObject.spec.containers"
    " || object.spec.?initContainers != oldObject.spec.?initContainers"
    " || object.spec.?resources != oldObject.spec.?resources)"
)
"""Labels, finalizers and what else changes on a running Pod are none of our business."""

RESIZES = "(has(request.subResource) && request.subResource == 'resize')"
"""The limits of a running Pod change in place."""

_SIZES_ITSELF = OutOfReach(reason=Reason.SIZES_ITSELF)
_LISTS = ("containers", "initContainers")


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchCondition:
    """One entry of `matchConditions`: a CEL expression over the request's `object`."""

    name: str
    expression: str


def match_condition(images: Images, *, template: str = "object.spec") -> MatchCondition:
    """Make the condition for a Pod spec at `template` in the object."""
    container = may_run_server(images)
    lists = " || ".join(
        f"(has({template}.{each}) && {template}.{each}.exists(c, {container}))" for each in _LISTS
    )
    return MatchCondition(name="may-run-redis", expression=f"({lists})")


def validating_condition(policy: Policy, handling: Handling) -> MatchCondition | None:
    """Make the whole condition of the validating webhook for namespaces that are handled so.

    None where there are none. It is one expression: the API server evaluates all conditions of a
    webhook, also those behind one that is false, and `&&` stops early. Of bounded Pods only one
    that is resized is asked about: its limit may have grown. A policy that denies what cannot be
    reached is asked about all of them: it may deny them for what stands before.
    """
    namespaces = handled(policy, handling)
    if not namespaces:
        return None
    # What tells another Pod comes first: reading the request, and both objects of an update, costs
    # as much again.
    parts = ([] if namespaces == "true" else [namespaces]) + [
        match_condition(policy.images).expression,
        CHANGES_IMAGES_OR_RESOURCES,
    ]
    headrooms = (policy.headroom, *(rule.headroom for rule in policy.rules if rule.headroom))
    share = whole_share(min(headroom.explicit_share for headroom in headrooms))
    chosen = (policy.defaults.unenforceable, *(rule.unenforceable for rule in policy.rules))
    denies = Unenforceable.DENY in chosen
    if share is not None and not denies:
        bounded = bounded_pod(may_run_server(policy.images), share)
        parts.append(f"({RESIZES} || !({bounded}))")
    return MatchCondition(name="may-run-unbounded-redis", expression=" && ".join(parts))


def may_run_server(images: Images) -> str:
    """Make the expression that tells of a container `c` whether it may run a server."""
    return f"({_by_image(images)} || {_by_program()})"


def image_pattern(images: Images) -> str:
    """Write the pattern of image references that may belong to a family; RE2 and Python agree."""
    evaluated = (each for each in FAMILIES.values() if each.start != _SIZES_ITSELF)
    globs = [glob for family in evaluated for glob in family.repositories]
    paths = _paths(globs + [own.repository for own in images.add])
    return _image_pattern(
        [SERVER_NAME, *(path for path in paths if not looks_like_server(path.replace("\\.", ".")))]
    )


def own_image_pattern(images: Images) -> str:
    """Write the pattern of the images that the administrator added."""
    return _image_pattern(_paths(each.repository for each in images.add))


def _image_pattern(paths: Iterable[str]) -> str:
    return f"^(.*/)?({'|'.join(paths)})(:[^/@]*)?(@.*)?$"


def _by_image(images: Images) -> str:
    """Look for a make's name first: 3,000 long patterns are over the API server's budget."""
    named = " || ".join(f"c.image.contains('{make}')" for make in MAKES)
    known = f"({named}) && c.image.matches({_quoted(image_pattern(Images()))})"
    own = _quoted(own_image_pattern(images))
    added = f" || c.image.matches({own})" if images.add else ""
    return f"(has(c.image) && size(c.image) <= {LONGEST_IMAGE} && (({known}){added}))"


def _by_program() -> str:
    """Join the words once, as that costs by their length, and look closer only where it may pay.

    Most containers are through after the `contains`; a huge text that names a server calls us.
    """
    text = "(c.?command.orValue([]) + c.?args.orValue([])).join(' ')"
    closer = f"(size(t) > {LONGEST_TEXT} || t.matches({_quoted(SERVER_WORD)}))"
    named = f"[{text}].exists(t, t.contains('-server') && {closer})"
    return f"((has(c.command) || has(c.args)) && {named})"


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
