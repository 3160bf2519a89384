"""Laws of the whole way of a Pod: evaluation, patch, answer."""

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

import jsonpatch
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.golden.reviews import decode_answer, encode_creation
from tests.harness.builders import reading
from tests.property.launches import IMAGES
from tests.property.pods import config_maps, containers, forged_records, limits, pods, set_limit
from webhook.admission.handling import handle
from webhook.admission.mutate import mutate
from webhook.admission.patch import pod_patch
from webhook.domain.evaluation.evaluate import evaluate
from webhook.domain.evaluation.outcome import Evaluation, Outcome
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.kubernetes.pod import ContainerList
from webhook.domain.policy.annotations import GUARDED, INJECTED
from webhook.domain.policy.settings import Mode, NamespaceSettings, Policy
from webhook.domain.redis.command_line import render_options

Json = dict[str, Any]
Files = Mapping[str, Mapping[str, str]]

POLICY = Policy()
AUDIT = Policy(defaults=NamespaceSettings(mode=Mode.AUDIT))

_FREE_KEYS = frozenset({"annotations", "labels", "limits", "requests"})
unknown_values = st.sampled_from(
    [None, True, 7, "redis-server", ["redis-server", "--maxmemory"], {"limits": {"memory": "1Gi"}}]
)

laws = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def evaluated(pod: Json, files: Files) -> Evaluation:
    return evaluate(parse_pod(pod), POLICY, files)


def patched(pod: Json, files: Files) -> Json:
    """The Pod as it starts, by a JSON Patch library that is not ours."""
    patch = jsonpatch.JsonPatch(pod_patch(evaluated(pod, files)))
    result: Json = patch.apply(copy.deepcopy(pod))
    return result


def in_order(pod: Json) -> list[Json]:
    """All containers, in the order of an evaluation's outcomes."""
    return [container for name in ContainerList for container in pod["spec"].get(name) or []]


def annotated(pod: Json, value: str) -> Json:
    pod = copy.deepcopy(pod)
    pod["metadata"].setdefault("annotations", {})[INJECTED] = value
    return pod


def limited(pod: Json, limit: object) -> Json:
    """The Pod after another webhook changed the limit of all its containers."""
    pod = copy.deepcopy(pod)
    for container in in_order(pod):
        set_limit(container, limit)
    return pod


def told(evaluation: Evaluation) -> list[tuple[object, ...]]:
    """What an evaluation says of each container, without the steps to it."""
    return [
        (o.container.name, o.verdict, o.reason, o.denied, o.sizing, o.options, o.eviction_policy)
        for o in evaluation.outcomes
    ]


def launched(container: Json) -> Json:
    """What a container starts with; empty lists are none, and a variable's place is no matter."""
    env = container.get("env") or []
    return {
        "command": container.get("command") or [],
        "args": container.get("args") or [],
        "env": sorted(env, key=json.dumps),
    }


def carries(container: Json, options: Sequence[str]) -> bool:
    """Whether options stand behind one another in a container's args, in a text, in a variable."""
    elements = [*(container.get("command") or []), *(container.get("args") or [])]
    values = [entry.get("value") or "" for entry in container.get("env") or []]
    size = len(options)
    runs = [elements[at : at + size] for at in range(len(elements) - size + 1)]
    return list(options) in runs or any(
        render_options(tuple(options)) in t for t in elements + values
    )


@laws
@given(pod=pods(), files=config_maps())
def test_a_second_evaluation_changes_nothing(pod: Json, files: Files) -> None:
    once = patched(pod, files)

    again = evaluated(once, files)

    assert pod_patch(again) == ()
    assert [(o.verdict, o.options, o.sizing) for o in again.outcomes] == [
        (o.verdict, o.options, o.sizing) for o in evaluated(pod, files).outcomes
    ]


@laws
@given(pod=pods(), files=config_maps(), limit=limits())
def test_a_limit_changed_in_between_is_as_if_it_always_was(
    pod: Json, files: Files, limit: object
) -> None:
    before = evaluated(pod, files)
    late = limited(patched(pod, files), limit)
    fresh = limited(pod, limit)

    assert told(evaluated(late, files)) == told(evaluated(fresh, files))
    for old, new, late_one, fresh_one in zip(
        before.outcomes,
        evaluated(fresh, files).outcomes,
        in_order(patched(late, files)),
        in_order(patched(fresh, files)),
        strict=True,
    ):
        if new.options or not old.options:
            assert launched(late_one) == launched(fresh_one)
        else:
            # The way in stays, such as args that repeat the image's own; the options go.
            assert not carries(late_one, old.options)


