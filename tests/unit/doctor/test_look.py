import base64

import pytest

from tests.unit.doctor.installations import a_release
from tests.unit.doctor.objects import FakeRelease, Json, a_deployment
from webhook import __version__
from webhook.doctor.find_release import NoReleaseError, find_release
from webhook.doctor.installation import (
    Component,
    Endpoints,
    Hook,
    Installation,
    Side,
    Trial,
    Unread,
    WebhookReplica,
)
from webhook.doctor.look import look_at
from webhook.trials.admission import DryRunAnswer, limited_pod

SELECTOR = "app=guard,component=webhook"


def looked(reader: FakeRelease) -> Installation:
    return look_at(
        reader,  # type: ignore[arg-type]  # the same methods
        a_release(selector=SELECTOR),
        api_server_version="v1.37.2",
        trial_namespace="default",
    )


def found(reader: FakeRelease, namespace: str | None = None, instance: str | None = None) -> object:
    return find_release(reader, namespace=namespace, instance=instance)  # type: ignore[arg-type]


def test_a_release_is_found_by_its_labels():
    reader = FakeRelease(listed=[a_deployment(), a_deployment("x", chart="other-chart-1.0.0")])

    assert found(reader) == a_release(selector=SELECTOR)
    assert found(reader, instance="one") == a_release(selector=SELECTOR)
    assert reader.asked == [
        "app.kubernetes.io/component=webhook",
        "app.kubernetes.io/component=webhook,app.kubernetes.io/instance=one",
    ]


@pytest.mark.parametrize(
    ("reader", "namespace", "said"),
    [
        (FakeRelease(), None, "no release of the chart in any namespace"),
        (FakeRelease(), "guard", "no release of the chart in the namespace guard"),
        (
            FakeRelease(listed=[a_deployment("a"), a_deployment("b")]),
            None,
            "more than one release (a/redis-memory-guard, b/redis-memory-guard): --namespace",
        ),
        (
            FakeRelease(refused=frozenset({"deployments"})),
            None,
            "403: deployments; --namespace NS needs no right of the whole cluster",
        ),
    ],
)
def test_no_release_or_too_many(reader: FakeRelease, namespace: str | None, said: str):
    with pytest.raises(NoReleaseError) as raised:
        found(reader, namespace)

    assert said in str(raised.value)


def a_pod(name: str, **status: object) -> Json:
    metadata = {
        "name": name,
        "namespace": "guard",
        "labels": {"app.kubernetes.io/version": "1.2.0"},
        "annotations": {"checksum/policy": "abc"},
    }
    ports = [{"name": "https", "containerPort": 8443}, {"name": "metrics", "containerPort": 8080}]
    return {
        "metadata": metadata,
        "spec": {"containers": [{"name": "webhook", "ports": ports}]},
        "status": status,
    }


READY = {"type": "Ready", "status": "True"}
UNPLACED = {"type": "PodScheduled", "status": "False", "message": "no node"}


def waiting(reason: str) -> dict[str, object]:
    return {"state": {"waiting": {"reason": reason, "message": "why"}}}


def test_replicas_with_what_they_wait_for():
    leaving = a_pod("gone")
    leaving["metadata"]["deletionTimestamp"] = "2026-03-04T12:00:00Z"
    pods = [
        a_pod("ready", conditions=[READY], containerStatuses=[{"state": {"running": {}}}]),
        a_pod("starting", containerStatuses=[waiting("ContainerCreating")]),
        a_pod("stuck", containerStatuses=[waiting("ImagePullBackOff")]),
        a_pod("unplaced", conditions=[UNPLACED]),
        leaving,
    ]
    reader = FakeRelease(pod_list=pods, refused=frozenset({"pods/proxy"}))

    assert looked(reader).replicas == tuple(
        WebhookReplica(
            name=name, is_ready=is_ready, version="1.2.0", policy_hash="abc", problem=problem
        )
        for name, is_ready, problem in (
            ("ready", True, ""),
            ("starting", False, ""),
            ("stuck", False, "ImagePullBackOff: why"),
            ("unplaced", False, "not scheduled: no node"),
        )
    )
    assert SELECTOR in reader.asked


