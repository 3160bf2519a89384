"""The look at one namespace: read, joined, evaluated by the evaluation that the webhook uses."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from webhook.admission.handling import Evaluator
from webhook.admission.prefilter import Prefilter
from webhook.audit.container_state import ContainerState, container_states, parse_time
from webhook.audit.gathering import Gap, NamespaceReading, Reader, template_of
from webhook.audit.limit_ranges import with_default_limits
from webhook.audit.namespace_objects import Item, OwnedPods
from webhook.audit.server import AuditedServer, RunningServer
from webhook.domain.evaluation.outcome import Evaluation, Outcome
from webhook.domain.evaluation.status_annotation import encode_status
from webhook.domain.kubernetes.fields import PodError
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.kubernetes.workload import Workload, pod_manifest
from webhook.domain.policy.annotations import INJECTED
from webhook.domain.policy.floors import Floors
from webhook.domain.policy.settings import Mode, Policy, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditBasis:
    """By what is evaluated.

    `floors` are what durable servers were seen to hold. `assume` is the mode that is taken for
    every namespace's; no webhook is called for the Pods of `exempt_namespaces`.
    """

    policy: Policy
    floors: Floors = field(default_factory=dict)
    assume: Mode = Mode.ENFORCE
    exempt_namespaces: frozenset[str] = frozenset()

    @property
    def effective_policy(self) -> Policy:
        """The policy with those namespaces exempt."""
        if not self.exempt_namespaces:
            return self.policy
        rule = Rule(namespaces=tuple(sorted(self.exempt_namespaces)), exempt=True)
        return replace(self.policy, rules=(rule, *self.policy.rules))


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceLook:
    """What one namespace has: its Redis servers, and how many Pods there are in all."""

    namespace: str
    servers: tuple[AuditedServer, ...] = ()
    pods_seen: int = 0
    gaps: tuple[Gap, ...] = ()


def look_at(namespace: str, reader: Reader, basis: AuditBasis) -> NamespaceLook:
    """Look at one namespace. Raises ClusterError where the cluster does not answer any more.

    Each server of each workload is there once, in the order of kinds and names.
    """
    prefilter = Prefilter(basis.policy.images)
    reading = NamespaceReading(namespace=namespace, reader=reader, prefilter=prefilter)
    workloads = reading.objects().workloads()
    look = _Evaluating(
        reading=reading,
        policy=basis.effective_policy,
        floors=basis.floors,
        assume=basis.assume,
    )
    limit_ranges = reading.limit_ranges() if workloads else ()
    targets = reading.vpa_targets() if workloads else frozenset()
    servers = tuple(
        replace(server, has_vpa=(server.workload.kind, server.workload.name) in targets)
        for workload in workloads
        for server in look.servers(workload, limit_ranges)
    )
    return NamespaceLook(
        namespace=namespace,
        servers=servers,
        pods_seen=reading.pods_seen,
        gaps=tuple(reading.gaps),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evaluating:
    reading: NamespaceReading
    policy: Policy
    floors: Floors
    assume: Mode

    def servers(self, workload: OwnedPods, limit_ranges: Sequence[Item]) -> Iterator[AuditedServer]:
        evaluation = self._next_pod(workload, limit_ranges)
        if evaluation is None:
            return
        pods = [(pod, anew) for pod in workload.pods if (anew := self._evaluate(pod)) is not None]
        spec = (workload.template or {}).get("spec") or {}
        for outcome in evaluation.servers:
            yield AuditedServer(
                workload=workload.name,
                owner=workload.owner,
                is_bare=workload.is_bare,
                evaluation=evaluation,
                outcome=outcome,
                is_enforced=self.assume is Mode.ENFORCE,
                replicas=spec.get("replicas"),
                is_suspended=spec.get("suspend") is True,
                pods=tuple(self._running(pod, anew, outcome) for pod, anew in pods),
            )

    def _next_pod(self, workload: OwnedPods, limit_ranges: Sequence[Item]) -> Evaluation | None:
        """Evaluate the Pod that would be made next.

        Of a kind that is not Kubernetes' own no template is known, and of a template that says
        nothing of Redis somebody puts it in: the newest Pod then tells, without our own options.
        """
        template, kind = workload.template, workload.template_kind
        if template is None or not self.reading.prefilter.takes(template_of(template, kind)):
            newest = max(workload.pods, key=_created, default=None)
            return None if newest is None else self._evaluate(newest)
        named = Workload(kind=kind, name=workload.name.name, content=template)
        manifest = pod_manifest(named, self.reading.namespace)
        if manifest is None:
            return None
        return self._evaluate(with_default_limits(manifest.content, limit_ranges))

    def _evaluate(
        self, manifest: Mapping[str, Any], *, as_it_stands: bool = False
    ) -> Evaluation | None:
        try:
            pod = parse_pod(manifest, namespace=self.reading.namespace)
        except PodError as error:
            name = str(manifest["metadata"].get("name", ""))
            gap = Gap(namespace=self.reading.namespace, what=name, why=str(error))
            self.reading.gaps.append(gap)
            return None
        if as_it_stands:
            kept = {name: text for name, text in pod.annotations.items() if name != INJECTED}
            pod = replace(pod, annotations=kept)
        # One for each Pod, as for each review: it reads no more than the webhook would.
        evaluator = Evaluator(
            policy=self.policy, read_config_maps=self.reading.config_maps, floors=self.floors
        )
        return evaluator.evaluate(pod)

    def _running(self, pod: Item, anew: Evaluation, outcome: Outcome) -> RunningServer:
        name = outcome.container.name
        metadata = pod["metadata"]
        record = (metadata.get("annotations") or {}).get(INJECTED)
        states = container_states(pod.get("status") or {})
        return RunningServer(
            pod=str(metadata["name"]),
            node=str(pod["spec"].get("nodeName", "")),
            created=parse_time(metadata.get("creationTimestamp")),
            state=states.get(name, ContainerState()),
            standing=_named(self._evaluate(pod, as_it_stands=True), name) or outcome,
            anew=_named(anew, name) or outcome,
            is_drifted=_is_drifted(record, anew),
        )


def _is_drifted(record: str | None, anew: Evaluation) -> bool:
    """Tell whether a Pod was given something else; a floor moves with what its server holds."""
    is_floored = any(each.sizing and each.sizing.raised for each in anew.outcomes)
    return record is not None and record != encode_status(anew) and not is_floored


def _created(pod: Item) -> str:
    return str(pod["metadata"].get("creationTimestamp", ""))


def _named(evaluation: Evaluation | None, container: str) -> Outcome | None:
    outcomes = () if evaluation is None else evaluation.outcomes
    return next((each for each in outcomes if each.container.name == container), None)
