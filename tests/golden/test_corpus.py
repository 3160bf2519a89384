"""Every container of the corpus, by the core, over HTTPS and by the command line alike."""

import json
from collections.abc import Iterator, Mapping

import pytest
from click.testing import CliRunner

from tests.golden.corpus import MANIFESTS, Label, evaluated, labels, manifests, outcomes
from tests.golden.reviews import Answer, decode_answer, encode_creation
from tests.harness.builders import reading
from tests.integration.running import Server, start
from webhook.admission.denial import denial
from webhook.admission.handling import handle
from webhook.admission.mutate import mutate
from webhook.admission.patch import pod_patch
from webhook.cli.commands.group import commands
from webhook.cli.input.manifests import EvaluatedWorkload
from webhook.cli.input.workloads import config_map_data
from webhook.domain.evaluation.evaluate import evaluate
from webhook.domain.evaluation.outcome import Evaluation, Outcome
from webhook.domain.policy.settings import Policy

Patch = tuple[Mapping[str, object], ...]

_WORKLOADS = pytest.mark.parametrize(
    ("file", "workload"), [pytest.param(file, each, id=file) for file, each in evaluated()]
)

_COMPARED = (
    "kind",
    "container",
    "server",
    "verdict",
    "reason",
    "refused",
    "maxmemoryBytes",
    "patch",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A serving process over TLS that reads no ConfigMap."""
    running = start(tmp_path_factory.mktemp("server"))
    try:
        yield running.wait_ready()
    finally:
        running.interrupt()


def test_every_container_has_one_label() -> None:
    containers = [outcome for _, each in evaluated() for outcome in each.evaluation.outcomes]

    assert sorted(label.key for label in labels()) == sorted(outcomes())
    assert len(containers) == len(labels()) == 172


def test_only_a_doubtful_label_is_evaluated_otherwise_and_then_with_a_reason() -> None:
    otherwise = [label for label in labels() if label.evaluated is not None]

    assert [label.key for label in otherwise if not (label.doubtful and label.because)] == []
    assert len(otherwise) == 13


@pytest.mark.parametrize(
    "label", labels(), ids=lambda label: f"{label.key.file}:{label.key.container}"
)
def test_a_label_is_met(label: Label) -> None:
    outcome = outcomes()[label.key]

    assert outcome.verdict == (label.evaluated or label.verdict)
    if label.place is not None:
        assert outcome.source == label.place


@_WORKLOADS
def test_the_admission_answers_as_the_core_evaluates(
    file: str, workload: EvaluatedWorkload
) -> None:
    """The admission asks for each ConfigMap as it meets its name; the core was given them all."""
    config_maps = _config_maps(file)

    admitted = handle(
        _review(workload), mutate, policy=Policy(), read_config_maps=reading(config_maps)
    )

    assert admitted.evaluation is not None
    assert admitted.evaluation.outcomes == workload.evaluation.outcomes
    assert _evaluated(decode_answer(admitted.answer)) == _told(workload.evaluation)


@_WORKLOADS
def test_the_server_answers_as_the_core_evaluates(
    server: Server, file: str, workload: EvaluatedWorkload
) -> None:
    answer = decode_answer(server.post(content=_review(workload)).content)

    assert _evaluated(answer) == _told(evaluate(workload.evaluation.pod, Policy()))


@pytest.mark.parametrize("file", manifests())
def test_the_command_line_finds_what_the_core_evaluates(file: str) -> None:
    """One command for each file, so that its ConfigMaps count for its workloads alone."""
    run = CliRunner().invoke(commands, ["check", "--output", "json", str(MANIFESTS / file)])

    workloads = [workload for name, workload in evaluated() if name == file]
    is_refused = any(workload.evaluation.denied for workload in workloads)
    assert (run.exit_code, run.stderr) == (1 if is_refused else 0, "")
    found = json.loads(run.stdout)["findings"]
    expected = [
        _finding(workload, outcome)
        for workload in workloads
        for outcome in workload.evaluation.outcomes
    ]
    assert [{name: finding[name] for name in _COMPARED} for finding in found] == expected


def _finding(workload: EvaluatedWorkload, outcome: Outcome) -> Mapping[str, object]:
    """Write the compared fields of one finding; it has the patch of the whole Pod, or none."""
    is_changed = outcome.after is not None and not workload.evaluation.denied
    values = (
        workload.document.kind,
        outcome.container.name,
        outcome.server,
        outcome.verdict,
        outcome.reason,
        outcome.denied,
        outcome.sizing.maxmemory if outcome.sizing else None,
        list(pod_patch(workload.evaluation)) if is_changed else [],
    )
    return dict(zip(_COMPARED, values, strict=True))


def _review(workload: EvaluatedWorkload) -> bytes:
    return encode_creation(workload.manifest.content, namespace=workload.evaluation.pod.namespace)


def _config_maps(file: str) -> Mapping[str, Mapping[str, str]]:
    """The file's ConfigMaps by name; no file has two of one name in different namespaces."""
    found = {each.name: config_map_data(each) for each in manifests()[file].objects}
    return {name: data for name, data in found.items() if data is not None}


def _evaluated(answer: Answer) -> tuple[bool, str, str, Patch]:
    """Take from an answer what every way to the core has to agree on."""
    reasons = answer.audit_annotations.get("reason", "")
    return answer.allowed, answer.message, reasons, answer.patch


def _told(evaluation: Evaluation) -> tuple[bool, str, str, Patch]:
    """Say the same of an evaluation."""
    refused = evaluation.denied
    reasons = ",".join(f"{each.container.name}={each.reason}" for each in evaluation.servers)
    return not refused, denial(refused), reasons, () if refused else pod_patch(evaluation)