@laws
@given(pod=pods(), files=config_maps(), other=containers("sidecar"), first=st.booleans())
def test_a_sidecar_added_in_between_is_as_if_it_always_was(
    pod: Json, files: Files, other: Json, first: bool
) -> None:
    late = with_sidecar(patched(pod, files), other, first=first)
    fresh = with_sidecar(pod, other, first=first)

    assert told(evaluated(late, files)) == told(evaluated(fresh, files))


@laws
@given(pod=pods(), files=config_maps())
def test_a_variable_added_in_between_changes_nothing(pod: Json, files: Files) -> None:
    late = patched(pod, files)
    for container in in_order(late):
        container["env"] = [*(container.get("env") or []), {"name": "ADDED", "value": "later"}]

    again = evaluated(late, files)

    assert pod_patch(again) == ()
    assert told(again) == told(evaluated(pod, files))


@laws
@given(pod=pods(), files=config_maps())
def test_only_servers_are_touched_and_nothing_is_lost(pod: Json, files: Files) -> None:
    evaluation = evaluated(pod, files)
    after = patched(pod, files)

    assert without_launches(after, evaluation) == without_launches(pod, evaluation)
    for outcome, old, new in zip(evaluation.outcomes, in_order(pod), in_order(after), strict=True):
        if outcome.options:
            assert_kept(outcome, launched(old), new)


@laws
@given(pod=pods(), files=config_maps(), value=unknown_values, data=st.data())
def test_a_field_that_nobody_knows_changes_nothing(
    pod: Json, files: Files, value: object, data: st.DataObject
) -> None:
    later = copy.deepcopy(pod)
    data.draw(st.sampled_from(objects(later)))["ofALaterKubernetes"] = value

    assert told(evaluated(later, files)) == told(evaluated(pod, files))
    assert pod_patch(evaluated(later, files)) == pod_patch(evaluated(pod, files))


def objects(value: object) -> list[Json]:
    """Every object of a Pod whose fields are the API's, at any depth."""
    if isinstance(value, list):
        return [found for inner in value for found in objects(inner)]
    if not isinstance(value, dict):
        return []
    inside = (inner for name, inner in value.items() if name not in _FREE_KEYS)
    return [value, *(found for inner in inside for found in objects(inner))]


def with_sidecar(pod: Json, other: Json, *, first: bool) -> Json:
    pod = copy.deepcopy(pod)
    own = pod["spec"]["containers"]
    pod["spec"]["containers"] = [other, *own] if first else [*own, other]
    return pod


def without_launches(pod: Json, evaluation: Evaluation) -> Json:
    """The Pod without what may change: the launch of servers that get options, our metadata."""
    pod = copy.deepcopy(pod)
    for outcome, container in zip(evaluation.outcomes, in_order(pod), strict=True):
        if outcome.server and outcome.options:
            for name in ("command", "args", "env"):
                container.pop(name, None)
    for field, key in (("annotations", INJECTED), ("labels", GUARDED)):
        texts = pod["metadata"].get(field) or {}
        texts.pop(key, None)
        if not texts:
            pod["metadata"].pop(field, None)
    return pod


def assert_kept(outcome: Outcome, old: Json, new: Json) -> None:
    """Every element of the launch is still there, in order; a text has only grown."""
    match outcome.source:
        case "arguments":
            own = len(old["args"])
            assert (new.get("command") or []) == old["command"]
            assert new["args"][:own] == old["args"]
            assert tuple(new["args"][-len(outcome.options) :]) == outcome.options
            assert launched(new)["env"] == old["env"]
        case "variable":
            assert (new.get("command") or [], new.get("args") or []) == (
                old["command"],
                old["args"],
            )
            kept = [entry["name"] for entry in new["env"]]
            assert [e for e in old["env"] if e["name"] not in kept] == []
            assert any(
                (e.get("value") or "").endswith(render_options(outcome.options)) for e in new["env"]
            )
        case "shell-text":
            texts = [*old["command"], *old["args"]]
            grown = [*(new.get("command") or []), *(new.get("args") or [])]
            assert len(grown) == len(texts)
            (changed,) = [at for at, text in enumerate(texts) if grown[at] != text]
            assert is_subsequence(texts[changed], grown[changed])
        case "start-script":
            assert launched(new)["env"] == old["env"]
            grown = [*(new.get("command") or []), *(new.get("args") or [])]
            assert any(text.startswith("t=$(sed -e ") for text in grown)
        case other:
            pytest.fail(f"options without a place: {other!r}")


