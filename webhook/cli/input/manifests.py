"""All manifests of one command, evaluated by the core that the webhook uses."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from webhook.cli.input.documents import (
    Document,
    FieldPath,
    SourceDocument,
    objects_of,
    parse_field_path,
    read_documents,
)
from webhook.cli.input.limit_ranges import default_limits, with_default_limit
from webhook.cli.input.sources import InputProblem, Source, read_sources
from webhook.cli.input.unread import UnreadKind, unread_kinds
from webhook.cli.input.workloads import config_map_data, pod_of
from webhook.domain.evaluation.evaluate import evaluate
from webhook.domain.evaluation.outcome import Evaluation
from webhook.domain.kubernetes.fields import PodError
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.kubernetes.workload import PodManifest
from webhook.domain.policy.floors import NO_FLOORS, Floors
from webhook.domain.policy.settings import Policy

DEFAULT_NAMESPACE = "default"

ConfigMaps = Mapping[str, Mapping[str, Mapping[str, str]]]
"""The texts of ConfigMaps by namespace, name and key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifests:
    """What was read: the sources, their documents, the objects in them, and what is bad input."""

    sources: tuple[Source, ...]
    documents: tuple[SourceDocument, ...]
    objects: tuple[Document, ...]
    problems: tuple[InputProblem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedWorkload:
    """One workload, the manifest of its Pod, and the evaluation of that Pod."""

    document: Document
    manifest: PodManifest
    evaluation: Evaluation

    def line_of(self, path: str) -> int:
        """Give the line of a field of the Pod, named as the core names it."""
        return self.document.line_at(_in_workload(self.manifest, path))


def read_manifests(names: Sequence[str]) -> Manifests:
    """Read everything that is named; what is bad input is kept beside what is good."""
    sources: list[Source] = []
    documents: list[SourceDocument] = []
    objects: list[Document] = []
    problems: list[InputProblem] = []
    for source in read_sources(names):
        if isinstance(source, InputProblem):
            problems.append(source)
            continue
        sources.append(source)
        for document in read_documents(source):
            if isinstance(document, InputProblem):
                problems.append(document)
                continue
            documents.append(document)
            for item in objects_of(document):
                if isinstance(item, InputProblem):
                    problems.append(item)
                else:
                    objects.append(item)
    return Manifests(
        sources=tuple(sources),
        documents=tuple(documents),
        objects=tuple(objects),
        problems=tuple(problems),
    )


def evaluate_workloads(
    manifests: Manifests,
    policy: Policy,
    namespace: str = DEFAULT_NAMESPACE,
    floors: Floors = NO_FLOORS,
) -> Iterator[EvaluatedWorkload | InputProblem]:
    """Evaluate every workload in the order of the input; `namespace` is of those that name none.

    ConfigMaps of the same input, in the workload's namespace, tell of configuration files, and
    LimitRanges of the memory limit that a container without one gets. `floors` are what durable
    servers were seen to hold.
    """
    config_maps = _config_maps(manifests.objects, namespace)
    limits = default_limits(manifests.objects, namespace)
    for document in manifests.objects:
        home = document.namespace or namespace
        try:
            manifest = pod_of(document, home)
        except PodError as error:
            yield _problem(document, error, parse_field_path(error.path))
            continue
        if manifest is None:
            continue
        try:
            pod = parse_pod(_as_admitted(manifest.content, limits.get(home)))
        except PodError as error:
            yield _problem(document, error, _in_workload(manifest, error.path))
            continue
        evaluation = evaluate(pod, policy, config_maps.get(home, {}), floors=floors)
        yield EvaluatedWorkload(document=document, manifest=manifest, evaluation=evaluation)


def unread_in(manifests: Manifests, policy: Policy) -> tuple[UnreadKind, ...]:
    """Name the kinds that make no Pod here, though the image of a server stands in them."""
    return unread_kinds(filter(_makes_no_pod, manifests.objects), policy.images)


def _makes_no_pod(document: Document) -> bool:
    try:
        return pod_of(document, DEFAULT_NAMESPACE) is None
    except PodError:
        return False  # bad input, and told as such


def _as_admitted(pod: Mapping[str, object], limit: object) -> Mapping[str, object]:
    return pod if limit is None else with_default_limit(pod, limit)


def _config_maps(objects: Sequence[Document], namespace: str) -> ConfigMaps:
    found: dict[str, dict[str, Mapping[str, str]]] = {}
    for document in objects:
        data = config_map_data(document)
        if data is not None:
            found.setdefault(document.namespace or namespace, {})[document.name] = data
    return found


def _in_workload(manifest: PodManifest, path: str) -> FieldPath:
    return manifest.template + parse_field_path(path)


def _problem(document: Document, error: PodError, path: FieldPath) -> InputProblem:
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return InputProblem(
        source=document.source,
        document=document.index,
        line=document.line_at(path),
        problem=f"{document.kind} {document.name}".rstrip()
        + f": {place.lstrip('.')}: {error.problem}",
    )
