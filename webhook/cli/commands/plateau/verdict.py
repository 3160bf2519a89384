"""What two trials side by side have shown."""

from dataclasses import dataclass
from fractions import Fraction

from webhook.domain.kubernetes.quantity import format_mebibytes
from webhook.trials.history import History

_AT_LIMIT = Fraction(95, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """The two trials; `unguarded` is None where the cluster's own webhook guards every server."""

    guarded: History
    unguarded: History | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialVerdict:
    """One sentence, and whether it speaks for the guard."""

    holds: bool
    sentence: str


def conclude(trials: Trials) -> TrialVerdict:
    """Evaluate by what became of the servers: it holds when the guarded one survived.

    It does not when the unguarded one lived at its limit, too: then the trial tells nothing.
    """
    guarded, unguarded = trials.guarded, trials.unguarded
    if not guarded.survived:
        return TrialVerdict(holds=False, sentence=f"The guarded server {_fate(guarded)}.")
    if not _is_full(guarded):
        sentence = "The load did not fill the guarded server: nothing is proven. Raise --rate."
        return TrialVerdict(
            holds=unguarded is None or not _reached_limit(unguarded), sentence=sentence
        )
    plateau = f"The guarded server plateaus at {_plateau(guarded)}"
    if unguarded is None:
        return TrialVerdict(holds=True, sentence=f"{plateau}.")
    if not unguarded.survived:
        sentence = f"{plateau}; the unguarded one {_fate(unguarded)}."
        return TrialVerdict(holds=True, sentence=sentence)
    if _reached_limit(unguarded):
        sentence = f"{plateau}, but the unguarded one lives at its limit: does the node swap?"
        return TrialVerdict(holds=False, sentence=sentence)
    sentence = f"{plateau}; the load did not fill the unguarded one. Raise --duration or --rate."
    return TrialVerdict(holds=True, sentence=sentence)


def _is_full(history: History) -> bool:
    is_refusing = history.end is not None and history.end.refused > 0
    return history.evictions > 0 or is_refusing


def _reached_limit(history: History) -> bool:
    return history.peak >= _AT_LIMIT * history.limit


def _plateau(history: History) -> str:
    peak, limit = format_mebibytes(history.peak), format_mebibytes(history.limit)
    return f"{peak} of {limit} and has evicted {history.evictions:,} keys"


def _fate(history: History) -> str:
    if history.oom_kills:
        return f"was OOM-killed {_times(len(history.oom_kills))}"
    if history.terminations:
        last = history.terminations[-1]
        return f"ended with exit code {last.exit_code} ({last.reason})"
    if history.fork_failed:
        return "lost the child of a snapshot or a rewrite"
    return "does not answer"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
