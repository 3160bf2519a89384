"""Running a lot of cases on a cluster at once."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from benchmarks.headroom.cases import Case
from benchmarks.headroom.results import Result, make_result
from webhook.cli.commands.plateau.display import Show
from webhook.cluster.connection import ClusterError, is_missing
from webhook.cluster.trial_namespace import TrialNamespace
from webhook.domain.kubernetes.quantity import format_bytes
from webhook.domain.policy.settings import Policy
from webhook.trials.follow import Following, TrialError, follow
from webhook.trials.history import History
from webhook.trials.pods import Manifest, guard, trial_pod

_GONE_SECONDS = 120


def run_lot(
    cases: Sequence[Case], namespace: TrialNamespace, show: Show, *, policy: Policy | None
) -> Sequence[Result]:
    """Run cases at once, each to its end or its first kill; their Pods are gone afterwards.

    `policy` stands for the built-in one where something is injected. Raises as follow does.
    """
    lot = {f"case-{number}": case for number, case in enumerate(cases)}
    for name, case in lot.items():
        namespace.create(_pod(name, case, policy))
    following = Following(
        namespace=namespace,
        limits={name: case.limit for name, case in lot.items()},
        seconds=max(case.load.seconds for case in cases),
        until_killed=True,
    )
    histories = follow(following, show)
    for name in lot:
        namespace.delete(name)
    for name in lot:
        _await_gone(namespace, name)
    return _results(lot, histories)


def _pod(name: str, case: Case, policy: Policy | None) -> Manifest:
    manifest = trial_pod(name, image=case.image, limit=format_bytes(case.limit), load=case.load)
    chosen = case.guard.policy
    if chosen is None:
        return manifest
    return guard(manifest, policy if policy and chosen == Policy() else chosen).manifest


def _results(lot: Mapping[str, Case], histories: Mapping[str, History]) -> Sequence[Result]:
    today = datetime.now(UTC).date()
    return tuple(make_result(case, histories[name], today=today) for name, case in lot.items())


def _await_gone(namespace: TrialNamespace, name: str) -> None:
    """Wait until a Pod's memory is free: the next one's figures depend on it."""
    deadline = time.monotonic() + _GONE_SECONDS
    while time.monotonic() < deadline:
        try:
            namespace.read(name)
        except ClusterError as error:
            if is_missing(error):
                return
            raise
        time.sleep(0.5)
    raise TrialError(f"the Pod {name} is not deleted")
