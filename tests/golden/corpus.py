"""The corpus: public manifests, and what a careful reader says of every container in them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from webhook.cli.input.manifests import (
    EvaluatedWorkload,
    Manifests,
    evaluate_workloads,
    read_manifests,
)
from webhook.domain.evaluation.outcome import Outcome
from webhook.domain.policy.settings import Policy

CORPUS = Path(__file__).with_name("corpus")
MANIFESTS = CORPUS / "manifests"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Key:
    """Where a container of the corpus stands."""

    file: str
    kind: str
    list: str
    container: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a careful reader expects of a container.

    `place` is where options have to go, for launches that take them in one place only. `doubtful`
    says why another reader may differ; only such a label may be `evaluated` otherwise, `because`.
    """

    key: Key
    verdict: str
    place: str | None = None
    doubtful: str | None = None
    evaluated: str | None = None
    because: str | None = None


@cache
def labels() -> tuple[Label, ...]:
    """Read the labels; there is one for every container of every manifest."""
    text = (CORPUS / "labels.json").read_text()
    return tuple(
        Label(
            key=Key(**{name: entry.pop(name) for name in ("file", "kind", "list", "container")}),
            **entry,
        )
        for entry in json.loads(text)
    )


@cache
def manifests() -> Mapping[str, Manifests]:
    """Read each file as one input, so that its ConfigMaps count for its workloads alone."""
    return {path.name: read_manifests([str(path)]) for path in sorted(MANIFESTS.iterdir())}


@cache
def evaluated() -> tuple[tuple[str, EvaluatedWorkload], ...]:
    """Evaluate every workload of every file by the core, under the built-in policy."""
    return tuple(_evaluated())


@cache
def outcomes() -> Mapping[Key, Outcome]:
    """Give the core's outcome of every container."""
    return {
        key_of(file, workload, outcome): outcome
        for file, workload in evaluated()
        for outcome in workload.evaluation.outcomes
    }


def key_of(file: str, workload: EvaluatedWorkload, outcome: Outcome) -> Key:
    """Say where a container stands."""
    container = outcome.container
    return Key(
        file=file,
        kind=workload.document.kind,
        list=container.list,
        container=container.name,
    )


def _evaluated() -> Iterator[tuple[str, EvaluatedWorkload]]:
    for file, read in manifests().items():
        assert read.problems == ()
        for workload in evaluate_workloads(read, Policy()):
            assert isinstance(workload, EvaluatedWorkload)
            yield file, workload
