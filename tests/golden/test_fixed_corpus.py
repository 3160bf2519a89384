"""`fix` over the corpus: real manifests, in every style that people write them in."""

import difflib
from dataclasses import replace
from pathlib import Path

import pytest

from tests.golden.corpus import manifests
from webhook.admission.patch import launch_patch
from webhook.cli.commands.fixed import Fixed, inject, with_memory_limit
from webhook.cli.input.manifests import (
    EvaluatedWorkload,
    Manifests,
    evaluate_workloads,
    read_manifests,
)
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.policy.settings import Policy

FILES = pytest.mark.parametrize("file", list(manifests()))


def evaluated(read: Manifests) -> tuple[EvaluatedWorkload, ...]:
    return tuple(
        each for each in evaluate_workloads(read, Policy()) if isinstance(each, EvaluatedWorkload)
    )


def limited(read: Manifests) -> Manifests:
    """Give every server a limit that no request of the corpus is over."""
    changed, failures = with_memory_limit(read, evaluated(read), "64Gi")
    assert failures == ()
    return changed


def fix(read: Manifests) -> Fixed:
    (fixed,) = inject(read, evaluated(read))
    return fixed


@FILES
def test_a_fixed_file_has_a_ceiling_on_every_server_and_nothing_left_to_fix(
    file: str, tmp_path: Path
):
    read = limited(manifests()[file])
    path = tmp_path / file

    fixed = fix(read)

    assert fixed.failures == ()
    path.write_text(fixed.text)
    again = read_manifests([str(path)])
    left = [
        (outcome.container.name, outcome.verdict)
        for workload in evaluated(again)
        for outcome in workload.evaluation.servers
        if outcome.verdict not in (Verdict.RESPECT, Verdict.UNENFORCEABLE, Verdict.EXEMPT)
    ]
    assert left == []
    assert fix(again).text == fixed.text
    assert [item.kind for item in again.objects] == [item.kind for item in read.objects]


@FILES
def test_lines_are_only_added_but_for_the_texts_that_change(file: str):
    read = limited(manifests()[file])
    replaced = sum(
        operation["op"] == "replace" or str(operation["path"]).endswith("/value")
        for workload in evaluated(read)
        for operation in launch_patch(workload.evaluation)
    )

    fixed = fix(read)

    before, after = fixed.source.text.splitlines(), fixed.text.splitlines()
    taken = [line for line in difflib.ndiff(before, after) if line.startswith("- ")]
    in_brackets = [line for line in taken if line.rstrip().endswith(("]", "}", "{}"))]
    assert len(taken) - len(in_brackets) <= replaced


def test_a_container_that_is_refused_stays_as_it_is():
    refused = {
        file: read
        for file, read in manifests().items()
        if all(outcome.denied for each in evaluated(read) for outcome in each.evaluation.servers)
    }

    texts = {file: fix(replace(read)).text for file, read in refused.items()}

    assert len(texts) > 10
    assert texts == {file: read.sources[0].text for file, read in refused.items()}
