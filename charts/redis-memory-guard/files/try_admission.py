"""Create the two Redis Pods of webhook.trials.admission as dry runs, and say what is wrong."""

import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from webhook.policyfile import load_policy
from webhook.trials.admission import (
    DryRunAnswer,
    decode_created,
    limited_pod,
    problem_with_limit,
    problem_without_limit,
    unlimited_pod,
)

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
# After an upgrade the Pods that it replaced still answer, by the old values, while they drain.
PATIENCE_SECONDS = 60


def create(namespace: str, pod: Mapping[str, Any]) -> DryRunAnswer:
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
            warnings = tuple(response.headers.get_all("Warning") or ())
            return decode_created(response.read(), warnings)
    except urllib.error.HTTPError as error:
        body = error.read().decode(errors="replace")
        warnings = tuple(error.headers.get_all("Warning") or ())
        return DryRunAnswer(refusal=message(body), warnings=warnings)


def message(body: str) -> str:
    """Take the sentence out of a Status."""
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body


def main() -> None:
    """Print what was seen; end with 1 if it is not as it should be, and does not come to be."""
    settings = load_policy(Path(sys.argv[1])).policy.for_namespace(namespace := sys.argv[2])
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        limited = create(namespace, limited_pod())
        unlimited = create(namespace, unlimited_pod())
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
