"""What a container's shell text ran before an injection it runs after it, with the options."""

from collections import Counter
from pathlib import Path

import jsonpatch
import pytest
from hypothesis import HealthCheck, given, settings

from tests.property.shell_programs import programs
from tests.property.shell_recorder import SHELLS, install_recorder, needs_shells, recorded
from tests.redis.kubelet import expand
from webhook.admission.patch import pod_patch
from webhook.domain.evaluation.evaluate import evaluate
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.policy.settings import Policy


@pytest.fixture(scope="module")
def bin_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("bin")
    install_recorder(directory, "redis-server")
    return directory


def injected(text: str) -> tuple[str, tuple[str, ...]]:
    """The text after the patch, and the options that went into it."""
    container = {
        "name": "redis",
        "image": "redis:7.2",
        "command": ["sh", "-c", text],
        "resources": {"limits": {"memory": "512Mi"}},
    }
    pod = {"metadata": {"name": "cache"}, "spec": {"containers": [container]}}
    evaluation = evaluate(parse_pod(pod), Policy())
    after = jsonpatch.apply_patch(pod, pod_patch(evaluation))
    return after["spec"]["containers"][0]["command"][2], evaluation.outcomes[0].options


@needs_shells
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(text=programs(bash=False).map(lambda text: text.replace("record", "redis-server")))
def test_every_server_of_a_text_gets_the_options_and_nothing_else_changes(
    text: str, bin_directory: Path
) -> None:
    after, options = injected(text)

    for shell in SHELLS:
        calls = recorded(shell, started(text), bin_directory)
        expected = Counter({(*call, *options): count for call, count in calls.items()})
        assert recorded(shell, started(after), bin_directory) == expected


def started(text: str) -> str:
    """The text as the kubelet hands it to the shell, no variable being set."""
    return expand(text, {})
