"""What a container ran before an injection it runs after it, with the options and nothing else.

Texts and scripts of every shape run under real shells, before and after, with a server that records
how it was called. SHELL_TEXTS says how many; CI takes 2,000.
"""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonpatch
import pytest
from hypothesis import HealthCheck, given, settings

from tests.property.shell_recorder import install_recorder, needs_shells, recorded_of
from tests.property.shell_scripts import Start, starts
from tests.redis.kubelet import expand
from webhook.admission.patch import pod_patch
from webhook.domain.evaluation.evaluate import evaluate
from webhook.domain.evaluation.outcome import Outcome, Verdict
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.policy.settings import Policy

EXAMPLES = int(os.environ.get("SHELL_TEXTS", "2000" if os.environ.get("CI") == "true" else "300"))
SCRIPT = "start.sh"
AS_USER = '#!/bin/sh\nshift\nexec "$@"\n'


@pytest.fixture(scope="module")
def bin_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("bin")
    install_recorder(directory, "redis-server")
    (directory / "gosu").write_text(AS_USER)
    (directory / "gosu").chmod(0o755)
    (directory / "ash").write_text('#!/bin/sh\nexec busybox ash "$@"\n')
    (directory / "ash").chmod(0o755)
    (directory / "lib.sh").write_text("LIBRARY=1\n")
    return directory


@needs_shells
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(start=starts())
def test_every_server_gets_the_options_and_nothing_else_changes(
    start: Start, bin_directory: Path
) -> None:
    before = pod(start, bin_directory)
    after, outcome = injected(before, start)

    calls = ran(before, bin_directory)
    if after == before:
        assert outcome.verdict not in (Verdict.INJECT, Verdict.ADJUST)
        return
    variants = (outcome.options, *outcome.other_options)
    assert stripped(ran(after, bin_directory), variants) == calls
    assert injected(after, start)[0] == after


def pod(start: Start, directory: Path) -> dict[str, Any]:
    """A Pod with the start, whose script lies where its container will find it."""
    script = directory / SCRIPT
    script.write_text(start.text)
    script.chmod(0o755)
    container = {
        "name": "redis",
        "image": "redis:7.2",
        **start.launch(str(script)),
        "resources": {"limits": {"memory": "512Mi"}},
        "volumeMounts": [{"name": "scripts", "mountPath": str(directory)}],
    }
    volumes = [{"name": "scripts", "configMap": {"name": "scripts"}}]
    return {"metadata": {"name": "cache"}, "spec": {"containers": [container], "volumes": volumes}}


def injected(pod: dict[str, Any], start: Start) -> tuple[dict[str, Any], Outcome]:
    """The Pod after the patch, but for the annotation, and what was said of its container."""
    evaluation = evaluate(parse_pod(pod), Policy(), {"scripts": {SCRIPT: start.text}})
    after = jsonpatch.apply_patch(pod, pod_patch(evaluation))
    return after, evaluation.outcomes[0]


def stripped(
    calls: Counter[tuple[str, ...]], variants: Sequence[tuple[str, ...]]
) -> Counter[tuple[str, ...]]:
    """Take the options off the end of every call; a call without them stays and stands out."""
    without: Counter[tuple[str, ...]] = Counter()
    for call, count in calls.items():
        ends = [len(each) for each in variants if call[-len(each) :] == each]
        without[call[: -max(ends)] if ends else (*call, "without options")] += count
    return without


def ran(pod: dict[str, Any], directory: Path) -> Counter[tuple[str, ...]]:
    """How the Pod's container calls its server, as the kubelet starts it; no variable is set."""
    container = pod["spec"]["containers"][0]
    words = [*container["command"], *container.get("args", ())]
    argv = [expand(word, {}) for word in words]
    program = directory / argv[0]
    calls = recorded_of([str(program) if program.exists() else argv[0], *argv[1:]], directory)
    del calls[("--version",)]  # It serves nothing.
    return calls
