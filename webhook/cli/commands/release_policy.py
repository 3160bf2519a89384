"""The policy of an audit: a file's, that of the release in the cluster, or the built-in one."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from webhook.cluster.connection import ClusterError
from webhook.cluster.exempt_namespaces import exempt_namespaces
from webhook.cluster.floors import read_record
from webhook.cluster.reading import ClusterReader
from webhook.domain.policy.floors import NO_FLOORS, Floors
from webhook.domain.policy.settings import Policy
from webhook.floors.record import floors_at
from webhook.floors.text import RecordError
from webhook.policyfile import PolicyFileError, load_policy, parse_policy

_RELEASE = "redis-memory-guard/redis-memory-guard-policy"
_KEY = "policy.yaml"
_ALWAYS_EXEMPT = "kube-system"


class PolicyNotFoundError(Exception):
    """The policy that was named cannot be read, or is no good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPolicy:
    """A policy, where it is from, and the namespaces that no webhook is called for.

    `floors` are those that the release's webhook has.
    """

    policy: Policy
    source: str
    exempt_namespaces: frozenset[str]
    floors: Floors = field(default_factory=dict)


def find_policy(asked: str, reader: ClusterReader, *, is_whole: bool) -> ClusterPolicy:
    """Find the policy: `asked` is a file, `cluster`, `cluster:NAMESPACE/NAME`, or empty.

    Empty is the release's where it is found and can be read. `is_whole` lets the webhook
    configuration be read too, which is of the whole cluster and names what is exempt. Raises
    PolicyNotFoundError.
    """
    if asked and asked.partition(":")[0] != "cluster":
        return _of_file(Path(asked))
    place = asked.partition(":")[2] or _RELEASE
    try:
        return _of_release(place, reader, is_whole=is_whole)
    except PolicyNotFoundError:
        if asked:
            raise
        return ClusterPolicy(
            policy=Policy(), source="built-in", exempt_namespaces=frozenset({_ALWAYS_EXEMPT})
        )


def _of_file(path: Path) -> ClusterPolicy:
    try:
        policy = load_policy(path).policy
    except PolicyFileError as error:
        raise PolicyNotFoundError(str(error)) from None
    return ClusterPolicy(
        policy=policy, source=str(path), exempt_namespaces=frozenset({_ALWAYS_EXEMPT})
    )


def _of_release(place: str, reader: ClusterReader, *, is_whole: bool) -> ClusterPolicy:
    namespace, slash, name = place.partition("/")
    if not slash:
        raise PolicyNotFoundError(f"--policy: expected cluster:NAMESPACE/NAME, not {place!r}")
    try:
        found = reader.get("ConfigMap", namespace, name)
    except ClusterError as error:
        raise PolicyNotFoundError(f"the ConfigMap {place} cannot be read: {error}") from None
    text = ((found or {}).get("data") or {}).get(_KEY)
    if text is None:
        raise PolicyNotFoundError(f"there is no ConfigMap {place} with the key {_KEY}")
    try:
        policy = parse_policy(text, place)
    except PolicyFileError as error:
        raise PolicyNotFoundError(str(error)) from None
    exempt = {_ALWAYS_EXEMPT, namespace}
    if is_whole:
        exempt |= _exempt(reader, name.removesuffix("-policy"))
    return ClusterPolicy(
        policy=policy,
        source=place,
        exempt_namespaces=frozenset(exempt),
        floors=_floors(reader, namespace, f"{name.removesuffix('-policy')}-floors"),
    )


def _floors(reader: ClusterReader, namespace: str, name: str) -> Floors:
    """Read the floors as the webhook does: what is not there or not to be read floors nothing."""
    try:
        return floors_at(read_record(reader, namespace, name), datetime.now(UTC))
    except (ClusterError, RecordError):
        return NO_FLOORS


def _exempt(reader: ClusterReader, release: str) -> set[str]:
    """Read which namespaces the release's webhooks are not called for; none where not allowed."""
    try:
        configuration = reader.webhook_configuration(release)
    except ClusterError:
        return set()
    webhooks = (configuration or {}).get("webhooks") or ()
    return {name for webhook in webhooks for name in exempt_namespaces(webhook)}
