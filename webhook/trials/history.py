"""What is known of one trial: its samples, and what the kubelet says of its server."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

from webhook.trials.pods import SERVER
from webhook.trials.samples import End, Node, Sample, ServerSample, parse_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Termination:
    """An end of a server's container; `at` in Unix seconds, to the second as the kubelet says."""

    container: str
    reason: str
    exit_code: int
    at: int

    @property
    def is_oom_kill(self) -> bool:
        """Tell whether the kernel killed it for memory."""
        return self.reason == "OOMKilled"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A trial so far: its memory limit in bytes, samples in order, terminations in order."""

    limit: int
    node: Node | None = None
    samples: tuple[Sample, ...] = ()
    terminations: tuple[Termination, ...] = ()
    restarts: int = 0
    waiting: str = ""
    end: End | None = None

    @property
    def servers(self) -> Iterable[ServerSample]:
        """The samples that were answered."""
        return (sample.server for sample in self.samples if sample.server is not None)

    @property
    def latest(self) -> ServerSample | None:
        """What the server said last."""
        return next((s.server for s in reversed(self.samples) if s.server is not None), None)

    @property
    def oom_kills(self) -> tuple[Termination, ...]:
        """The ends of its server that the kernel made."""
        return tuple(each for each in self.terminations if each.is_oom_kill)

    @property
    def peak(self) -> int:
        """The most memory needed, in bytes; the limit, when it was killed there."""
        return self.limit if self.oom_kills else max((s.need for s in self.servers), default=0)

    @property
    def evictions(self) -> int:
        """Evicted keys, over all lives of the server; what follows a life's last sample is lost."""
        counts = [server.evicted for server in self.servers]
        lives = zip(counts, [*counts[1:], 0], strict=True)
        return sum(count for count, following in lives if following < count)

    @property
    def fork_failed(self) -> bool:
        """Tell whether a snapshot or a rewrite did not end well."""
        return any(server.fork_failed for server in self.servers)

    @property
    def survived(self) -> bool:
        """Tell whether the server answers, was never started anew, and every fork ended well."""
        is_up = bool(self.samples) and self.samples[-1].server is not None
        return is_up and not (self.restarts or self.terminations or self.fork_failed)

    def seconds_of(self, termination: Termination) -> float:
        """Place an end on the time axis of the samples."""
        return float(termination.at - self.node.began) if self.node else 0.0


def with_log(history: History, lines: Iterable[str]) -> History:
    """Add what a loader said; lines that are known already change nothing."""
    for line in lines:
        match parsed := parse_line(line):
            case None:
                continue
            case Node():
                history = replace(history, node=parsed)
            case Sample():
                if not history.samples or parsed.number > history.samples[-1].number:
                    history = replace(history, samples=(*history.samples, parsed))
            case End():
                history = replace(history, end=parsed)
            case _:
                assert_never(parsed)
    return history


def with_status(history: History, pod: Mapping[str, Any]) -> History:
    """Add what the kubelet says of the Pod; each end of a container counts once."""
    statuses = pod.get("status", {}).get("containerStatuses", [])
    status = next((each for each in statuses if each["name"] == SERVER), None)
    history = replace(history, waiting=_waiting(statuses) or _unscheduled(pod))
    if status is None:
        return history
    known = {each.container for each in history.terminations}
    ends = (status.get(state, {}).get("terminated") for state in ("lastState", "state"))
    new = tuple(_termination(end) for end in ends if end and end.get("containerID") not in known)
    return replace(
        history,
        terminations=(*history.terminations, *dict.fromkeys(new)),
        restarts=status.get("restartCount", 0),
    )


def _termination(end: Mapping[str, Any]) -> Termination:
    return Termination(
        container=end.get("containerID", ""),
        reason=end.get("reason", ""),
        exit_code=end["exitCode"],
        at=int(datetime.fromisoformat(end["finishedAt"]).timestamp()),
    )


def _waiting(statuses: Iterable[Mapping[str, Any]]) -> str:
    states = ((each["name"], each.get("state", {}).get("waiting") or {}) for each in statuses)
    return "; ".join(
        ": ".join(part for part in (name, state.get("reason"), state.get("message")) if part)
        for name, state in states
        if state
    )


def _unscheduled(pod: Mapping[str, Any]) -> str:
    conditions = pod.get("status", {}).get("conditions", [])
    messages = (
        f"{each.get('reason', '')}: {each.get('message', '')}"
        for each in conditions
        if each["type"] == "PodScheduled" and each["status"] == "False"
    )
    return next(messages, "")
