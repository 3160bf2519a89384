"""What the measurements say that a ceiling survives, and what no headroom covers.

The measurements are in docs/headroom.md; the profiles that were measured are the built-in ones. No
admission asks for any of this: a denial does, and the command line.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from webhook.domain.ceiling.sizing import Limit, ProfileName, Sizing, size
from webhook.domain.evaluation.outcome import Outcome, Verdict
from webhook.domain.kubernetes.quantity import format_bytes, format_mebibytes
from webhook.domain.policy.profile import MEBIBYTE, Headroom
from webhook.domain.reasons import Reason

DOCUMENT = "docs/headroom.md"
"""The page with the measurements."""

_BUILT_IN = Headroom()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a profile survived, under memory limits of `least` to `most` bytes."""

    least: int
    most: int
    survived: str


MEASURED: Mapping[ProfileName, Measured] = {
    ProfileName.CACHE: Measured(
        least=32 * MEBIBYTE,
        most=4096 * MEBIBYTE,
        survived="The cache profile survived every cache workload measured, on Redis 7 and Valkey "
        "8 under limits of 32Mi to 4Gi: values of 10 B to 1 MB, hashes, lists, sets, streams, "
        "sessions, slow readers. Spot checks under cgroup v2 agree, on Redis 7 and 8 and Valkey 9 "
        "under 64Mi to 512Mi.",
    ),
    ProfileName.PERSISTENT: Measured(
        least=32 * MEBIBYTE,
        most=2048 * MEBIBYTE,
        survived="The persistent profile survived snapshots and rewrites of the append-only file "
        "while values were overwritten, on Redis 7 and Valkey 8 under limits of 32Mi to 2Gi. Spot "
        "checks under cgroup v2 agree, on Redis 7 and 8 and Valkey 9 under 64Mi to 512Mi.",
    ),
}
"""The two profiles; a smaller maxmemory under the same limit is at least as safe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncovered:
    """What no headroom covers: in a few words, and why.

    `forks` where only on a persistent server, `below` where only under memory limits of less bytes.
    """

    words: str
    because: str
    forks: bool = False
    below: int | None = None

    def concerns(self, outcome: Outcome, sizing: Sizing) -> bool:
        """Tell whether it is one on this server."""
        if self.below is not None and sizing.limit >= self.below:
            return False
        return outcome.forks or not self.forks


GAPS = (
    Uncovered(
        words="values whose sizes shift",
        because="small ones replaced by larger ones leave holes that the allocator cannot give "
        "back, and 2 to 3.3 times maxmemory are needed",
    ),
    Uncovered(
        words="one huge reply (KEYS *)",
        because="eviction is checked before a command, not within it",
    ),
    Uncovered(
        words="replicas that stall or synchronise",
        because="replication buffers are outside of maxmemory, and a full synchronisation forks; "
        "bound client-output-buffer-limit replica",
    ),
    Uncovered(
        words="an append-only file on a slow volume",
        because="its buffer is outside of maxmemory",
        forks=True,
    ),
    Uncovered(
        words="socket buffers under cgroup v2",
        because="it charges them to the container: hundreds of clients with large pipelined values "
        "hold up to 80Mi in them; the Pod's sysctls net.ipv4.tcp_rmem and tcp_wmem bound that",
        below=512 * MEBIBYTE,
    ),
    Uncovered(
        words="Redis 6.2 with values of random sizes",
        because="it needs up to 1.4 times maxmemory; a build with musl's allocator 1.3 times",
    ),
)
"""The list of docs/headroom.md, in its order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the measurements say of one server's ceiling.

    `profile` is the measured one that holds for it, None where they do not cover it; the
    sentences tell people. `gaps` are what no headroom covers on such a server.
    """

    profile: ProfileName | None
    sentences: tuple[str, ...]
    gaps: tuple[Uncovered, ...]


def read_evidence(outcome: Outcome) -> Evidence | None:
    """Tell what a server's ceiling survives, None where it has no ceiling to speak of.

    | the ceiling | is covered by the measurements |
    |---|---|
    | that of the measured profile for what the server does, or below | by that profile |
    | above it, whoever chose it: the Pod, its annotation, the policy | not |
    | unsafe, but left as the policy says | not |
    | under a limit that was not measured, or shared by several servers | not |
    """
    sizing = outcome.sizing
    if sizing is None:
        return None
    name = ProfileName.PERSISTENT if outcome.forks else ProfileName.CACHE
    limit = Limit(amount=sizing.limit, volumes=sizing.volumes)
    measured = size(limit, _BUILT_IN, name, "").maxmemory
    doubt = _doubt(outcome, sizing, name, measured)
    sentences = (doubt,) if doubt else tuple(_assurance(outcome, sizing, name, measured))
    return Evidence(
        profile=None if doubt else name,
        sentences=sentences,
        gaps=tuple(gap for gap in GAPS if gap.concerns(outcome, sizing)),
    )


def summary(outcomes: Iterable[Outcome]) -> tuple[str, ...]:
    """Say once for several servers what their ceilings survive, and what nothing covers."""
    found = _evidences(outcomes)
    covered = {each.profile for each in found}
    lines = [each.survived for name, each in MEASURED.items() if name in covered]
    if doubtful := sum(each.profile is None for each in found):
        ceilings = "ceiling" if len(found) == 1 else "ceilings"
        lines.append(
            f"The measurements do not cover {doubtful} of {len(found)} {ceilings}; "
            "`redis-memory-guard explain` says why."
        )
    return (*lines, *_uncovered(found))


def preview(refused: Iterable[Outcome]) -> tuple[str, ...]:
    """Say what refused servers would survive under the limit that their remedy names."""
    found = _evidences(each.remedied for each in refused if each.remedied is not None)
    sentences = dict.fromkeys(sentence for each in found for sentence in each.sentences)
    return (*sentences, *_uncovered(found))


def _evidences(outcomes: Iterable[Outcome]) -> Sequence[Evidence]:
    return [found for each in outcomes if (found := read_evidence(each)) is not None]


def _uncovered(found: Sequence[Evidence]) -> Iterator[str]:
    gaps = {gap for each in found for gap in each.gaps}
    words = [gap.words for gap in GAPS if gap in gaps]
    if words:
        yield f"No headroom covers {', '.join(words)}: {DOCUMENT}."


def _doubt(outcome: Outcome, sizing: Sizing, name: ProfileName, measured: int) -> str:
    if any(warning.reason is Reason.CEILING_UNSAFE for warning in outcome.warnings):
        return "No measurement covers its own ceiling, which the policy leaves as it is."
    if outcome.replica_of is not None:
        return "A replica ignores its maxmemory until it is promoted, so no measurement covers it."
    limit = format_bytes(sizing.limit)
    if sizing.servers > 1:
        return f"Several servers that share {limit} were not measured."
    if sizing.maxmemory > measured:
        return (
            f"The measurements do not cover {_chosen(outcome, sizing)} of {limit}: "
            f"the {name} profile gives {format_mebibytes(measured)}."
        )
    least, most = MEASURED[name].least, MEASURED[name].most
    if not least <= sizing.limit <= most:
        return (
            f"The {name} profile was measured under limits of {format_bytes(least)} to "
            f"{format_bytes(most)}, not of {limit}."
        )
    return ""


def _assurance(outcome: Outcome, sizing: Sizing, name: ProfileName, measured: int) -> Iterator[str]:
    if sizing.maxmemory < measured:
        own, given = _chosen(outcome, sizing), format_mebibytes(measured)
        yield f"{own[0].upper()}{own[1:]} is below the {given} of the {name} profile."
    yield MEASURED[name].survived


def _chosen(outcome: Outcome, sizing: Sizing) -> str:
    """Name a maxmemory with who chose it."""
    amount = format_mebibytes(sizing.maxmemory)
    if outcome.verdict is Verdict.RESPECT:
        return f"its own {amount}"
    if sizing.profile is ProfileName.ANNOTATION:
        return f"the annotation's {amount}"
    if sizing.raised is not None:
        return f"the {amount} that hold its data"
    return f"the policy's {amount}"
