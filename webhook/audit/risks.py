"""The closed list of what may go wrong with a server: docs/audit.md explains each."""

from collections.abc import Iterator
from enum import StrEnum

from webhook.audit.live import LiveServer
from webhook.audit.server import AuditedServer
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.reasons import Reason


class Risk(StrEnum):
    """What may go wrong, the worst first."""

    REFUSED = "refused"
    DATA_OVER_CEILING = "data-over-ceiling"
    MAYBE_QUEUE = "maybe-queue"
    REPLICA_OVER_LIMIT = "replica-over-limit"
    UNENFORCEABLE = "unenforceable"
    HIDDEN = "hidden"
    DRIFTED = "drifted"
    IMAGE_MOVED = "image-moved"
    BARE_POD = "bare-pod"
    OPERATOR = "operator"
    VPA = "vpa"


SENTENCES = {
    Risk.REFUSED: "Its next Pod would be refused.",
    Risk.DATA_OVER_CEILING: "It holds more than its next ceiling would allow.",
    Risk.MAYBE_QUEUE: "None of its keys expires: eviction may lose jobs or state.",
    Risk.REPLICA_OVER_LIMIT: "A replica, which does not evict by itself, is over its ceiling.",
    Risk.UNENFORCEABLE: "No ceiling can be given to it.",
    Risk.HIDDEN: "A part of its configuration cannot be seen.",
    Risk.DRIFTED: "What holds it now is not what today's policy would give it.",
    Risk.IMAGE_MOVED: "Its image has moved: a node that lacks it cannot fetch it.",
    Risk.BARE_POD: "Nobody makes its Pod anew: it stays as it is until somebody does.",
    Risk.OPERATOR: "An operator owns it: change the operator's object, not the workload.",
    Risk.VPA: "A VerticalPodAutoscaler sets its limit, which the next ceiling follows.",
}
"""Each risk in one sentence."""

AT_RISK = frozenset(
    {
        Risk.REFUSED,
        Risk.DATA_OVER_CEILING,
        Risk.MAYBE_QUEUE,
        Risk.REPLICA_OVER_LIMIT,
        Risk.UNENFORCEABLE,
    }
)
"""What costs writes, data or the Pod, rather than what to know."""

_HIDDEN = frozenset({Reason.POLICY_HIDDEN, Reason.OPTIONS_HIDDEN, Reason.CEILING_HIDDEN})
_MOVED = ("docker.io/bitnami/", "bitnami/", "k8s.gcr.io/", "gcr.io/google_containers/")


def risks_of(server: AuditedServer) -> tuple[Risk, ...]:
    """Name a server's risks, the worst first."""
    found = frozenset(_risks(server))
    return tuple(risk for risk in Risk if risk in found)


def _risks(server: AuditedServer) -> Iterator[Risk]:
    outcome = server.outcome
    if server.is_refused:
        yield Risk.REFUSED
    if _holds_too_much(server):
        yield Risk.DATA_OVER_CEILING
    if _may_be_a_queue(server):
        yield Risk.MAYBE_QUEUE
    if any(_is_replica_over(each.live) for each in server.pods):
        yield Risk.REPLICA_OVER_LIMIT
    if outcome.verdict in (Verdict.UNENFORCEABLE, Verdict.DENY) and not server.is_refused:
        yield Risk.UNENFORCEABLE
    if any(warning.reason in _HIDDEN for warning in outcome.warnings):
        yield Risk.HIDDEN
    if any(each.is_drifted or each.is_changed_at_run_time for each in server.pods):
        yield Risk.DRIFTED
    yield from _of_workload(server)


def _of_workload(server: AuditedServer) -> Iterator[Risk]:
    if server.outcome.container.image.startswith(_MOVED):
        yield Risk.IMAGE_MOVED
    if server.is_bare:
        yield Risk.BARE_POD
    is_operated = server.owner is not None or not (server.is_bare or server.workload.is_built_in)
    if is_operated or server.outcome.reason is Reason.OPERATOR_MANAGED:
        yield Risk.OPERATOR
    if server.has_vpa:
        yield Risk.VPA


def _holds_too_much(server: AuditedServer) -> bool:
    ceiling, used = server.next_ceiling, server.used
    if server.outcome.denied and server.outcome.remedied is not None:
        return False
    return ceiling is not None and used is not None and used > ceiling


def _may_be_a_queue(server: AuditedServer) -> bool:
    """Tell whether keys that never expire would be evicted for the first time."""
    evicts_any = (server.outcome.eviction_policy or "").startswith("allkeys-")
    return evicts_any and any(
        isinstance(live := each.live, LiveServer)
        and live.keys > 0
        and live.expiring == 0
        and live.eviction_policy == "noeviction"
        for each in server.pods
    )


def _is_replica_over(live: object) -> bool:
    if not isinstance(live, LiveServer) or not live.is_replica:
        return False
    return 0 < live.maxmemory < live.used
