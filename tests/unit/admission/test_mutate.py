"""The mutating webhook's whole way, from bytes to bytes."""

import base64
import copy
import json
from collections.abc import Mapping, Sequence

import jsonpatch
import pytest

from tests.harness.builders import (
    BUILT_IN,
    FULL,
    Json,
    a_config_map,
    a_container,
    a_mount,
    a_pod,
    a_review,
)
from webhook.admission.handling import Admitted, handle, read_nothing
from webhook.admission.mutate import mutate
from webhook.admission.review import MalformedReviewError
from webhook.domain.kubernetes.budget import LIMITS, Work
from webhook.domain.policy.settings import Mode, NamespaceSettings, Policy, Rule

TOO_LARGE = a_review(a_pod(a_container(args=["x" * LIMITS[Work.BYTES]])))
MIRROR = {"kubernetes.io/config.mirror": "0"}


class ConfigMaps:
    """A namespace's ConfigMaps, which remember what was read of them."""

    def __init__(self, **data: Mapping[str, str]) -> None:
        self._data = data
        self.read: list[tuple[str, str]] = []

    def __call__(self, namespace: str, names: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        self.read += [(namespace, name) for name in names]
        return {name: self._data[name] for name in names if name in self._data}


def admitted(body: bytes, policy: Policy = BUILT_IN) -> Admitted:
    return handle(body, mutate, policy=policy, read_config_maps=read_nothing)


def response(result: Admitted) -> Json:
    answer: Json = json.loads(result.answer)["response"]
    return answer


def patched(pod: Json, result: Admitted) -> Json:
    patch = json.loads(base64.b64decode(response(result)["patch"]))
    after: Json = jsonpatch.JsonPatch(patch).apply(copy.deepcopy(pod))
    return after


def a_mirror_pod() -> Json:
    pod = a_pod(a_container(limit=None))
    pod["metadata"]["annotations"] = dict(MIRROR)
    return pod


def test_a_redis_pod_goes_in_and_a_bounded_one_comes_out():
    pod = a_pod()

    result = admitted(a_review(pod))

    assert (result.allowed, result.mode) == (True, Mode.ENFORCE)
    assert patched(pod, result)["spec"]["containers"][0]["args"] == ["redis-server", *FULL]


def test_a_second_admission_changes_nothing():
    pod = a_pod()
    once = patched(pod, admitted(a_review(pod)))

    assert "patch" not in response(admitted(a_review(once)))


def test_a_server_without_a_limit_is_refused():
    result = admitted(a_review(a_pod(a_container(limit=None))))

    assert (result.allowed, response(result)["status"]["code"]) == (False, 403)


def test_the_mode_is_the_namespaces():
    policy = Policy(rules=(Rule(namespaces=("shop",), mode=Mode.AUDIT),))

    result = admitted(a_review(a_pod(a_container(limit=None))), policy)

    assert (result.allowed, result.mode) == (True, Mode.AUDIT)


@pytest.mark.parametrize(
    ("own", "is_allowed"),
    [({"namespace": "exempt"}, False), ({}, False), ({"namespace": None}, False)],
)
def test_the_requests_namespace_counts_whatever_the_pod_says(own: Json, *, is_allowed: bool):
    policy = Policy(rules=(Rule(namespaces=("exempt",), exempt=True),))
    pod = a_pod(a_container(limit=None))
    del pod["metadata"]["namespace"]
    pod["metadata"] |= own

    assert admitted(a_review(pod), policy).allowed == is_allowed


@pytest.mark.parametrize(
    "request_",
    [
        {"operation": "UPDATE"},
        {"operation": "DELETE", "object": None, "oldObject": a_pod()},
        {"operation": "CONNECT", "object": {}},
        {"subResource": "ephemeralcontainers"},
        {"subResource": "binding"},
        {"kind": {"kind": "Deployment"}},
    ],
)
def test_anything_but_a_pods_creation_is_let_through_unevaluated(request_: Json):
    operation = request_.pop("operation", "CREATE")

    result = admitted(a_review(a_pod(a_container(limit=None)), operation=operation, **request_))

    assert (result.evaluation, result.allowed) == (None, True)
    assert set(response(result)) == {"uid", "allowed"}


@pytest.mark.parametrize(("mode", "is_allowed"), [(Mode.ENFORCE, False), (Mode.AUDIT, True)])
def test_a_pod_in_a_review_that_is_too_large_is_told_so(mode: Mode, *, is_allowed: bool):
    policy = Policy(defaults=NamespaceSettings(mode=mode))

    answer = response(admitted(TOO_LARGE, policy))

    told = (
        'container "*"{}: it is not read, nor is what follows: more than 3,145,728 bytes in the'
        " review"
    )
    assert answer["allowed"] == is_allowed
    if is_allowed:
        assert answer["warnings"] == ["audit: " + told.format(" would be refused")]
    else:
        assert answer["status"]["message"].startswith(told.format("") + " (too-complex). ")
        assert "Make the Pod smaller" in answer["status"]["message"]


def test_where_pods_are_exempt_one_that_is_not_read_is_let_through():
    policy = Policy(rules=(Rule(namespaces=("shop",), exempt=True),))

    assert list(response(admitted(TOO_LARGE, policy)).items())[1:] == [("allowed", True)]


class TestMirrorPods:
    def test_one_that_a_node_creates_cannot_be_changed(self):
        result = admitted(a_review(a_mirror_pod(), groups=["system:nodes"]))

        assert (result.evaluation, result.allowed) == (None, True)

    @pytest.mark.parametrize("groups", [[], ["system:authenticated"], ["system:nodes:x"]])
    def test_a_forged_annotation_exempts_nobody(self, groups: list[str]):
        assert not admitted(a_review(a_mirror_pod(), groups=groups)).allowed

    @pytest.mark.parametrize("annotations", [None, {}, {"kubernetes.io/config.hash": "0"}])
    def test_a_nodes_other_pods_are_evaluated(self, annotations: Json | None):
        pod = a_pod(a_container(limit=None))
        pod["metadata"]["annotations"] = annotations

        assert not admitted(a_review(pod, groups=["system:nodes"])).allowed


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", None),
        (a_review(a_pod(), object=None), "request.object: must be an object"),
        (a_review({"spec": {}}), "request.object.metadata: must be an object"),
        (
            a_review({"metadata": {}, "spec": []}),
            "request.object.spec: must be an object, not a list",
        ),
        (
            a_review(a_pod(a_container(limit="1GB"))),
            "request.object.spec.containers[0].resources.limits.memory: not a quantity: '1GB' "
            "(did you mean 1G or 1Gi?)",
        ),
    ],
)
def test_what_is_no_review_of_a_pod_is_malformed(body: bytes, message: str | None):
    with pytest.raises(MalformedReviewError) as error:
        admitted(body)

    assert message is None or str(error.value) == message