@pytest.mark.parametrize(
    ("metrics", "told"),
    [
        ('# TYPE x gauge\nredis_memory_guard_policy_info{mode="audit",sha256="ab1"} 1.0\n', "ab1"),
        ("redis_memory_guard_ready 1.0\n", ""),
        ("<html>a proxy's page</html>\n", ""),
    ],
)
def test_a_ready_replica_is_asked_for_the_policy_that_it_read(metrics: str, told: str):
    pods = [a_pod("ready", conditions=[READY]), a_pod("starting")]

    found = looked(FakeRelease(pod_list=pods, metrics={"ready:8080": metrics})).replicas

    assert [each.policy_in_force for each in found] == [told, ""]


def test_a_pod_without_a_port_for_metrics_is_not_asked():
    pod = a_pod("ready", conditions=[READY])
    del pod["spec"]["containers"][0]["ports"]

    (found,) = looked(FakeRelease(pod_list=[pod])).replicas

    assert found.policy_in_force == ""


def test_endpoints_count_as_ready_where_nothing_is_said():
    ready, unready = {"conditions": {"ready": True}}, {"conditions": {"ready": False}}
    slices = [{"endpoints": [ready, unready]}, {"endpoints": [{}]}, {"endpoints": None}]

    assert looked(FakeRelease(slices=slices)).endpoints == Endpoints(ready=2, all=3)


def test_webhooks_with_their_bundle_and_whom_they_leave_out():
    names = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-system"]}
    webhook = {
        "name": "inject",
        "clientConfig": {
            "service": {"namespace": "guard", "name": "redis-memory-guard"},
            "caBundle": base64.b64encode(b"PEM").decode(),
        },
        "failurePolicy": "Ignore",
        "namespaceSelector": {"matchExpressions": [names]},
    }
    by_url = {"name": "other", "clientConfig": {"url": "https://x", "caBundle": "###"}}
    seen = looked(FakeRelease(objects={"mutating": {"webhooks": [webhook, by_url]}}))

    assert seen.hooks == (
        Hook(
            side=Side.MUTATING,
            name="inject",
            service="guard/redis-memory-guard",
            failure_policy="Ignore",
            bundle=b"PEM",
            exempt_namespaces=("kube-system",),
        ),
        Hook(
            side=Side.MUTATING,
            name="other",
            service="https://x",
            failure_policy="",
            bundle=b"",
            exempt_namespaces=(),
        ),
    )
    assert seen.validating is None


def test_the_rest_of_it():
    certs = {
        "metadata": {"name": "redis-memory-guard-certs"},
        "spec": {"replicas": 1},
        "status": {"readyReplicas": 1},
    }
    secret = {"data": {"tls.crt": base64.b64encode(b"PEM").decode()}}
    policy = {"data": {"policy.yaml": "mode: audit\n"}}
    objects = {"redis-memory-guard-tls": secret, "redis-memory-guard-policy": policy}
    reader = FakeRelease(listed=[certs], objects=objects)

    seen = looked(reader)

    assert (seen.program_version, seen.api_server_version) == (__version__, "v1.37.2")
    assert (seen.serving_chain, seen.policy_text) == (b"PEM", "mode: audit\n")
    assert (seen.certificate_process, seen.audit) == (Component(ready=1, wanted=1), None)
    assert "system:serviceaccount:guard:redis-memory-guard" in reader.asked
    (container,) = limited_pod()["spec"]["containers"]
    assert seen.trial == Trial(
        namespace="default",
        limited=DryRunAnswer(container=container, warnings=("a warning",)),
        unlimited=DryRunAnswer(refusal="the API server answers 403: denied"),
    )


def test_what_keeps_another_process_from_being_ready():
    certs = {
        "metadata": {"name": "redis-memory-guard-certs"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"component": "certs"}}},
    }
    stuck = a_pod("certs", containerStatuses=[waiting("ErrImagePull")])
    reader = FakeRelease(listed=[certs], pod_list=[stuck])

    assert looked(reader).certificate_process == Component(
        ready=0, wanted=1, problem="ErrImagePull: why"
    )
    assert "component=certs" in reader.asked


def test_what_may_not_be_read_takes_nothing_else_away():
    seen = looked(FakeRelease(refused=frozenset({"pods", "secrets", "deployments"})))

    assert seen.replicas == Unread(why="the API server answers 403: pods")
    assert seen.serving_chain == Unread(why="the API server answers 403: secrets")
    assert seen.audit == Unread(why="the API server answers 403: deployments")
    assert (seen.policy_text, seen.may_read_config_maps) == (None, True)
