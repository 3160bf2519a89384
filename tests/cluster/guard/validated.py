"""Pods as dry runs, and what the webhook says of each: `python -m … NAMESPACE`.

Takes a JSON list of Pods on stdin and prints a list of what became of each: the API server's
status, and for one that it admits what `/validate` answers, asked past the match conditions.
"""

import json
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kubernetes import client, config

from tests.harness.builders import a_review
from tests.harness.release import NAME, NAMESPACE

WORKERS = 8
VALIDATE = f"/api/v1/namespaces/{NAMESPACE}/services/https:{NAME}:443/proxy/validate"


def validated(namespace: str, pod: Mapping[str, Any]) -> tuple[int, bool | None]:
    """Create a Pod as a dry run; ask the webhook itself about the object that was admitted."""
    api = client.CoreV1Api().api_client
    ask = api.rest_client.pool_manager.request
    headers = {"Content-Type": "application/json"}
    host = api.configuration.host
    created = ask(
        "POST",
        f"{host}/api/v1/namespaces/{namespace}/pods?dryRun=All",
        body=json.dumps({"apiVersion": "v1", "kind": "Pod", **pod}),
        headers=headers,
    )
    if created.status != 201:
        return created.status, None
    answer = ask(
        "POST",
        f"{host}{VALIDATE}",
        body=a_review(json.loads(created.data), namespace=namespace),
        headers=headers,
    )
    return created.status, json.loads(answer.data)["response"]["allowed"]


def main() -> None:
    namespace = sys.argv[1]
    config.load_kube_config()
    with ThreadPoolExecutor(WORKERS) as workers:
        json.dump(
            list(workers.map(lambda pod: validated(namespace, pod), json.load(sys.stdin))),
            sys.stdout,
        )


if __name__ == "__main__":
    main()
