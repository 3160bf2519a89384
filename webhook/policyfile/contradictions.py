"""What cannot be right although every value is: contradictions within one policy."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields
from fnmatch import fnmatchcase

from webhook.domain.images.catalog import FAMILIES
from webhook.domain.kubernetes.quantity import format_bytes
from webhook.domain.policy.percentage import format_percentage as percent
from webhook.domain.policy.profile import Headroom, Profile
from webhook.domain.policy.settings import LABELLED_SETTINGS, AnnotationBounds, Images, Policy, Rule
from webhook.policyfile.values import camel

_NAMESPACE_GLOB = re.compile(r"(?:[a-z0-9*?-]|\[!?[a-z0-9-]+\]){1,253}\Z", re.ASCII)
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?\Z", re.ASCII)
_LABEL_KEY = re.compile(
    r"([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?\Z",
    re.ASCII,
)
_REGISTRY = re.compile(
    r"(localhost|[a-z0-9-]+(\.[a-z0-9-]+)+|[a-z0-9-]+(?=:))(:[0-9]+)?(/[a-z0-9._-]+)*\Z", re.ASCII
)
_REPOSITORY_GLOB = re.compile(r"[a-z0-9*?\[\]!._:/-]{1,512}\Z", re.ASCII | re.IGNORECASE)


def contradictions(policy: Policy) -> tuple[str, ...]:
    """Give every contradiction, each with the path of its key; none is an empty tuple."""
    return (
        *_headroom("headroom", policy.headroom),
        *_annotations(policy.annotations),
        *_images(policy.images),
        *_rules(policy.rules, policy.headroom),
    )


def _headroom(path: str, headroom: Headroom) -> Iterator[str]:
    if not headroom.minimum_limit:
        yield f"{path}.minimumLimit: must be above 0"
        return
    yield from _profile(f"{path}.cache", headroom.cache, headroom.minimum_limit)
    yield from _profile(f"{path}.persistent", headroom.persistent, headroom.minimum_limit)
    if not headroom.explicit_share:
        yield f"{path}.explicitShare: must be above 0%"


def _profile(path: str, profile: Profile, limit: int) -> Iterator[str]:
    if not profile.share:
        yield f"{path}.share: must be above 0%"
        return
    maxmemory = profile.maxmemory(limit)
    if maxmemory < 1:
        least = format_bytes(limit)
        yield (
            f"{path}: leaves nothing at minimumLimit: ({least} - {format_bytes(profile.base)}"
            f" - {percent(profile.of_limit)} of {least}) x {percent(profile.share)}"
            f" = {format_bytes(maxmemory)}"
        )
    if not profile.base and not profile.of_limit and profile.share == 1:
        yield f"{path}: leaves no headroom: base and ofLimit are 0, and share is 100%"


def _annotations(bounds: AnnotationBounds) -> Iterator[str]:
    if not bounds.headroom_minimum:
        yield "annotations.headroomMinimum: must be above 0%"
    if bounds.headroom_maximum == 1:
        yield "annotations.headroomMaximum: must be below 100%"
    if bounds.headroom_minimum > bounds.headroom_maximum:
        yield (
            f"annotations.headroomMinimum: must not be above headroomMaximum: "
            f"{percent(bounds.headroom_minimum)} > {percent(bounds.headroom_maximum)}"
        )


def _images(images: Images) -> Iterator[str]:
    for index, image in enumerate(images.add):
        if image.family not in FAMILIES:
            known = ", ".join(FAMILIES)
            yield f"images.add[{index}].family: must be one of {known}, not {image.family[:60]!r}"
    globs = [(f"add[{i}].repository", image.repository) for i, image in enumerate(images.add)]
    globs += [(f"drop[{i}]", glob) for i, glob in enumerate(images.drop)]
    for path, glob in globs:
        if set(":@") & set(glob.rpartition("/")[2]):
            yield f"images.{path}: must be a repository without tag or digest, not {glob!r}"
        elif not _REPOSITORY_GLOB.match(glob):
            yield f"images.{path}: can match no image: {glob[:60]!r}"
        elif not set("/*") & set(glob):
            yield (
                f"images.{path}: must start with the registry, like 'docker.io/library/{glob}' "
                f"or '*/{glob}'"
            )
    yield from _mirrors(images.mirrors)


def _mirrors(mirrors: Sequence[str]) -> Iterator[str]:
    for index, mirror in enumerate(mirrors):
        if not _REGISTRY.match(mirror):
            yield (
                f"images.mirrors[{index}]: must be a registry, with or without a path, like "
                f"'registry.example.com/hub', not {mirror[:60]!r}"
            )


def _rules(rules: tuple[Rule, ...], headroom: Headroom) -> Iterator[str]:
    for index, rule in enumerate(rules):
        if not rule.namespaces and not rule.labels:
            yield f"rules[{index}].namespaces: must name at least one namespace or glob"
        if rule.headroom is not None and rule.headroom != headroom:
            yield from _headroom(f"rules[{index}].headroom", rule.headroom)
        if rule.labels:
            yield from _labelled(f"rules[{index}]", rule)
        for position, glob in enumerate(rule.namespaces):
            if not _NAMESPACE_GLOB.match(glob):
                path = f"rules[{index}].namespaces[{position}]"
                yield f"{path}: can match no namespace: {glob[:60]!r}"
        yield from _unreachable(index, rule, rules[:index])


def _labelled(path: str, rule: Rule) -> Iterator[str]:
    """Find what a rule may not set by labels, and labels that no Pod can have."""
    may_set = ", ".join(camel(name) for name in sorted(LABELLED_SETTINGS))
    for field in fields(rule):
        is_setting = field.name not in ("namespaces", "labels", *LABELLED_SETTINGS)
        if is_setting and getattr(rule, field.name) is not None:
            yield (
                f"{path}.{camel(field.name)}: a rule with labels may set {may_set} only, for "
                "whoever creates a Pod chooses its labels"
            )
    for key, value in rule.labels.items():
        if not _LABEL_KEY.match(key) or not _LABEL_VALUE.match(value):
            yield f"{path}.labels: can match no Pod: {key[:60]!r}: {value[:60]!r}"


def _unreachable(index: int, rule: Rule, earlier: tuple[Rule, ...]) -> Iterator[str]:
    takers = []
    for glob in rule.namespaces or ("*",):
        taker = next((i for i, before in enumerate(earlier) if _takes(before, rule, glob)), None)
        if taker is None:
            return
        takers.append(f"rules[{taker}] takes {glob!r}")
    yield f"rules[{index}]: is never reached: {', '.join(takers)}"


def _takes(before: Rule, rule: Rule, glob: str) -> bool:
    """Tell whether an earlier rule of the same kind takes all that a later one's glob matches."""
    is_same_kind = bool(before.labels) == bool(rule.labels)
    if not is_same_kind or not before.labels.items() <= rule.labels.items():
        return False
    return any(_covers(wide, glob) for wide in before.namespaces or ("*",))


def _covers(wide: str, narrow: str) -> bool:
    """Tell whether `wide` surely matches all that `narrow` matches.

    A `*` in `wide` matches the wildcards of `narrow` as it does letters; with `?` and sets that
    reasoning does not hold, so only equal globs count then.
    """
    if wide == narrow:
        return True
    return not set("?[") & set(wide) and "[" not in narrow and fnmatchcase(narrow, wide)
