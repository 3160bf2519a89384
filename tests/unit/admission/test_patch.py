"""The JSON Patch: minimal, and applied by a library that is not ours."""

import copy
import json
from dataclasses import replace

import jsonpatch
import pytest

from tests.harness.builders import FULL, FULL_TEXT, Json, a_container, a_pod, evaluated
from webhook.admission.patch import launch_patch, pod_patch
from webhook.domain.evaluation.status_annotation import encode_status
from webhook.domain.kubernetes.pod import EnvironmentVariable
from webhook.domain.policy.annotations import GUARDED, INJECTED

ANNOTATION = "/metadata/annotations/redis-memory-guard.dev~1injected"
LABEL = "/metadata/labels/redis-memory-guard.dev~1guarded"
VALUE = "--maxmemory 209715200 --maxmemory-policy allkeys-lru"


def at(pod: Json) -> list[tuple[object, object, object]]:
    return [(each["op"], each["path"], each.get("value")) for each in launch_patch(evaluated(pod))]


@pytest.mark.parametrize(
    ("container", "operations"),
    [
        (
            a_container(),
            [("add", "/spec/containers/0/args", ["redis-server", *FULL])],
        ),
        (
            a_container(args=[]),
            [("add", "/spec/containers/0/args", ["redis-server", *FULL])],
        ),
        (
            a_container(args=["--port", "1"]),
            [("add", "/spec/containers/0/args/-", word) for word in FULL],
        ),
        (
            a_container(command=["redis-server"]),
            [("add", "/spec/containers/0/args", list(FULL))],
        ),
        (
            a_container(command=["sh", "-c", "redis-server"]),
            [("replace", "/spec/containers/0/command/2", f"redis-server {FULL_TEXT}")],
        ),
        (
            a_container(image="bitnami/redis"),
            [
                (
                    "add",
                    "/spec/containers/0/env",
                    [{"name": "REDIS_EXTRA_FLAGS", "value": VALUE}],
                )
            ],
        ),
        (
            a_container(image="bitnami/redis", env=[{"name": "A", "value": "1"}]),
            [
                (
                    "add",
                    "/spec/containers/0/env/-",
                    {"name": "REDIS_EXTRA_FLAGS", "value": VALUE},
                )
            ],
        ),
        (
            a_container(image="bitnami/redis", env=[{"name": "REDIS_EXTRA_FLAGS"}]),
            [("add", "/spec/containers/0/env/0/value", VALUE)],
        ),
        (a_container(image="app"), []),
        (a_container(limit=None), []),
    ],
)
def test_single_elements_are_added_and_replaced(container: Json, operations: list[object]):
    assert at(a_pod(container)) == operations


def test_elements_that_are_ours_no_longer_are_removed_from_the_end():
    pod = a_pod(a_container(limit="16Mi", args=["redis-server", *FULL]))
    pod["metadata"]["annotations"] = {INJECTED: json.dumps({"redis": {"options": list(FULL)}})}

    assert at(pod) == [
        ("remove", f"/spec/containers/0/args/{index}", None) for index in range(6, 0, -1)
    ]


def test_other_containers_are_counted_in_their_own_lists():
    pod = a_pod(
        a_container(name="app", image="app"),
        a_container(name="cache"),
        initContainers=[a_container(name="side", restartPolicy="Always")],
    )

    assert [path for _, path, _ in at(pod)] == [
        "/spec/containers/1/args",
        "/spec/initContainers/0/args",
    ]


def on(pod: Json, field: str) -> list[tuple[object, object, object]]:
    """The operations on a field of the metadata."""
    operations = (each for each in pod_patch(evaluated(pod)) if "/metadata/" in str(each["path"]))
    found = [(each["op"], each["path"], each.get("value")) for each in operations]
    return [each for each in found if str(each[1]).startswith(f"/metadata/{field}")]