class TestConfigMaps:
    """Each that the launch asks for is read once, in the Pod's namespace."""

    def pod(self) -> Json:
        return a_pod(
            a_container(
                args=["/conf/redis.conf"],
                volumeMounts=[a_mount("/conf", "settings"), a_mount("/more", "others")],
            ),
            volumes=[a_config_map(), a_config_map("others")],
        )

    def admit(self, config_maps: ConfigMaps, pod: Json) -> Admitted:
        return handle(a_review(pod), mutate, policy=Policy(), read_config_maps=config_maps)

    def test_one_leads_to_another(self):
        config_maps = ConfigMaps(
            settings={"redis.conf": "include /more/a.conf\n"},
            others={"a.conf": "save ''\nmaxmemory 100mb\nmaxmemory-policy noeviction\n"},
        )

        result = self.admit(config_maps, self.pod())

        assert config_maps.read == [("shop", "settings"), ("shop", "others")]
        assert "patch" not in response(result)

    def test_one_that_cannot_be_read_is_asked_for_once(self):
        config_maps = ConfigMaps()

        result = self.admit(config_maps, self.pod())

        assert config_maps.read == [("shop", "settings")]
        assert result.evaluation is not None
        assert result.evaluation.outcomes[0].options == ("--maxmemory", "209715200")

    def test_where_none_is_read_what_they_hold_is_hidden(self):
        result = admitted(a_review(self.pod()))

        assert result.evaluation is not None
        assert result.evaluation.outcomes[0].options == ("--maxmemory", "209715200")

    def test_a_long_chain_is_given_up(self):
        names = [f"c{number}" for number in range(9)]
        data = {
            name: {"x": f"include /{following}/x\n"}
            for name, following in zip(names, [*names[1:], "end"], strict=True)
        }
        pod = a_pod(
            a_container(args=["/c0/x.conf"], volumeMounts=[a_mount(f"/{n}", n) for n in names]),
            volumes=[a_config_map(name) for name in names],
        )
        data["c0"]["x.conf"] = "include /c1/x\n"
        config_maps = ConfigMaps(**data)

        self.admit(config_maps, pod)

        assert [name for _, name in config_maps.read] == names[:4]

    @pytest.mark.parametrize(("count", "read"), [(16, 16), (17, 16)])
    def test_a_review_reads_sixteen_at_most(self, count: int, read: int):
        names = [f"c{number}" for number in range(count)]
        containers = [
            a_container(name=n, args=[f"/{n}/x"], volumeMounts=[a_mount(f"/{n}", n)]) for n in names
        ]
        config_maps = ConfigMaps()

        self.admit(config_maps, a_pod(*containers, volumes=[a_config_map(n) for n in names]))

        assert [name for _, name in config_maps.read] == names[:read]

    def test_without_redis_none_is_read(self):
        config_maps = ConfigMaps()
        pod = a_pod(a_container(image="app", volumeMounts=[a_mount("/c", "settings")]))

        self.admit(config_maps, pod)

        assert config_maps.read == []


def test_the_settings_are_the_policys():
    policy = Policy(defaults=NamespaceSettings(exempt=True))

    result = admitted(a_review(a_pod(a_container(limit=None))), policy)

    assert result.allowed
