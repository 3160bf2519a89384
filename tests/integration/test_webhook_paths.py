"""Each path over TLS asks its own evaluate."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.integration.running import Server, review


def test_mutate_injects_a_ceiling(server: Server) -> None:
    response = _response(server.post("/mutate"))

    assert response["allowed"] is True
    assert response["patchType"] == "JSONPatch"


def test_validate_refuses_what_was_left_without_one(server: Server) -> None:
    response = _response(server.post("/validate"))

    assert response["allowed"] is False
    assert response["status"]["code"] == 403
    assert response["status"]["message"].startswith(
        'container "main": it would run without a working memory ceiling below its limit of 512Mi'
    )


def test_advise_warns_of_a_workload_and_allows_it(server: Server) -> None:
    response = _response(server.post("/advise", content=_deployment_review({})))

    assert response["allowed"] is True
    assert response["warnings"] == [
        'container "main": it runs a Redis server without a memory limit; its Pods are refused, '
        "unless a LimitRange gives them one"
    ]


def test_in_audit_mode_advise_names_the_ceiling_and_the_policy(
    start_server: Callable[..., Server], tmp_path: Path
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("mode: audit\n")
    server = start_server(f"--policy={policy}").wait_ready()

    content = _deployment_review({"limits": {"memory": "512Mi"}})
    response = _response(server.post("/advise", content=content))

    assert response["allowed"] is True
    assert response["warnings"][0] == (
        'audit: container "main" would start with --maxmemory 419430400 '
        '--maxmemory-policy allkeys-lru --save ""'
    )


def _deployment_review(resources: Mapping[str, object]) -> str:
    envelope = json.loads(review())
    request = envelope["request"]
    request["kind"] = {"group": "apps", "version": "v1", "kind": "Deployment"}
    (container,) = request["object"]["spec"]["containers"]
    container["resources"] = resources
    request["object"] = {"spec": {"template": {"spec": {"containers": [container]}}}}
    return json.dumps(envelope)


def _response(answer: httpx.Response) -> Any:
    assert answer.status_code == 200
    return answer.json()["response"]
