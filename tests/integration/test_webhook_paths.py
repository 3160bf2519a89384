"""Each path over TLS asks its own evaluate."""

import json
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
    envelope = json.loads(review())
    request = envelope["request"]
    request["kind"] = {"group": "apps", "version": "v1", "kind": "Deployment"}
    (container,) = request["object"]["spec"]["containers"]
    del container["resources"]
    request["object"] = {"spec": {"template": {"spec": {"containers": [container]}}}}

    response = _response(server.post("/advise", content=json.dumps(envelope)))

    assert response["allowed"] is True
    assert response["warnings"] == [
        'container "main": it runs a Redis server without a memory limit; its Pods are refused, '
        "unless a LimitRange gives them one"
    ]


def _response(answer: httpx.Response) -> Any:
    assert answer.status_code == 200
    return answer.json()["response"]
