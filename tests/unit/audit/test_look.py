from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.harness.builders import FULL, MEBI, Json, a_container, a_mount
from tests.unit.audit.fake_cluster import (
    FakeCluster,
    a_running_pod,
    a_workload,
    an_object,
)
from webhook.audit.fate import Fate, fate_of
from webhook.audit.look import AuditBasis, NamespaceLook, look_at
from webhook.audit.risks import Risk, risks_of
from webhook.audit.server import AuditedServer
from webhook.cluster.connection import ClusterError
from webhook.domain.evaluation.evaluate import evaluate
from webhook.domain.evaluation.status_annotation import encode_status
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.policy.annotations import INJECTED
from webhook.domain.policy.settings import ImageFamily, Images, Mode, Policy
from webhook.domain.reasons import Reason

BASIS = AuditBasis(policy=Policy())
SPEC: Json = {"containers": [a_container()]}
BARE: Json = {"containers": [a_container(limit=None)]}
OTHER: Json = {"containers": [a_container(name="web", image="nginx")]}


def look(*objects: Json, basis: AuditBasis = BASIS, **cluster: object) -> NamespaceLook:
    return look_at("shop", FakeCluster(objects=list(objects), **cluster), basis)  # type: ignore[arg-type]


def the_server(*objects: Json, **options: object) -> AuditedServer:
    (server,) = look(*objects, **options).servers  # type: ignore[arg-type]
    return server


def test_a_deployments_pods_are_its_own_and_its_template_is_evaluated():
    deployment = a_workload("Deployment", "cart", SPEC, replicas=2)
    replicas = a_workload("ReplicaSet", "cart-7d", SPEC, deployment, replicas=2)
    older = a_workload("ReplicaSet", "cart-5c", SPEC, deployment, replicas=0)
    pods = [a_running_pod(f"cart-7d-{n}", SPEC, replicas) for n in "ab"]

    server = the_server(deployment, replicas, older, *pods)

    assert str(server.workload) == "Deployment cart"
    assert [each.pod for each in server.pods] == ["cart-7d-a", "cart-7d-b"]
    assert server.replicas == 2
    assert server.outcome.options == FULL
    assert (fate_of(server), risks_of(server)) == (Fate.CEILING, ())


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("Deployment", {"replicas": 0}),
        ("StatefulSet", {"replicas": 0}),
        ("DaemonSet", {}),
        ("ReplicaSet", {"replicas": 0}),
        ("ReplicationController", {"replicas": 0}),
        ("Job", {"suspend": True}),
        ("CronJob", {"suspend": True}),
    ],
)
def test_a_workload_without_a_pod_counts_too(kind: str, more: Json):
    server = the_server(a_workload(kind, "cart", BARE, **more))

    assert (str(server.workload), server.pods) == (f"{kind} cart", ())
    assert server.is_suspended is ("suspend" in more)
    assert risks_of(server) == (Risk.REFUSED,)


def test_a_cron_jobs_jobs_and_pods_are_its_own():
    cron = a_workload("CronJob", "report", SPEC)
    job = a_workload("Job", "report-29", SPEC, {**cron, "apiVersion": "batch/v1"})
    pod = a_running_pod("report-29-x", SPEC, {**job, "apiVersion": "batch/v1"})

    server = the_server(cron, job, pod)

    assert str(server.workload) == "CronJob report"
    assert [each.pod for each in server.pods] == ["report-29-x"]


@pytest.mark.parametrize("condition", ["Complete", "Failed"])
def test_a_job_that_is_through_is_not_made_again(condition: str):
    job = a_workload("Job", "once", SPEC)
    job["status"] = {"conditions": [{"type": condition, "status": "True"}]}

    assert look(job).servers == ()


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_pod_that_is_through_does_not_run(phase: str):
    pod = a_running_pod("cart", SPEC)
    pod["status"]["phase"] = phase

    assert look(pod) == NamespaceLook(namespace="shop", pods_seen=1)


def test_a_bare_pod_is_itself_and_nobody_makes_it_anew():
    server = the_server(a_running_pod("cart", SPEC))

    assert str(server.workload) == "Pod cart"
    assert risks_of(server) == (Risk.BARE_POD,)


def test_a_static_pod_is_bare():
    node = an_object("Node", "node-1", apiVersion="v1")

    assert risks_of(the_server(a_running_pod("cart", SPEC, node))) == (Risk.BARE_POD,)