class TestTheAnnotation:
    def last(self, pod: Json) -> tuple[object, object, object] | None:
        return next(iter(on(pod, "annotations")), None)

    def pod(self, annotations: object) -> Json:
        pod = a_pod()
        pod["metadata"]["annotations"] = annotations
        return pod

    @pytest.mark.parametrize("annotations", [None, {}])
    def test_it_is_the_first(self, annotations: object):
        pod = self.pod(annotations)

        assert self.last(pod) == (
            "add",
            "/metadata/annotations",
            {INJECTED: encode_status(evaluated(pod))},
        )

    @pytest.mark.parametrize("others", [{"a": "b"}, {INJECTED: "forged"}])
    def test_it_stands_beside_others(self, others: Json):
        pod = self.pod(others)

        assert self.last(pod) == ("add", ANNOTATION, encode_status(evaluated(pod)))

    def test_it_goes_with_the_last_option(self):
        pod = a_pod(a_container(image="app"))
        pod["metadata"]["annotations"] = {INJECTED: "{}"}

        assert self.last(pod) == ("remove", ANNOTATION, None)

    def test_without_options_there_is_none(self):
        assert pod_patch(evaluated(a_pod(a_container(image="app")))) == ()

    def test_it_is_not_written_again(self):
        pod = a_pod()
        once = jsonpatch.JsonPatch(pod_patch(evaluated(pod))).apply(copy.deepcopy(pod))

        assert pod_patch(evaluated(once)) == ()


class TestTheLabel:
    def pod(self, labels: object, *, image: str = "redis:7", annotated: bool = False) -> Json:
        pod = a_pod(a_container(image=image))
        pod["metadata"]["labels"] = labels
        if annotated:
            pod["metadata"]["annotations"] = {INJECTED: "{}"}
        return pod

    @pytest.mark.parametrize("labels", [None, {}])
    def test_it_is_the_first(self, labels: object):
        assert on(self.pod(labels), "labels") == [("add", "/metadata/labels", {GUARDED: "true"})]

    @pytest.mark.parametrize("labels", [{"a": "b"}, {GUARDED: "false"}, {GUARDED: None}])
    def test_it_stands_beside_others(self, labels: Json):
        assert on(self.pod(labels), "labels") == [("add", LABEL, "true")]

    def test_it_is_not_written_again(self):
        assert on(self.pod({GUARDED: "true"}), "labels") == []

    def test_it_goes_with_the_annotation(self):
        pod = self.pod({GUARDED: "true"}, image="app", annotated=True)

        assert on(pod, "labels") == [("remove", LABEL, None)]
        assert on(pod, "annotations") == [("remove", ANNOTATION, None)]

    @pytest.mark.parametrize("labels", [None, {"a": "b"}])
    def test_what_is_not_there_is_not_taken_away(self, labels: object):
        assert on(self.pod(labels, image="app", annotated=True), "labels") == []

    def test_one_that_came_alone_is_left_to_its_owner(self):
        assert pod_patch(evaluated(self.pod({GUARDED: "true"}, image="app"))) == ()

    def test_nothing_is_decided_by_it(self):
        with_label, without = evaluated(self.pod({GUARDED: "true"})), evaluated(self.pod(None))

        assert with_label.outcomes == without.outcomes


def test_the_whole_pod_as_it_starts():
    pod = a_pod(a_container(name="app", image="app"), a_container(args=["--port", "1"]))
    pod["metadata"]["annotations"] = {"a": "b"}

    after = jsonpatch.JsonPatch(pod_patch(evaluated(pod))).apply(copy.deepcopy(pod))

    expected = copy.deepcopy(pod)
    expected["spec"]["containers"][1]["args"] = ["--port", "1", *FULL]
    expected["metadata"]["annotations"][INJECTED] = encode_status(evaluated(pod))
    expected["metadata"]["labels"] = {GUARDED: "true"}
    assert after == expected


def test_a_value_takes_the_place_of_a_source_whole():
    source = {"name": "OPTIONS", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
    evaluation = evaluated(a_pod(a_container(env=[source])))
    (outcome,) = evaluation.outcomes
    own = EnvironmentVariable(name="OPTIONS", value="--port 1")
    after = replace(outcome.container, env=(own,))

    changed = replace(evaluation, outcomes=(replace(outcome, after=after),))

    assert list(launch_patch(changed)) == [
        {
            "op": "replace",
            "path": "/spec/containers/0/env/0",
            "value": {"name": "OPTIONS", "value": "--port 1"},
        }
    ]
