"""Laws of floors: they only ever raise what was computed, and never beyond what is respected."""

import copy
from dataclasses import replace
from typing import Any

import jsonpatch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.golden.reviews import decode_answer, encode_creation
from tests.harness.builders import BUILT_IN, MEBI, Files, Json, evaluated, owned, reading
from tests.property.pods import config_maps, pods
from webhook.admission.handling import handle
from webhook.admission.patch import pod_patch
from webhook.admission.validate import validate
from webhook.domain.evaluation.outcome import Outcome
from webhook.domain.policy.floors import Floors, ServerName

laws = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
held = st.integers(0, 2**31)


def holding(pod: Json, amount: int) -> Floors:
    """That every container of a Pod was seen to hold so much."""
    lists: Any = (pod["spec"].get(name) or () for name in ("containers", "initContainers"))
    names = {container.get("name", "") for containers in lists for container in containers}
    namespace = pod["metadata"].get("namespace") or ""
    return {
        ServerName(namespace=namespace, kind="StatefulSet", name="cart", container=name): amount
        for name in names
    }


def without_amounts(outcome: Outcome) -> tuple[object, ...]:
    sizing = outcome.sizing
    if sizing is not None:
        sizing = replace(sizing, maxmemory=0, headroom=0, because="", raised=None)
    return outcome.verdict, outcome.reason, outcome.denied, outcome.eviction_policy, sizing


@laws
@given(pod=pods(), files=config_maps(), amount=held)
def test_a_floor_raises_what_was_computed_up_to_what_is_respected(
    pod: Json, files: Files, amount: int
) -> None:
    before = evaluated(owned(pod), files=files).outcomes
    after = evaluated(owned(pod), files=files, floors=holding(pod, amount)).outcomes

    for old, new in zip(before, after, strict=True):
        assert without_amounts(new) == without_amounts(old)
        if old.sizing is None or new.sizing is None:
            continue
        most = (old.sizing.limit - old.sizing.volumes) * 85 // 100 // old.sizing.servers
        assert old.sizing.maxmemory <= new.sizing.maxmemory <= max(old.sizing.maxmemory, most)
        if new.sizing.raised is not None:
            assert new.sizing.maxmemory == min(amount * 11 // 10, most)


@laws
@given(pod=pods(), files=config_maps(), amount=held)
def test_the_api_server_lets_a_floored_pod_in_whoever_validates_it(
    pod: Json, files: Files, amount: int
) -> None:
    pod = owned(pod)
    floors = holding(pod, amount)
    evaluation = evaluated(pod, files=files, floors=floors)
    patched = jsonpatch.JsonPatch(pod_patch(evaluation)).apply(copy.deepcopy(pod))

    assert pod_patch(evaluated(patched, files=files, floors=floors)) == ()
    for known in (floors, {}):
        body = encode_creation(patched, namespace=pod["metadata"].get("namespace") or "shop")
        answer = handle(
            body, validate, policy=BUILT_IN, read_config_maps=reading(files), floors=known
        )
        assert decode_answer(answer.answer).allowed == (not evaluation.denied)


def test_the_laws_meet_floors() -> None:
    claim = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    container = {
        "name": "redis",
        "image": "redis:7",
        "args": ["--appendonly", "yes"],
        "resources": {"limits": {"memory": "512Mi"}},
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
    pod = {"metadata": {}, "spec": {"containers": [container], "volumes": [claim]}}

    (outcome,) = evaluated(owned(pod), floors=holding(pod, 300 * MEBI)).outcomes

    assert outcome.sizing is not None
    assert outcome.sizing.raised is not None
