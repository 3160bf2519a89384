"""Two Redis Pods that show whether the webhooks are at work, and what to see of them.

Both are as the restricted Pod Security Standard wants them, and start their server by a shell: of a
ceiling in args the API server can tell by itself that it fits, and asks the validating webhook no
more. In enforce mode the first one shows the mutating webhook at work, and with the failure policy
Fail that the validating one answers too; in audit mode each of the two warns. The second has no
memory limit.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webhook.domain.policy.settings import Mode, NamespaceSettings, NoLimit

LIMIT = 512 * 1024 * 1024
"""Bytes that the first Pod's server is limited to."""

_CONTAINER = "redis"


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRunAnswer:
    """What the API server said of a Pod: its container as created, or None and why not."""

    container: Mapping[str, Any] | None = None
    refusal: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The words that the container starts with, and what was injected among them."""
        return tuple(" ".join((self.container or {}).get("command", ())).split())

    @property
    def has_limit(self) -> bool:
        """Whether the container has a memory limit, its own or a LimitRange's."""
        return "memory" in (self.container or {}).get("resources", {}).get("limits", {})

    def warns(self, text: str) -> bool:
        """Tell whether one of the warnings contains the text."""
        return any(text in warning for warning in self.warnings)

    def __str__(self) -> str:
        """Give what there is to see, a line each."""
        lines = [f"  warning: {warning}" for warning in self.warnings]
        if self.refusal:
            return "\n".join((*lines, f"  refused: {self.refusal}"))
        return "\n".join((*lines, f"  starts:  {' '.join(self.words)}"))


def limited_pod() -> Mapping[str, Any]:
    """Write the Pod whose server has a memory limit."""
    return _redis_pod({"memory": str(LIMIT)})


def unlimited_pod() -> Mapping[str, Any]:
    """Write the Pod whose server has none."""
    return _redis_pod({})


def decode_created(body: bytes, warnings: tuple[str, ...]) -> DryRunAnswer:
    """Read the Pod that was created: its own container, whatever others were injected beside it."""
    containers = json.loads(body)["spec"]["containers"]
    found = next(each for each in containers if each["name"] == _CONTAINER)
    return DryRunAnswer(container=found, warnings=warnings)


def problem_with_limit(settings: NamespaceSettings, answer: DryRunAnswer) -> str:
    """Say what is not as it should be of the Pod with a memory limit, if anything."""
    if answer.refusal:
        return "expected it to be admitted"
    if settings.mode is Mode.AUDIT:
        return _problem_in_audit(answer)
    _, _, ceiling = " ".join(answer.words).partition("--maxmemory ")
    if not ceiling or not 0 < int(ceiling.split()[0]) < LIMIT:
        return f"expected --maxmemory below the limit of {LIMIT} bytes"
    return ""


def problem_without_limit(settings: NamespaceSettings, answer: DryRunAnswer) -> str:
    """Say what is not as it should be of the Pod without a memory limit, if anything."""
    if answer.has_limit:
        return ""  # a LimitRange gave it one
    if settings.mode is Mode.ENFORCE and settings.no_limit is NoLimit.DENY:
        refused = 'redis-memory-guard.dev" denied the request' in answer.refusal
        return "" if refused else "expected it to be refused by redis-memory-guard"
    if answer.refusal:
        return "expected it to be admitted"
    return "" if answer.warns("memory limit") else "expected a warning of its missing memory limit"


def _problem_in_audit(answer: DryRunAnswer) -> str:
    if "--maxmemory" in answer.words:
        return "expected in audit mode: no ceiling"
    if not answer.warns("would start with --maxmemory"):
        return "expected in audit mode: a warning of /mutate that tells the ceiling"
    if not answer.warns("without a working memory ceiling"):
        return "expected in audit mode: a warning of /validate"
    return ""


def _redis_pod(limits: Mapping[str, str]) -> Mapping[str, Any]:
    container = {
        "name": _CONTAINER,
        "image": "redis:7",
        "command": ["sh", "-c", "exec redis-server"],
        "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": limits},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "runAsUser": 999,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"generateName": "redis-memory-guard-test-"},
        "spec": {"automountServiceAccountToken": False, "containers": [container]},
    }
