"""Create Redis Pods as server-side dry runs and look at what becomes of them.

Both are as the restricted Pod Security Standard wants them, and start their server by a shell: of a
ceiling in args the API server can tell by itself that it fits, and asks the validating webhook no
more. In enforce mode the first one shows the mutating webhook at work, and with the failure policy
Fail that the validating one answers too; in audit mode each of the two warns. The second has no
memory limit.
"""

import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from webhook.domain.policy.settings import Mode, NamespaceSettings, NoLimit
from webhook.policyfile import load_policy

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
LIMIT = 512 * 1024 * 1024
# After an upgrade the Pods that it replaced still answer, by the old values, while they drain.
PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the API server said of a Pod: its container as created, or None and why not."""

    container: dict[str, Any] | None = None
    refusal: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def words(self) -> Sequence[str]:
        """The words that the container starts with, and what was injected among them."""
        return " ".join((self.container or {}).get("command", ())).split()

    @property
    def has_limit(self) -> bool:
        """Whether the container has a memory limit, its own or a LimitRange's."""
        return "memory" in (self.container or {}).get("resources", {}).get("limits", {})

    def warns(self, text: str) -> bool:
        """Whether one of the warnings contains the text."""
        return any(text in warning for warning in self.warnings)

    def __str__(self) -> str:
        """What there is to see, a line each."""
        lines = [f"  warning: {warning}" for warning in self.warnings]
        if self.refusal:
            return "\n".join((*lines, f"  refused: {self.refusal}"))
        return "\n".join((*lines, f"  starts:  {' '.join(self.words)}"))


def redis_pod(limits: dict[str, str]) -> dict[str, Any]:
    """Write a Pod that may be created in a restricted namespace."""
    container = {
        "name": "redis",
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


def create(namespace: str, pod: dict[str, Any]) -> Answer:
    """Create the Pod as a dry run."""
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    request = urllib.request.Request(
        f"https://{authority}/api/v1/namespaces/{namespace}/pods?dryRun=All",
        data=json.dumps(pod).encode(),
        headers={
            "Authorization": f"Bearer {(ACCOUNT / 'token').read_text().strip()}",
            "Content-Type": "application/json",
        },
    )
    context = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    try:
        with urllib.request.urlopen(request, context=context, timeout=30) as response:
            (container,) = json.load(response)["spec"]["containers"]
            return Answer(
                container=container, warnings=tuple(response.headers.get_all("Warning") or ())
            )
    except urllib.error.HTTPError as error:
        body = error.read().decode(errors="replace")
        return Answer(refusal=message(body), warnings=tuple(error.headers.get_all("Warning") or ()))


def message(body: str) -> str:
    """Take the sentence out of a Status."""
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body


def problem_with_limit(settings: NamespaceSettings, answer: Answer) -> str:
    """Say what is not as it should be of the Pod with a memory limit, if anything."""
    if answer.refusal:
        return "expected it to be admitted"
    if settings.mode is Mode.AUDIT:
        if "--maxmemory" in answer.words:
            return "expected in audit mode: no ceiling"
        if not answer.warns("would start with --maxmemory"):
            return "expected in audit mode: a warning of /mutate that tells the ceiling"
        if not answer.warns("it would run without a working memory ceiling"):
            return "expected in audit mode: a warning of /validate"
        return ""
    _, _, ceiling = " ".join(answer.words).partition("--maxmemory ")
    if not ceiling or not 0 < int(ceiling.split()[0]) < LIMIT:
        return f"expected --maxmemory below the limit of {LIMIT} bytes"
    return ""


def problem_without_limit(settings: NamespaceSettings, answer: Answer) -> str:
    """Say what is not as it should be of the Pod without a memory limit, if anything."""
    if answer.has_limit:
        return ""  # a LimitRange gave it one
    if settings.mode is Mode.ENFORCE and settings.no_limit is NoLimit.DENY:
        refused = 'redis-memory-guard.dev" denied the request' in answer.refusal
        return "" if refused else "expected it to be refused by redis-memory-guard"
    if answer.refusal:
        return "expected it to be admitted"
    return "" if answer.warns("memory limit") else "expected a warning of its missing memory limit"


def main() -> None:
    """Print what was seen; end with 1 if it is not as it should be, and does not come to be."""
    settings = load_policy(Path(sys.argv[1])).for_namespace(namespace := sys.argv[2])
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        limited = create(namespace, redis_pod({"memory": str(LIMIT)}))
        unlimited = create(namespace, redis_pod({}))
        problems = {
            "with a memory limit": problem_with_limit(settings, limited),
            "without a memory limit": problem_without_limit(settings, unlimited),
        }
        if not any(problems.values()) or time.monotonic() > end:
            break
        time.sleep(1)
    print(f"{settings.mode} mode in the namespace {namespace}")
    for answer, (pod, problem) in zip((limited, unlimited), problems.items(), strict=True):
        print(f"\nA Redis {pod}: {problem or 'as expected'}\n{answer}")
    sys.exit(any(problems.values()))


if __name__ == "__main__":
    main()
