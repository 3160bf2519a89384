"""What a real server takes, it still takes after an injection, and it means the same."""

import copy
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonpatch
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.redis.server import LaunchError, RealServer
from webhook.admission.patch import pod_patch
from webhook.domain.evaluation.evaluate import evaluate
from webhook.domain.evaluation.outcome import Outcome, Verdict
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.policy.settings import Policy

pytestmark = pytest.mark.redis

# Groups of elements, legal or not; {directory} is the server's own.
_OPTIONS = (
    *(
        ("--maxmemory", size)
        for size in ("100mb", "0", "1g", "1048576", "5MB", "600mb", "400Mi", "50%", "1kb", "")
    ),
    ("--maxmemory 200mb",), ("--maxmemory '200mb'",), ('--maxmemory "0"',), ("--MaxMemory", "3mb"),
    ("--maxmemory",), ("--maxmemory=5mb",), ("-maxmemory", "5mb"), ("--#maxmemory 5mb",),
    ("--maxmemory-policy", "noeviction"), ("--maxmemory-policy", "Volatile-TTL"),
    ("--maxmemory-policy allkeys-random",), ("--maxmemory-policy", "none"),
    ("--save", ""), ("--save", "60 1"), ("--save", "60", "1"), ("--save",), ('--save ""',),
    ("--save 60 1",), ("--save", "''"), ("--SAVE", "60 1 30 2"), ("--save", "60"),
    ("--appendonly", "no"), ("--appendonly yes",), ("--appendonly", "YES"),
    ("--masterauth", "a b"), ("--masterauth", "it's"), ("--masterauth", '"q"'),
    ("--masterauth", "--maxmemory"), ("--masterauth 'a b'",), ("--masterauth", "é"),
    ("--masterauth",), ("--masterauth", ""), ("--masterauth 'a",),
    ("--databases", "3"), ("--timeout", "17"), ("--dir", "{directory}"), ("--port", "0"),
    ("--client-output-buffer-limit", "normal 0 0 0"), ("--notify-keyspace-events", ""),
    ("--client-output-buffer-limit", "normal", "0", "0", "0"), ("--rename-command", "DEBUG", ""),
    ("--oom-score-adj-values", "0", "1", "2"), ("--include", "{directory}/more.conf"),
    ("--timeout 17\nmaxmemory 5gb",), ("--timeout\t17",), ("stray",), ("--",), ("-",),
)  # fmt: skip
_LINES = (
    "maxmemory 100mb", "maxmemory 0", "MAXMEMORY 3gb", "maxmemory-policy noeviction", "timeout 17",
    'save ""', "save 60 1", "appendonly yes", "# maxmemory 1mb", "", "  ",
    "include {directory}/more.conf", 'masterauth "a b"', "masterauth 'a b'", "dir .", "maxmemory",
)  # fmt: skip
_CHANGED = {"maxmemory", "maxmemory-policy", "save"}

groups = st.lists(st.sampled_from(_OPTIONS), max_size=4).map(
    lambda chosen: [element for group in chosen for element in group]
)
files = st.lists(st.sampled_from(_LINES), max_size=4).map("\n".join)


def start(argv: Sequence[str], texts: Mapping[str, str]) -> dict[str, str] | None:
    """The whole configuration of a server started in an empty directory; None when it refuses."""
    with (
        tempfile.TemporaryDirectory(prefix="redis-", ignore_cleanup_errors=True) as name,
        RealServer(Path(name)) as server,
    ):
        for file, text in texts.items():
            (Path(name) / file).write_text(text.replace("{directory}", name))
        try:
            server.start([element.replace("{directory}", name) for element in argv])
        except LaunchError:
            return None
        answer = server.ask("CONFIG", "GET", "*").split("\n")
        return {
            key: value.replace(name, "{directory}")
            for key, value in zip(answer[::2], answer[1::2], strict=False)
        }


def injected_launch(pod: Mapping[str, Any], texts: Mapping[str, str]) -> tuple[list[str], Outcome]:
    """The launch after the injection, and the evaluation."""
    evaluation = evaluate(parse_pod(pod), Policy(), {"conf": texts})
    after = jsonpatch.apply_patch(copy.deepcopy(pod), pod_patch(evaluation))
    container = after["spec"]["containers"][0]
    return [*container["command"], *(container.get("args") or [])], evaluation.outcomes[0]


def pod_of(command: Sequence[str]) -> dict[str, Any]:
    container = {
        "name": "redis",
        "image": "redis:7.0",
        "command": list(command),
        "resources": {"limits": {"memory": "512Mi"}},
        "volumeMounts": [{"name": "conf", "mountPath": "{directory}"}],
    }
    volumes = [{"name": "conf", "configMap": {"name": "conf"}}]
    return {
        "metadata": {"name": "cache"},
        "spec": {"containers": [container], "volumes": volumes},
    }


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(options=groups, conf=st.none() | files, more=files, by_shell=st.booleans())
def test_an_injection_changes_nothing_but_what_it_says(
    server: RealServer, options: list[str], conf: str | None, more: str, *, by_shell: bool
) -> None:
    texts = {"more.conf": more, **({} if conf is None else {"redis.conf": conf})}
    file = [] if conf is None else ["{directory}/redis.conf"]
    argv = ["redis-server", *file, "--unixsocket", "{directory}/s", "--port", "0", *options]
    command = ["sh", "-c", f"exec {shlex.join(argv)}"] if by_shell else argv
    after, outcome = injected_launch(pod_of(command), texts)

    before = start(command, texts)

    if before is None:
        return
    injected = start(after, texts)
    assert injected is not None
    different = {name for name in before if injected.get(name) != before[name]}
    assert different <= _CHANGED
    if outcome.sizing is None:
        assert different == set()
    else:
        assert injected["maxmemory"] == str(outcome.sizing.maxmemory)
        assert outcome.eviction_policy in (injected["maxmemory-policy"], None)
    if outcome.verdict is Verdict.RESPECT:
        assert "maxmemory" not in different
