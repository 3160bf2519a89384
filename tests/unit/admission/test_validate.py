"""The validating webhook: a Pod's final state, on creation, update and resize."""

import copy
import json
from collections.abc import Sequence

import jsonpatch
import pytest

from tests.harness.builders import (
    BUILT_IN,
    FULL_TEXT,
    Json,
    a_config_map,
    a_container,
    a_mount,
    a_pod,
    a_review,
    evaluated,
)
from webhook.admission.handling import Admitted, handle, read_nothing
from webhook.admission.patch import pod_patch
from webhook.admission.review import MalformedReviewError
from webhook.admission.validate import validate
from webhook.domain.kubernetes.budget import LIMITS, Work
from webhook.domain.policy.settings import Mode, NamespaceSettings, Policy

APP = a_container(image="app")
BARE = a_container()
UNLIMITED = a_container(limit=None)


def validated(body: bytes, policy: Policy = BUILT_IN) -> Admitted:
    return handle(body, validate, policy=policy, read_config_maps=read_nothing)


def message(result: Admitted) -> str:
    answer: Json = json.loads(result.answer)["response"]
    return "" if answer["allowed"] else str(answer["status"]["message"])


def warnings(result: Admitted) -> object:
    return json.loads(result.answer)["response"].get("warnings", [])


def updated(old: Json, new: Json, policy: Policy = BUILT_IN, **request: object) -> Admitted:
    return validated(a_review(new, operation="UPDATE", oldObject=old, **request), policy)


def injected(pod: Json) -> Json:
    after: Json = jsonpatch.JsonPatch(pod_patch(evaluated(pod))).apply(copy.deepcopy(pod))
    return after


class TestCreation:
    @pytest.mark.parametrize("own", [[], ["--maxmemory", "100mb"], ["--maxmemory", "512mb"]])
    def test_what_words_out_of_sight_may_follow_on_is_let_in_as_it_was_mutated(
        self, own: list[str]
    ):
        settings = [{"configMapRef": {"name": "settings"}}]
        server = a_container(image="valkey/valkey:8", args=own, envFrom=settings)

        after = injected(a_pod(server))

        assert after["spec"]["containers"][0]["args"][-2] == "--maxmemory"
        assert message(validated(a_review(after))) == ""

    @pytest.mark.parametrize(
        "container",
        [
            BARE,
            a_container(command=["sh", "-c", "redis-server & redis-server --port 1"]),
            a_container(image="bitnami/redis"),
            a_container(image="valkey/valkey", args=["--port", "1"]),
            a_container(
                image="bitnami/redis",
                command=["bash", "/opt/bitnami/scripts/start-scripts/start-master.sh"],
            ),
            a_container(args=["redis-server", "/x.conf"]),
            a_container(args=["--maxmemory", "10gb"]),
        ],
    )
    def test_what_the_mutating_webhook_made_is_allowed(self, container: Json):
        assert message(validated(a_review(injected(a_pod(container))))) == ""

    @pytest.mark.parametrize(
        ("container", "reason"),
        [
            (BARE, "ceiling-undone"),
            (UNLIMITED, "no-memory-limit"),
            (a_container(args=["--maxmemory", "10gb"]), "ceiling-undone"),
        ],
    )
    def test_an_unguarded_server_is_refused(self, container: Json, reason: str):
        assert f"({reason})" in message(validated(a_review(a_pod(container))))

    def test_a_record_guards_nobody(self):
        """Options that a later webhook took away, the annotation still there."""
        pod = injected(a_pod())
        pod["spec"]["containers"][0]["args"] = ["redis-server"]

        assert "(ceiling-undone)" in message(validated(a_review(pod)))

    @pytest.mark.parametrize(
        "container", [APP, a_container(image="redislabs/redismod"), a_container(limit="16Mi")]
    )
    def test_what_is_not_refused_at_first_is_not_refused_now(self, container: Json):
        assert validated(a_review(a_pod(container))).allowed

    def test_in_audit_mode_nothing_is(self):
        policy = Policy(defaults=NamespaceSettings(mode=Mode.AUDIT))

        result = validated(a_review(a_pod()), policy)

        assert result.allowed
        assert result.evaluation is not None
        assert warnings(result) == [
            'audit: container "redis" starts without a working memory ceiling'
        ]