def test_of_a_custom_kind_the_pod_is_evaluated_without_our_own_options():
    operator = an_object("Redis", "cart", apiVersion="databases.example.com/v1")
    pod = injected(a_running_pod("cart-0", SPEC, operator))

    server = the_server(pod)

    assert str(server.workload) == "Redis cart"
    assert server.outcome.options == FULL
    assert server.pods[0].ceiling == 400 * MEBI
    assert risks_of(server) == (Risk.OPERATOR,)


def test_a_stateful_set_of_an_operator_names_it():
    operator = an_object("RedisCluster", "cart", apiVersion="databases.example.com/v1")
    server = the_server(a_workload("StatefulSet", "cart-leader", SPEC, operator))

    assert (str(server.workload), str(server.owner)) == (
        "StatefulSet cart-leader",
        "RedisCluster cart",
    )
    assert risks_of(server) == (Risk.OPERATOR,)


def test_of_an_operators_replica_sets_the_one_in_use_tells():
    rollout = an_object("Rollout", "cart", apiVersion="argoproj.io/v1alpha1")
    old = a_workload("ReplicaSet", "cart-1", BARE, rollout, replicas=0)
    new = a_workload("ReplicaSet", "cart-2", SPEC, rollout, replicas=1)
    pod = a_running_pod("cart-2-x", SPEC, new)

    server = the_server(old, new, pod)

    assert str(server.workload) == "Rollout cart"
    assert server.outcome.options == FULL
    assert [each.pod for each in server.pods] == ["cart-2-x"]


def test_a_sidecar_that_somebody_adds_to_pods_is_seen_under_their_owner():
    deployment = a_workload("Deployment", "web", OTHER)
    replicas = a_workload("ReplicaSet", "web-7d", OTHER, deployment)
    both = {"containers": [*OTHER["containers"], *SPEC["containers"]]}

    server = the_server(deployment, replicas, a_running_pod("web-7d-x", both, replicas))

    assert (str(server.workload), server.outcome.container.name) == ("Deployment web", "redis")


def test_what_is_no_redis_is_only_counted():
    deployment = a_workload("Deployment", "web", OTHER)

    found = look(deployment, *(a_running_pod(f"web-{n}", OTHER) for n in range(3)))

    assert found == NamespaceLook(namespace="shop", pods_seen=3)


def test_two_servers_of_a_pod_are_two_findings():
    spec = {"containers": [a_container(name="one"), a_container(name="two")]}

    found = look(a_workload("Deployment", "cart", spec)).servers

    assert [each.outcome.container.name for each in found] == ["one", "two"]


def test_a_limit_range_gives_a_template_its_limit():
    limits = {"limits": [{"type": "Container", "default": {"memory": "512Mi"}}]}

    server = the_server(
        a_workload("Deployment", "cart", BARE), an_object("LimitRange", "usual", spec=limits)
    )

    assert server.outcome.options == FULL


def test_a_config_map_is_read_once_and_only_where_it_is_wanted():
    volume = {"name": "conf", "configMap": {"name": "settings"}}
    server = a_container(args=["/conf/redis.conf"], volumeMounts=[a_mount("/conf", "conf")])
    data = {"redis.conf": "maxmemory 100mb\nmaxmemory-policy noeviction\n"}
    spec = {"containers": [server], "volumes": [volume]}
    objects = [
        an_object("ConfigMap", "settings", data=data),
        an_object("ConfigMap", "unrelated", data={}),
        a_workload("StatefulSet", "cart", spec),
        a_workload("StatefulSet", "twin", spec),
    ]
    cluster = FakeCluster(objects=objects)

    servers = look_at("shop", cluster, BASIS).servers

    assert [fate_of(each) for each in servers] == [Fate.RESPECTED, Fate.RESPECTED]
    assert cluster.read == [("ConfigMap", "settings")]


def test_a_config_map_that_is_not_to_be_read_leaves_its_gap():
    volume = {"name": "conf", "configMap": {"name": "settings"}}
    server = a_container(args=["/conf/redis.conf"], volumeMounts=[a_mount("/conf", "conf")])
    spec = {"containers": [server], "volumes": [volume]}

    found = look(a_workload("StatefulSet", "cart", spec), refused=frozenset({"ConfigMap"}))

    assert [str(gap) for gap in found.gaps] == [
        "shop: ConfigMap settings: the API server answers 403: ConfigMap is forbidden"
    ]
    assert Risk.HIDDEN in risks_of(found.servers[0])


