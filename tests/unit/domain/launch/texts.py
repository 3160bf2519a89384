"""Containers that run a script or a shell text, and the wrapper that carries options into one."""

from tests.harness.builders import (
    Json,
    a_config_map,
    a_container,
    a_mount,
    a_pod,
    outcome_of,
    the_outcome,
)
from webhook.domain.evaluation.outcome import Outcome, Verdict
from webhook.domain.launch.start_script import wrapper_text
from webhook.domain.reasons import Reason

PERSISTENT_TEXT = "--maxmemory 209715200 --maxmemory-policy allkeys-lru"
"""What a server that forks gets under 512Mi, as it stands in shell text."""


def scripted(text: str, *, image: str = "redis:7", files: Json | None = None, **launch: object):
    """A container that runs /scripts/start.sh, which a readable ConfigMap gives it."""
    container = a_container(
        image=image,
        volumeMounts=[a_mount("/scripts", "settings")],
        **(launch or {"command": ["/scripts/start.sh"]}),
    )
    pod = a_pod(container, volumes=[a_config_map()])
    return the_outcome(pod, files={"settings": {"start.sh": text, **(files or {})}})


def in_shell(text: str, *parameters: str, **fields: object) -> Outcome:
    return outcome_of(command=["bash", "-c", text, *parameters], **fields)


def is_left_alone(outcome: Outcome, reason: Reason) -> bool:
    return (outcome.verdict, outcome.reason, outcome.after) == (
        Verdict.UNENFORCEABLE, reason, None,
    )  # fmt: skip


def wrapper(options: str, *, shell: str = "bash", program: str = "redis-server") -> str:
    return wrapper_text(shell=shell, program=program, options=options)
