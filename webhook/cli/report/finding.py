"""What a command found, in values that the outputs render."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from webhook.admission.patch import PatchOperation, pod_patch
from webhook.cli.input.manifests import EvaluatedWorkload
from webhook.cli.input.sources import InputProblem
from webhook.cli.input.unread import UnreadKind
from webhook.cli.terminal.exit_codes import BAD_INPUT
from webhook.domain.evaluation.masters import beside_masters
from webhook.domain.evaluation.outcome import Evaluation, Outcome, Verdict
from webhook.domain.reasons import AdmissionWarning

CLEAN, FINDINGS = 0, 1
"""The exit codes; bad input wins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLocation:
    """A line of a file: the container's, or the nearest around it that is known.

    `source` is the file as the user gave it, `document` the number of the document in it, from 0.
    """

    source: str
    document: int
    line: int
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """Give `deploy.yaml:7`, as editors and terminals link it."""
        return f"{self.source}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLocation:
    """An object of a cluster; `cluster` is its name in the kubeconfig."""

    cluster: str
    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """Give `prod/shop/Deployment/cart`."""
        return "/".join((self.cluster, self.namespace, self.kind, self.name))


Location: TypeAlias = FileLocation | ObjectLocation


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The evaluation of one container of a workload, and where that is."""

    location: Location
    evaluation: Evaluation
    outcome: Outcome

    @property
    def workload(self) -> str:
        """The workload in words."""
        return f"{self.location.kind} {self.location.namespace}/{self.location.name}"

    @property
    def title(self) -> str:
        """The workload and the container in words."""
        return f"{self.workload}, container {self.outcome.container.name}"

    @property
    def limit(self) -> int | None:
        """The memory limit in bytes that the evaluation went by, None when there is none."""
        sizing = self.outcome.sizing
        return self.outcome.container.memory_limit if sizing is None else sizing.limit

    @property
    def warnings(self) -> tuple[AdmissionWarning, ...]:
        """The container's warnings, and for a server those of its Pod."""
        of_pod = self.evaluation.warnings if self.outcome.server else ()
        return self.outcome.warnings + of_pod

    @property
    def patch(self) -> tuple[PatchOperation, ...]:
        """What the webhook would send for the Pod; empty where it changes nothing or refuses."""
        if self.outcome.after is None or self.evaluation.denied:
            return ()
        return pod_patch(self.evaluation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Every finding in the order of the input, what was bad input, and what was not read."""

    findings: tuple[Finding, ...]
    problems: tuple[InputProblem, ...]
    sources: int
    workloads: int
    wanted: tuple[str, ...]
    unread: tuple[UnreadKind, ...] = ()

    @property
    def denied(self) -> Sequence[Finding]:
        """The findings for which the Pod would be denied when the mode is enforce."""
        return tuple(finding for finding in self.findings if finding.outcome.denied)

    @property
    def servers(self) -> Sequence[Finding]:
        """The findings of containers that run a server."""
        return tuple(finding for finding in self.findings if finding.outcome.server)

    @property
    def verdicts(self) -> Mapping[Verdict, int]:
        """How many containers got each verdict."""
        counts = Counter(finding.outcome.verdict for finding in self.findings)
        return {verdict: counts[verdict] for verdict in Verdict}

    @property
    def exit_code(self) -> int:
        """0 clean, 1 findings that would be denied, 2 bad input."""
        if self.problems:
            return BAD_INPUT
        return FINDINGS if self.denied else CLEAN


def finding_in_file(workload: EvaluatedWorkload, outcome: Outcome) -> Finding:
    """Make the finding of one container of a manifest."""
    document, pod = workload.document, workload.evaluation.pod
    location = FileLocation(
        source=document.source,
        document=document.index,
        line=workload.line_of(outcome.container.path),
        kind=document.kind,
        namespace=pod.namespace,
        name=document.name,
    )
    return Finding(location=location, evaluation=workload.evaluation, outcome=outcome)


def make_report(
    evaluated: Iterable[EvaluatedWorkload | InputProblem],
    problems: Sequence[InputProblem],
    sources: int,
    unread: tuple[UnreadKind, ...] = (),
) -> Report:
    """Collect evaluations and bad input; `wanted` names ConfigMaps that would have told more."""
    findings: list[Finding] = []
    bad = list(problems)
    wanted: dict[str, None] = {}
    workloads = 0
    for item in _beside_masters(list(evaluated)):
        if isinstance(item, InputProblem):
            bad.append(item)
            continue
        workloads += 1
        pod = item.evaluation.pod
        wanted |= {f"{pod.namespace}/{name}": None for name in item.evaluation.wanted}
        findings += [finding_in_file(item, each) for each in item.evaluation.outcomes]
    return Report(
        findings=tuple(findings),
        problems=tuple(bad),
        sources=sources,
        workloads=workloads,
        wanted=tuple(wanted),
        unread=unread,
    )


def _beside_masters(
    evaluated: Sequence[EvaluatedWorkload | InputProblem],
) -> Iterator[EvaluatedWorkload | InputProblem]:
    """Compare replicas with their masters in the same input."""
    workloads = [item for item in evaluated if isinstance(item, EvaluatedWorkload)]
    compared = iter(beside_masters([item.evaluation for item in workloads]))
    for item in evaluated:
        if isinstance(item, EvaluatedWorkload):
            yield replace(item, evaluation=next(compared))
        else:
            yield item
