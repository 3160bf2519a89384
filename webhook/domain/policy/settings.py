"""The administrator's policy: every setting, its default, and what holds for a namespace."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from fractions import Fraction

from webhook.domain.policy.profile import Headroom


class Mode(StrEnum):
    """The operator's choice: act, or only tell what would be done."""

    ENFORCE = "enforce"
    AUDIT = "audit"


class EvictionPolicy(StrEnum):
    """The values of `maxmemory-policy`; `*-lfu` need Redis 4.0, `*-lrm` Redis 8.6."""

    NOEVICTION = "noeviction"
    ALLKEYS_LRU = "allkeys-lru"
    ALLKEYS_LFU = "allkeys-lfu"
    ALLKEYS_LRM = "allkeys-lrm"
    ALLKEYS_RANDOM = "allkeys-random"
    VOLATILE_LRU = "volatile-lru"
    VOLATILE_LFU = "volatile-lfu"
    VOLATILE_LRM = "volatile-lrm"
    VOLATILE_RANDOM = "volatile-random"
    VOLATILE_TTL = "volatile-ttl"


class ProfileChoice(StrEnum):
    """Which headroom profile a server gets: by what is seen of it, or always the same."""

    AUTO = "auto"
    CACHE = "cache"
    PERSISTENT = "persistent"


class NoLimit(StrEnum):
    """What becomes of a server without a memory limit."""

    DENY = "deny"
    WARN = "warn"


class Unenforceable(StrEnum):
    """What becomes of a server whose options cannot be reached."""

    WARN = "warn"
    DENY = "deny"


class ExplicitCeiling(StrEnum):
    """What becomes of an explicit `maxmemory` above the safe share of the limit."""

    LOWER = "lower"
    RESPECT = "respect"
    DENY = "deny"


class Snapshots(StrEnum):
    """Whether snapshots that nothing could ever restore are turned off (`auto`) or kept."""

    AUTO = "auto"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceSettings:
    """What holds for a Pod.

    `eviction_policy` is for servers whose data nothing could bring back to the next Pod,
    `durable_eviction_policy` for those whose data a volume may.
    """

    mode: Mode = Mode.ENFORCE
    exempt: bool = False
    eviction_policy: EvictionPolicy = EvictionPolicy.ALLKEYS_LRU
    durable_eviction_policy: EvictionPolicy = EvictionPolicy.VOLATILE_LRU
    profile: ProfileChoice = ProfileChoice.AUTO
    no_limit: NoLimit = NoLimit.DENY
    unenforceable: Unenforceable = Unenforceable.WARN
    explicit_ceiling: ExplicitCeiling = ExplicitCeiling.LOWER
    snapshots: Snapshots = Snapshots.AUTO


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Settings for the namespaces whose name matches one of the globs; None leaves the default.

    A rule with `labels` is for the Pods that have all of them, in any namespace where it names
    none. Whoever creates a Pod chooses its labels, so such a rule sets only what
    `LABELLED_SETTINGS` names.
    """

    namespaces: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    mode: Mode | None = None
    exempt: bool | None = None
    eviction_policy: EvictionPolicy | None = None
    durable_eviction_policy: EvictionPolicy | None = None
    profile: ProfileChoice | None = None
    no_limit: NoLimit | None = None
    unenforceable: Unenforceable | None = None
    explicit_ceiling: ExplicitCeiling | None = None
    snapshots: Snapshots | None = None
    headroom: Headroom | None = None

    def matches(self, namespace: str) -> bool:
        """Tell whether one of the globs matches the whole name; case counts."""
        return any(fnmatchcase(namespace, glob) for glob in self.namespaces)

    def selects(self, namespace: str, labels: Mapping[str, str]) -> bool:
        """Tell whether it is a rule by labels, and a Pod of a namespace has all of them."""
        is_there = not self.namespaces or self.matches(namespace)
        return bool(self.labels) and is_there and self.labels.items() <= labels.items()


LABELLED_SETTINGS = frozenset({
    "eviction_policy", "durable_eviction_policy", "profile", "headroom",
})  # fmt: skip
"""What a rule may set by a Pod's labels; everything else would let a Pod choose its own rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationBounds:
    """What a Pod may change about itself, and how far."""

    eviction_policies: tuple[EvictionPolicy, ...] = tuple(EvictionPolicy)
    headroom_minimum: Fraction = Fraction(15, 100)
    headroom_maximum: Fraction = Fraction(75, 100)
    snapshots: bool = True
    exempt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFamily:
    """An image of the administrator's own, launched like one of the known families.

    `repository` is a glob over registry/path, such as `registry.example.com/mirror/redis`.
    """

    repository: str
    family: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """Changes to the built-in image families; `drop` holds globs of images that are no Redis.

    `mirrors` are registries, or registries with a path, from which Docker Hub's images come under
    their own names: `registry.example.com/hub` for `registry.example.com/hub/library/redis`.
    """

    add: tuple[ImageFamily, ...] = ()
    drop: tuple[str, ...] = ()
    mirrors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The whole policy file; its defaults are the built-in ones."""

    defaults: NamespaceSettings = field(default_factory=NamespaceSettings)
    headroom: Headroom = field(default_factory=Headroom)
    annotations: AnnotationBounds = field(default_factory=AnnotationBounds)
    images: Images = field(default_factory=Images)
    rules: tuple[Rule, ...] = ()

    def for_namespace(self, namespace: str) -> NamespaceSettings:
        """Resolve the settings of a namespace: the first rule that matches, over the defaults.

        Rules by labels do not count.
        """
        rule = self._rule_of(namespace)
        return self.defaults if rule is None else _overlay(self.defaults, rule)

    def for_pod(self, namespace: str, labels: Mapping[str, str]) -> NamespaceSettings:
        """Resolve the settings of a Pod: the first rule by its labels, over its namespace's."""
        settings = self.for_namespace(namespace)
        rule = self._rule_by_labels(namespace, labels)
        return settings if rule is None else _overlay(settings, rule)

    def rules_for(self, namespace: str, labels: Mapping[str, str]) -> tuple[int, ...]:
        """Give the index of each rule that holds for a Pod: by its namespace, and by its labels."""
        holding = (self._rule_of(namespace), self._rule_by_labels(namespace, labels))
        return tuple(index for index, rule in enumerate(self.rules) if rule in holding)

    def headroom_for(self, namespace: str, labels: Mapping[str, str]) -> Headroom:
        """Resolve the headroom of a Pod in the same way."""
        rules = (self._rule_by_labels(namespace, labels), self._rule_of(namespace))
        chosen = (rule.headroom for rule in rules if rule is not None)
        return next((headroom for headroom in chosen if headroom is not None), self.headroom)

    def _rule_of(self, namespace: str) -> Rule | None:
        for rule in self.rules:
            if not rule.labels and rule.matches(namespace):
                return rule
        return None

    def _rule_by_labels(self, namespace: str, labels: Mapping[str, str]) -> Rule | None:
        for rule in self.rules:
            if rule.selects(namespace, labels):
                return rule
        return None


def _overlay(settings: NamespaceSettings, rule: Rule) -> NamespaceSettings:
    chosen = {
        name: value
        for name in NamespaceSettings.__dataclass_fields__
        if (value := getattr(rule, name)) is not None
    }
    return replace(settings, **chosen)
