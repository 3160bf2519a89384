"""Running the two trials on a cluster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webhook.cli.commands.plateau.display import Show
from webhook.cli.commands.plateau.verdict import Trials
from webhook.cluster.trial_namespace import TrialNamespace
from webhook.domain.kubernetes.quantity import format_bytes
from webhook.domain.policy.settings import Policy
from webhook.trials.follow import Following, TrialError, follow
from webhook.trials.history import History
from webhook.trials.pods import Manifest, guard, is_injected, trial_pod
from webhook.trials.workload import Load

GUARDED = "guarded"
UNGUARDED = "unguarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is run twice: an image, a memory limit in bytes, a load."""

    image: str
    limit: int
    load: Load

    def pod(self, name: str) -> Manifest:
        """Make the Pod as somebody would deploy it."""
        limit = format_bytes(self.limit)
        return trial_pod(name, image=self.image, limit=limit, load=self.load)


def create_twins(plan: Plan, policy: Policy, namespace: TrialNamespace) -> Sequence[str]:
    """Create the Pods and give their names.

    The guarded one is changed by our own patch, unless the cluster's webhook does it: then every
    server is guarded, and there is no other one. Raises TrialError when nothing would be injected,
    ClusterError when a Pod is refused.
    """
    if is_injected(namespace.create(plan.pod(UNGUARDED))):
        namespace.delete(UNGUARDED)
        namespace.create(plan.pod(GUARDED))
        return (GUARDED,)
    namespace.create(_guarded(plan, policy, namespace.name))
    return (GUARDED, UNGUARDED)


def follow_twins(names: Sequence[str], plan: Plan, namespace: TrialNamespace, show: Show) -> Trials:
    """Follow the Pods to the end of their load; raises as follow does."""
    following = Following(
        namespace=namespace,
        limits=dict.fromkeys(names, plan.limit),
        seconds=plan.load.seconds,
    )
    histories = follow(following, show)
    return Trials(guarded=histories[GUARDED], unguarded=histories.get(UNGUARDED))


def by_name(trials: Trials) -> Mapping[str, History]:
    """Name the trials, the guarded one first."""
    named = {GUARDED: trials.guarded}
    return named if trials.unguarded is None else {**named, UNGUARDED: trials.unguarded}


def check_plan(plan: Plan, policy: Policy) -> None:
    """Raise TrialError when nothing would be injected into the server."""
    _guarded(plan, policy, "")


def _guarded(plan: Plan, policy: Policy, namespace: str) -> Manifest:
    guarded = guard(plan.pod(GUARDED), policy, namespace=namespace)
    if not guarded.outcome.options:
        raise TrialError(f"nothing would be injected into {plan.image}: {guarded.outcome.message}")
    return guarded.manifest
