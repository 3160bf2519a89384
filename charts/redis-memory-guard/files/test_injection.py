"""Create a Redis Pod as a server-side dry run and look at what became of it."""

import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
LIMIT = 512 * 1024 * 1024
# After an upgrade the Pods that it replaced still answer, by the old values, while they drain.
PATIENCE_SECONDS = 60


def create(namespace: str) -> tuple[list[str], list[str]]:
    """Create the Pod; return its args and the warnings."""
    container = {
        "name": "redis",
        "image": "redis:7",
        "resources": {"limits": {"memory": str(LIMIT)}},
    }
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"generateName": "redis-memory-guard-test-"},
        "spec": {"containers": [container]},
    }
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
    with urllib.request.urlopen(request, context=context, timeout=30) as response:
        (created,) = json.load(response)["spec"]["containers"]
        return created.get("args", []), response.headers.get_all("Warning") or []


def problem(mode: str, args: list[str], warnings: list[str]) -> str:
    """Say what is not as it should be, if anything."""
    if mode == "audit":
        told = any("audit: " in warning for warning in warnings)
        if args or not told:
            return "expected in audit mode: no args, and a warning that tells what would be done"
        return ""
    option = args.index("--maxmemory") if "--maxmemory" in args else None
    if option is None or not 0 < int(args[option + 1]) < LIMIT:
        return f"expected --maxmemory below the limit of {LIMIT} bytes"
    return ""


def main() -> None:
    """Print what was seen; end with 1 if it is not as it should be, and does not come to be."""
    namespace, mode = sys.argv[1:]
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            args, warnings = create(namespace)
        except urllib.error.HTTPError as error:
            found = f"refused with {error.code}: {error.read().decode()}"
        else:
            found = problem(mode, args, warnings)
        if not found or time.monotonic() > end:
            break
        time.sleep(1)
    if not found:
        print(f"mode:     {mode}\nargs:     {' '.join(args)}")
        for warning in warnings:
            print(f"warning:  {warning}")
    sys.exit(found or None)


main()
