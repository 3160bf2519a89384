"""The benchmark of creates through the API server: what it makes of what it saw."""

import json
from typing import Any

import pytest
from cattrs import structure, unstructure

from benchmarks.cluster.cases import CASES, Case, Created, Installed
from benchmarks.cluster.go_objects import Serving, configurations, never_called, serving_objects
from benchmarks.cluster.plan import Plan, Seen
from benchmarks.cluster.results import Latency, latency_of, summarize, together
from benchmarks.cluster.table import markdown
from benchmarks.keepalive_client import body_of
from tests.harness.webhook_calls import Calls, calls_between, parse_calls

METRIC = "apiserver_admission_webhook_admission_duration_seconds"
METRICS = f"""\
# TYPE {METRIC} histogram
{METRIC}_bucket{{name="inject.example",operation="CREATE",type="admit",le="0.005"}} 3
{METRIC}_sum{{name="inject.example",operation="CREATE",rejected="false",type="admit"}} 0.25
{METRIC}_count{{name="inject.example",operation="CREATE",rejected="false",type="admit"}} 3
{METRIC}_sum{{name="inject.example",operation="CREATE",rejected="true",type="admit"}} 0.5
{METRIC}_count{{name="inject.example",operation="CREATE",rejected="true",type="admit"}} 1
{METRIC}_sum{{name="validate.example",operation="CREATE",rejected="false",type="validating"}} 2e-05
{METRIC}_count{{name="validate.example",operation="CREATE",rejected="false",type="validating"}} 2
another_sum{{name="inject.example"}} 7
"""
KEPT = {
    "rules": [{"resources": ["pods"]}],
    "failurePolicy": "Fail",
    "timeoutSeconds": 3,
}
SERVING = Serving(
    name="lean", namespace="of-lean", image="lean:1", certificate="Y2VydA==", key="a2V5"
)


def seen(*, ours: float = 2.0, failures: dict[str, int] | None = None) -> Seen:
    """A run in which everything takes 1 ms, but a Redis Pod with ours `ours`."""
    slow = Case(installed=Installed.OURS, created=Created.REDIS)
    return Seen(
        seconds={c.name: ((ours if c == slow else 1.0) / 1000,) * 100 for c in CASES},
        rates=dict.fromkeys(Installed, (500.0, 1000.0, 4000.0)),
        calls={"inject.example": Calls(count=1500, seconds=3.0)},
        failures=failures or {},
    )


def test_every_case_has_a_name_of_its_own():
    assert len({case.name for case in CASES}) == len(CASES) == 12


def test_a_ceiling_is_for_redis_where_a_webhook_is():
    with_ceiling = [case.name for case in CASES if case.gets_ceiling]

    assert with_ceiling == [
        "Redis Pod / native policy",
        "Redis Pod / lean Go, two calls",
        "Redis Pod / ours",
    ]


def test_calls_are_those_of_all_label_sets():
    assert parse_calls(METRICS) == {
        "inject.example": Calls(count=4, seconds=0.75),
        "validate.example": Calls(count=2, seconds=2e-05),
    }


def test_calls_between_two_readings_leave_out_who_was_not_called():
    before = {"a": Calls(count=1, seconds=0.5), "idle": Calls(count=7, seconds=1.0)}
    after = {**before, "a": Calls(count=3, seconds=1.0), "new": Calls(count=1, seconds=0.25)}

    assert calls_between(before, after) == {
        "a": Calls(count=2, seconds=0.5),
        "new": Calls(count=1, seconds=0.25),
    }


@pytest.mark.parametrize(("calls", "mean"), [(Calls(), 0.0), (Calls(count=4, seconds=1.0), 0.25)])
def test_the_mean_of_calls(calls: Calls, mean: float):
    assert calls.mean == mean


def test_percentiles_are_in_milliseconds():
    assert latency_of([number / 1000 for number in range(1, 100)]) == Latency(p50=50.0, p99=99.0)


def test_plan_and_what_was_seen_travel_as_json():
    plan = Plan(
        namespaces={each: f"test-{each.name}" for each in Installed},
        rounds=100,
        rate=50,
        slices=2,
        slice_seconds=1.5,
    )

    for value in (plan, seen(failures={"refused": 2})):
        text = json.dumps(unstructure(value))
        assert structure(json.loads(text), type(value)) == value


@pytest.mark.parametrize(("rounds", "warm_up"), [(2, 10), (219, 10), (220, 11), (3000, 150)])
def test_the_warm_up_is_a_twentieth(rounds: int, warm_up: int):
    plan = Plan(namespaces={}, rounds=rounds, rate=50, slices=2, slice_seconds=1.5)

    assert plan.warm_up_rounds == warm_up