def test_what_is_forbidden_is_a_gap_and_the_rest_is_looked_at():
    deployment = a_workload("Deployment", "cart", SPEC)

    found = look(deployment, refused=frozenset({"Pod", "CronJob", "VerticalPodAutoscaler"}))

    assert [str(each.workload) for each in found.servers] == ["Deployment cart"]
    assert [gap.what for gap in found.gaps] == ["Pods", "CronJobs", "VerticalPodAutoscalers"]


def test_a_cluster_that_does_not_answer_ends_the_look():
    with pytest.raises(ClusterError, match="cannot be reached"):
        look(silent=frozenset({"Job"}))


def test_what_cannot_be_parsed_is_a_gap():
    broken = a_workload("Deployment", "cart", {"containers": [a_container(limit="much")]})

    found = look(broken)

    assert (found.servers, len(found.gaps)) == ((), 1)
    assert "not a quantity" in found.gaps[0].why


def test_a_namespace_that_no_webhook_is_called_for_is_exempt():
    basis = replace(BASIS, exempt_namespaces=frozenset({"shop"}))

    server = the_server(a_workload("Deployment", "cart", BARE), basis=basis)

    assert (fate_of(server), server.outcome.reason) == (Fate.EXEMPT, Reason.EXEMPT_BY_RULE)


def test_an_audit_refuses_nothing_where_audit_is_assumed():
    basis = replace(BASIS, assume=Mode.AUDIT)

    server = the_server(a_workload("Deployment", "cart", BARE), basis=basis)

    assert (fate_of(server), risks_of(server)) == (Fate.UNREACHABLE, (Risk.UNENFORCEABLE,))


def test_the_administrators_own_images_are_seen():
    own = ImageFamily(repository="registry.example.com/mirror/cache", family="redis")
    basis = AuditBasis(policy=Policy(images=Images(add=(own,))))
    spec = {"containers": [a_container(image="registry.example.com/mirror/cache:1")]}

    assert the_server(a_workload("Deployment", "cart", spec), basis=basis).outcome.options == FULL


def test_the_state_of_the_containers_is_told():
    end = {"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-03-02T03:00:00Z"}
    pod = a_running_pod("cart", SPEC, restartCount=4, lastState={"terminated": end})

    state = the_server(pod).pods[0].state

    assert (state.is_running, state.restarts, state.was_killed) == (True, 4, False)
    assert state.oom_killed_at == datetime(2026, 3, 2, 3, tzinfo=UTC)


def test_an_end_by_a_kill_without_that_reason_is_told_apart():
    pod = a_running_pod("cart", SPEC, lastState={"terminated": {"exitCode": 137}})

    state = the_server(pod).pods[0].state

    assert (state.oom_killed_at, state.was_killed) == (None, True)


def test_a_pod_whose_record_is_not_todays_policys_has_drifted():
    pod = injected(a_running_pod("cart", SPEC))
    pod["metadata"]["annotations"][INJECTED] = pod["metadata"]["annotations"][INJECTED].replace(
        "419430400", "400000000"
    )
    pod["spec"]["containers"][0]["args"][2] = "400000000"

    server = the_server(pod)

    assert Risk.DRIFTED in risks_of(server)
    assert Risk.DRIFTED not in risks_of(the_server(injected(a_running_pod("cart", SPEC))))


def test_a_vertical_pod_autoscaler_is_told_of():
    target = {"spec": {"targetRef": {"kind": "Deployment", "name": "cart"}}}

    server = the_server(a_workload("Deployment", "cart", SPEC), autoscalers=[target])

    assert risks_of(server) == (Risk.VPA,)


def injected(pod: Json) -> Json:
    """The Pod as the webhook would have made it."""
    evaluation = evaluate(parse_pod(pod), Policy())
    (outcome,) = evaluation.servers
    assert outcome.after is not None
    record = encode_status(evaluation)
    container = {**pod["spec"]["containers"][0], "args": list(outcome.after.args)}
    metadata = {**pod["metadata"], "annotations": {INJECTED: record}}
    return {**pod, "metadata": metadata, "spec": {**pod["spec"], "containers": [container]}}