class TestUpdate:
    def test_an_image_that_became_a_servers(self):
        assert "(no-memory-limit)" in message(updated(a_pod(a_container(image="app", limit=None)),
                                                      a_pod(UNLIMITED)))  # fmt: skip

    def test_a_limit_that_shrank_below_the_ceiling(self):
        old, new = injected(a_pod()), injected(a_pod())
        new["spec"]["containers"][0]["resources"]["limits"]["memory"] = "400Mi"

        assert "(ceiling-undone)" in message(updated(old, new, subResource="resize"))

    @pytest.mark.parametrize("mode", Mode)
    def test_a_limit_that_grew_is_told_of(self, mode: Mode):
        old, new = injected(a_pod()), injected(a_pod())
        new["spec"]["containers"][0]["resources"]["limits"]["memory"] = "1Gi"
        policy = Policy(defaults=NamespaceSettings(mode=mode))

        result = updated(old, new, policy, subResource="resize")

        assert result.allowed
        assert warnings(result) == [
            'container "redis" keeps its maxmemory of 400Mi under its new limit of 1Gi until its '
            "Pod is created anew, which gives it 816Mi"
        ]

    def test_a_pods_own_limit_that_grew_too(self):
        old = injected(a_pod(a_container(limit=None), resources={"limits": {"memory": "512Mi"}}))
        new = copy.deepcopy(old)
        new["spec"]["resources"]["limits"]["memory"] = "1Gi"

        (warning,) = warnings(updated(old, new, subResource="resize"))

        assert warning.endswith("which gives it 816Mi")

    @pytest.mark.parametrize(
        ("container", "limit"),
        [(BARE, "512Mi"), (BARE, "500Mi"), (a_container(args=["--maxmemory", "100mb"]), "1Gi")],
        ids=["the-same", "less-and-still-fits", "the-users-own-ceiling"],
    )
    def test_nothing_is_told_of_another(self, container: Json, limit: str):
        old = injected(a_pod(container))
        new = copy.deepcopy(old)
        new["spec"]["containers"][0]["resources"]["limits"]["memory"] = limit

        assert warnings(updated(old, new, subResource="resize")) == []

    def test_a_pods_own_limit_that_shrank(self):
        old = injected(a_pod(resources={"limits": {"memory": "512Mi"}}))
        new = copy.deepcopy(old)
        new["spec"]["resources"]["limits"]["memory"] = "400Mi"

        assert "(ceiling-undone)" in message(updated(old, new))

    @pytest.mark.parametrize("pod", [a_pod(BARE), a_pod(UNLIMITED)])
    def test_a_pod_that_ran_unguarded_goes_on(self, pod: Json):
        labelled = copy.deepcopy(pod)
        labelled["metadata"]["labels"] = {"a": "b"}

        assert updated(pod, labelled).allowed

    def test_also_with_another_limit(self):
        assert updated(a_pod(BARE), a_pod(a_container(limit="1Gi"))).allowed

    def test_what_changed_of_a_pod_that_is_not_read_may_be_any_container(self):
        many = a_container(name="many", image="app", args=["x" * 64] * LIMITS[Work.ENTRIES])
        old = a_pod(many, a_container(name="last", image="app"))
        new = a_pod(many, a_container(name="last", limit=None))

        refused = updated(old, new)

        assert 'container "many": it is not read, nor is what follows' in message(refused)

    @pytest.mark.parametrize("subresource", ["", "resize"])
    def test_in_a_review_that_is_too_large(self, subresource: str):
        pod = a_pod(a_container(image="app", args=["x" * (LIMITS[Work.BYTES] // 2)]))

        refused = updated(pod, pod, subResource=subresource)

        assert "more than 3,145,728 bytes in the review" in message(refused)

    def test_a_container_that_was_not_there(self):
        assert not updated(a_pod(APP), a_pod(APP, a_container(name="new"))).allowed

    def test_the_old_pod_must_be_one(self):
        with pytest.raises(MalformedReviewError):
            updated({"spec": []}, a_pod(BARE))


@pytest.mark.parametrize(
    "request_",
    [
        {"subResource": "status"},
        {"subResource": "ephemeralcontainers"},
        {"kind": {"kind": "Deployment"}},
        {"operation": "DELETE", "object": None},
        {"operation": "CONNECT"},
    ],
)
def test_nothing_else_is_evaluated(request_: Json):
    operation = request_.pop("operation", "CREATE")

    result = validated(a_review(a_pod(UNLIMITED), operation=operation, **request_))

    assert (result.evaluation, result.allowed) == (None, True)


@pytest.mark.parametrize("subresource", ["resize", "of-a-later-kubernetes"])
def test_a_subresource_that_nobody_knows_is_evaluated_like_the_pod(subresource: str):
    refused = updated(a_pod(APP), a_pod(BARE), subResource=subresource)

    assert "(ceiling-undone)" in message(refused)


def test_an_update_reads_a_config_map_of_both_pods_once():
    asked: list[str] = []

    def read(_namespace: str, names: Sequence[str]) -> dict[str, dict[str, str]]:
        asked.extend(names)
        return {"settings": {"redis.conf": "maxmemory 10gb\n"}}

    container = a_container(args=["/conf/redis.conf"], volumeMounts=[a_mount("/conf", "settings")])
    old, new = (
        a_pod(container | {"image": image}, volumes=[a_config_map()])
        for image in ("redis:7", "redis:8")
    )
    body = a_review(new, operation="UPDATE", oldObject=old)

    assert handle(body, validate, policy=BUILT_IN, read_config_maps=read).allowed
    assert asked == ["settings"]


def test_a_mirror_pod_of_a_node_is_not_evaluated():
    pod = a_pod(UNLIMITED)
    pod["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "0"}

    assert validated(a_review(pod, groups=["system:nodes"])).evaluation is None


def test_the_options_it_needs_are_named():
    assert message(validated(a_review(a_pod(BARE)))).endswith(f"\nIt needs {FULL_TEXT}")
