"""Compare replicas with the masters that are evaluated together with them.

A replica ignores its own ceiling and holds what its master holds: under a smaller memory limit it
is killed, synchronises anew, and is killed again.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from webhook.domain.ceiling.sizing import Sizing
from webhook.domain.evaluation.outcome import Evaluation, Outcome
from webhook.domain.kubernetes.quantity import format_bytes, format_mebibytes
from webhook.domain.reasons import AdmissionWarning, Reason

_ORDINAL = re.compile(r"-[0-9]{1,9}\Z")


def beside_masters(evaluations: Sequence[Evaluation]) -> tuple[Evaluation, ...]:
    """Say of each replica what its master may hold, where that is more than its limit leaves.

    A master is told by its host's first name: that of a workload of the same namespace, or of one
    of its Pods, `redis-0`.
    """
    return tuple(
        replace(
            each, outcomes=tuple(_compared(outcome, each, evaluations) for outcome in each.outcomes)
        )
        if any(outcome.replica_of for outcome in each.outcomes)
        else each
        for each in evaluations
    )


def _compared(outcome: Outcome, own: Evaluation, evaluations: Iterable[Evaluation]) -> Outcome:
    if not outcome.replica_of or outcome.sizing is None:
        return outcome
    for name, master in _masters(outcome.replica_of, own, evaluations):
        if master.maxmemory > outcome.sizing.maxmemory:
            warning = _warning(name, master, outcome.sizing)
            others = (each for each in outcome.warnings if each.reason is not warning.reason)
            return replace(outcome, warnings=(warning, *others))
    return outcome


def _warning(name: str, master: Sizing, own: Sizing) -> AdmissionWarning:
    message = (
        f"its master {name} may hold {format_mebibytes(master.maxmemory)}, and of its own memory "
        f"limit of {format_bytes(own.limit)} only {format_mebibytes(own.maxmemory)} are safe for "
        f"data: it needs the {format_bytes(master.limit)} of its master"
    )
    return AdmissionWarning(reason=Reason.REPLICA_IGNORES_CEILING, message=message)


def _masters(
    host: str, own: Evaluation, evaluations: Iterable[Evaluation]
) -> Iterator[tuple[str, Sizing]]:
    first = host.partition(".")[0]
    names = {first, _ORDINAL.sub("", first)}
    for each in evaluations:
        pod = each.pod
        if each is not own and pod.namespace == own.pod.namespace and pod.name in names:
            sizings = (outcome.sizing for outcome in each.servers)
            yield from ((pod.name, sizing) for sizing in sizings if sizing is not None)