def test_the_tables():
    assert markdown(summarize(seen(ours=1.3))).splitlines() == [
        "| Pod | installed | p50 ms | p99 ms | creates/s, 16 at once |",
        "| --- | --- | --- | --- | --- |",
        "| Redis Pod | nothing | 1.00 (1.00x) | 1.00 (1.00x) | 1,000 (1.00x) |",
        "| Redis Pod | nothing, again | 1.00 (1.00x) | 1.00 (1.00x) | 1,000 (1.00x) |",
        "| Redis Pod | `false` conditions | 1.00 (1.00x) | 1.00 (1.00x) | 1,000 (1.00x) |",
        "| Redis Pod | native policy | 1.00 (1.00x) | 1.00 (1.00x) | 1,000 (1.00x) |",
        "| Redis Pod | lean Go, two calls | 1.00 (1.00x) | 1.00 (1.00x) | 1,000 (1.00x) |",
        "| Redis Pod | ours | 1.30 (1.30x) | 1.30 (1.30x) | 1,000 (1.00x) |",
        "| other Pod | nothing | 1.00 (1.00x) | 1.00 (1.00x) |  |",
        "| other Pod | nothing, again | 1.00 (1.00x) | 1.00 (1.00x) |  |",
        "| other Pod | `false` conditions | 1.00 (1.00x) | 1.00 (1.00x) |  |",
        "| other Pod | native policy | 1.00 (1.00x) | 1.00 (1.00x) |  |",
        "| other Pod | lean Go, two calls | 1.00 (1.00x) | 1.00 (1.00x) |  |",
        "| other Pod | ours | 1.00 (1.00x) | 1.00 (1.00x) |  |",
        "",
        "Redis Pod, ours to lean Go: p50 1.30x (goal 1.2x: missed), p99 1.30x (goal 1.2x: missed), "
        "creates/s 1.00x (goal 0.8x: met).",
        "Other Pod, ours to `false` conditions: p50 1.00x, p99 1.00x.",
        "Nothing to itself: Redis Pod p50 1.00x, p99 1.00x; other Pod p50 1.00x, p99 1.00x.",
        "",
        "| webhook | calls | mean ms, as the API server sees it |",
        "| --- | --- | --- |",
        "| inject.example | 1,500 | 2.00 |",
    ]


def test_the_go_webhook_is_called_for_what_our_mutating_one_is_and_nobody_sees_a_ceiling():
    redirected = configurations(_ours(), SERVING, bundle="Y2E=", for_namespace="shop")

    assert redirected == [
        _of_lean("MutatingWebhookConfiguration", "inject", "/mutate", "may-run-redis"),
        _of_lean("ValidatingWebhookConfiguration", "validate", "/validate", "may-run-redis"),
    ]


def test_conditions_that_are_false_stand_for_what_is_never_called():
    never = never_called(_ours(), SERVING, bundle="Y2E=", for_namespace="shop")

    assert [each["metadata"]["name"] for each in never] == ["lean-never"] * 2
    assert [w["matchConditions"] for each in never for w in each["webhooks"]] == [
        [{"name": "never", "expression": "false"}]
    ] * 2


def _ours() -> list[Any]:
    """Our configurations, as far as they matter: the validating one has two webhooks."""
    at = {"/mutate": "inject", "/validate": "validate", "/advise": "advise"}
    kinds = {
        "MutatingWebhookConfiguration": ["/mutate"],
        "ValidatingWebhookConfiguration": ["/validate", "/advise"],
    }
    return [
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": kind,
            "metadata": {"name": "guard", "resourceVersion": "7"},
            "webhooks": [
                {
                    **KEPT,
                    "name": f"{at[path]}.guard.dev",
                    "namespaceSelector": {"matchExpressions": []},
                    "matchConditions": [
                        {"name": "may-run-redis" if path == "/mutate" else "may-run-unbounded"}
                    ],
                    "clientConfig": {
                        "caBundle": "b3Vycw==",
                        "service": {"name": "g", "namespace": "g", "path": path, "port": 443},
                    },
                }
                for path in paths
            ],
        }
        for kind, paths in kinds.items()
    ]


def _of_lean(kind: str, name: str, path: str, condition: str) -> Any:
    service = {"name": "lean", "namespace": "of-lean", "path": path, "port": 443}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": "lean"},
        "webhooks": [
            {
                **KEPT,
                "name": f"{name}.lean.example",
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}},
                "matchConditions": [{"name": condition}],
                "clientConfig": {"caBundle": "Y2E=", "service": service},
            }
        ],
    }


def test_runs_are_put_together_as_if_they_were_one():
    one, other = seen(), seen(ours=4.0, failures={"refused": 2})

    both = together([one, other])

    ours = Case(installed=Installed.OURS, created=Created.REDIS).name
    assert both.seconds[ours] == (0.002,) * 100 + (0.004,) * 100
    assert both.rates == dict.fromkeys(Installed, (500.0, 1000.0, 4000.0) * 2)
    assert both.calls == {"inject.example": Calls(count=3000, seconds=6.0)}
    assert both.failures == {"refused": 2}


def test_the_go_webhook_is_served_as_ours_is():
    kept = {
        "ports": [{"name": "https", "containerPort": 8443}],
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": "metrics"}},
        "resources": {"requests": {"cpu": "50m"}},
        "securityContext": {"readOnlyRootFilesystem": True},
    }
    template = {"securityContext": {"runAsNonRoot": True}, "containers": [{"image": "o", **kept}]}
    ours = {"spec": {"replicas": 2, "template": {"spec": template}}}

    secret, service, deployment = serving_objects(SERVING, like=ours)

    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert secret["data"] == {"tls.crt": "Y2VydA==", "tls.key": "a2V5"}
    assert service["spec"]["selector"] == deployment["spec"]["selector"]["matchLabels"]
    assert deployment["spec"]["replicas"] == 2
    assert pod["securityContext"] == {"runAsNonRoot": True}
    assert {name: container[name] for name in kept} == kept


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 201 Created\r\nContent-Length: 11\r\n\r\nhello world",
        b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n",
    ],
)
def test_the_body_of_an_answer(answer: bytes):
    assert body_of(answer) == b"hello world"