def is_subsequence(part: str, whole: str) -> bool:
    letters = iter(whole)
    return all(letter in letters for letter in part)


@laws
@given(pod=pods(), files=config_maps())
def test_a_ceiling_lies_between_nothing_and_the_limit(pod: Json, files: Files) -> None:
    for outcome in evaluated(pod, files).outcomes:
        assert (outcome.sizing is not None) == (outcome.verdict in ("inject", "adjust", "respect"))
        if outcome.sizing is not None:
            sizing = outcome.sizing
            assert 0 < sizing.maxmemory < sizing.limit
            assert sizing.maxmemory + sizing.headroom == sizing.limit
            if "--maxmemory" in outcome.options:
                value = outcome.options[outcome.options.index("--maxmemory") + 1]
                assert value == str(sizing.maxmemory)


@laws
@given(pod=pods(), files=config_maps())
def test_audit_mode_only_tells_what_enforce_mode_does(pod: Json, files: Files) -> None:
    body = encode_creation(pod, namespace="shop")
    enforced, audited = (
        decode_answer(handle(body, mutate, policy=policy, read_config_maps=reading(files)).answer)
        for policy in (POLICY, AUDIT)
    )

    assert (audited.allowed, audited.message, audited.patch) == (True, "", ())
    told_patch = json.loads(audited.audit_annotations.get("patch", "[]"))
    assert tuple(told_patch) == enforced.patch
    if not enforced.allowed:
        assert audited.audit_annotations["decision"] == "would-deny"
    assert audited.audit_annotations.get("reason") == enforced.audit_annotations.get("reason")
    assert all(len(warning) < 256 for warning in (*enforced.warnings, *audited.warnings))


@laws
@given(pod=pods(), files=config_maps(), forged=forged_records())
def test_a_forged_record_gains_nothing(pod: Json, files: Files, forged: str) -> None:
    forging = evaluated(annotated(pod, forged), files).outcomes

    for outcome, honest in zip(forging, evaluated(pod, files).outcomes, strict=True):
        assert (outcome.server, outcome.denied) == (honest.server, honest.denied)
        if outcome.sizing is None or honest.sizing is None:
            assert outcome.verdict == honest.verdict
        elif outcome.sizing.maxmemory > honest.sizing.maxmemory:
            # It disowned a lower ceiling of its own, and gets what it would get without that one.
            assert honest.verdict == "respect"
            assert outcome.sizing.maxmemory * 100 <= outcome.sizing.limit * 85


@laws
@given(pod=pods(), files=config_maps(), ceiling=st.sampled_from([7, 2**31, 10**19]))
def test_our_own_options_with_another_number_count_for_nothing(
    pod: Json, files: Files, ceiling: int
) -> None:
    forged = json.dumps(patched(pod, files))
    for outcome in evaluated(pod, files).outcomes:
        if outcome.sizing is not None and "--maxmemory" in outcome.options:
            forged = forged.replace(str(outcome.sizing.maxmemory), str(ceiling))

    assert patched(json.loads(forged), files) == patched(pod, files)


@laws
@given(
    pod=pods(),
    files=config_maps(),
    labels=st.dictionaries(st.text(max_size=5), st.sampled_from(["true", "false", "kube-system"])),
    wish=st.sampled_from(["exempt", "ignore", "inject", "mode", "skip"]),
)
def test_nothing_that_a_tenant_sets_exempts_a_server(
    pod: Json, files: Files, labels: Mapping[str, str], wish: str
) -> None:
    asking = copy.deepcopy(pod)
    asking["metadata"]["labels"] = dict(labels)
    annotations = asking["metadata"].setdefault("annotations", {})
    annotations.update(
        {f"redis-memory-guard.dev/{wish}": "true", "kubernetes.io/config.mirror": "x"}
    )

    answer = handle(
        encode_creation(asking, namespace="shop"),
        mutate,
        policy=POLICY,
        read_config_maps=reading(files),
    )

    assert answer.evaluation is not None
    assert told(answer.evaluation) == told(evaluated(pod, files))


@laws
@given(pod=pods(), files=config_maps(), image=st.one_of(st.sampled_from(IMAGES), st.text()))
def test_a_program_that_is_named_is_a_server_in_any_image(
    pod: Json, files: Files, image: str
) -> None:
    server: Json = {
        "name": "named",
        "image": image,
        "command": ["redis-server"],
        "args": ["--port", "1"],
    }
    set_limit(server, "512Mi")
    pod["spec"]["containers"] = [server]

    (outcome, *_) = evaluated(pod, files).outcomes

    assert outcome.server
    assert "--maxmemory" in outcome.options
