from collections.abc import Sequence

import pytest

from tests.harness.builders import MEBI, Json, a_claim, a_container, a_mount
from tests.unit.audit.fake_cluster import FakeCluster, a_running_pod, a_workload
from tests.unit.audit.live_servers import live
from webhook.audit.apply_plan import Change, Setting, Step, Untouched, plan_apply
from webhook.audit.asking import with_live
from webhook.audit.live import LiveServer, Silence
from webhook.audit.live_script import Question
from webhook.audit.look import AuditBasis, look_at
from webhook.cluster.execution import ExecTarget
from webhook.domain.policy.profile import Headroom
from webhook.domain.policy.settings import Policy

CACHE: Json = {"containers": [a_container()]}
DURABLE: Json = {
    "containers": [
        a_container(args=["--appendonly", "yes"], volumeMounts=[a_mount("/data")]),
    ],
    "volumes": [a_claim()],
}
QUEUE: Json = {"containers": [a_container(args=["--maxmemory-policy", "noeviction"])]}


def plan(
    *workloads: tuple[str, Json, Sequence[LiveServer | Silence]], evicts: bool = False
) -> tuple[Step, ...]:
    """Plan for StatefulSets: the name, the Pod spec, and what each of its Pods answers."""
    objects, answers = [], {}
    for name, spec, told in workloads:
        owner = a_workload("StatefulSet", name, spec, replicas=len(told))
        objects.append(owner)
        for number, answer in enumerate(told):
            objects.append(a_running_pod(f"{name}-{number}", spec, owner))
            answers[f"{name}-{number}"] = answer

    def ask(target: ExecTarget, _question: Question) -> LiveServer | Silence:
        return answers[target.pod]

    servers = look_at("shop", FakeCluster(objects=objects), AuditBasis(policy=Policy())).servers
    return plan_apply(with_live(servers, ask), Headroom(), evicts=evicts)


def the_change(spec: Json, answer: LiveServer, *, evicts: bool = False) -> Change:
    (step,) = plan(("cart", spec, [answer]), evicts=evicts)
    assert isinstance(step, Change), step
    return step


def settings(change: Change) -> dict[str, str]:
    return {each.directive: each.after for each in change.settings}


def test_a_cache_gets_what_its_next_pod_would_have_the_ceiling_last():
    change = the_change(CACHE, live(saves="3600 1 300 100 60 10000", used=100 * MEBI, expiring=7))

    assert change.settings == (
        Setting(directive="save", before="3600 1 300 100 60 10000", after=""),
        Setting(directive="maxmemory-policy", before="noeviction", after="allkeys-lru"),
        Setting(directive="maxmemory", before="0", after=str(400 * MEBI)),
    )
    assert change.effects == ("takes no more snapshots, which nothing could restore",)


def test_what_a_cache_would_evict_is_said():
    change = the_change(CACHE, live(used=450 * MEBI))

    assert settings(change) == {
        "maxmemory-policy": "allkeys-lru",
        "maxmemory": str(400 * MEBI),
    }
    assert change.effects == (
        "evicts 50Mi at once",
        "none of its keys expires: leave it out if it is a queue",
    )


def test_a_durable_server_is_never_set_below_what_it_holds():
    change = the_change(DURABLE, live(used=300 * MEBI, appends=True))

    assert settings(change) == {"maxmemory": str(330 * MEBI)}
    assert change.effects[0].startswith("its ceiling would be 200Mi, but it holds more")
    assert "refuses writes at 330Mi" in change.effects


@pytest.mark.parametrize(("used", "fits"), [(395, True), (396, False)])
def test_a_durable_server_that_holds_too_much_for_its_limit_is_left_alone(used: int, fits: bool):
    (step,) = plan(("cart", DURABLE, [live(used=used * MEBI, appends=True)]))

    assert isinstance(step, Change) is fits
    if isinstance(step, Untouched):
        assert step.why.endswith("raise the limit")


def test_an_evicting_policy_on_durable_data_takes_its_own_word():
    kept = the_change(DURABLE, live(used=MEBI, appends=True))
    evicting = the_change(DURABLE, live(used=MEBI, appends=True), evicts=True)

    assert "maxmemory-policy" not in settings(kept)
    assert any("--evict would set" in effect for effect in kept.effects)
    assert "maxmemory-policy" in settings(evicting)


def test_a_cache_whose_append_only_file_was_turned_on_is_durable():
    change = the_change(CACHE, live(used=MEBI, appends=True))

    assert settings(change) == {"maxmemory": str(200 * MEBI)}


def test_a_policy_that_was_chosen_stays():
    change = the_change(QUEUE, live(used=MEBI))

    assert settings(change) == {"maxmemory": str(400 * MEBI)}
    assert "refuses writes at 400Mi" in change.effects


def test_a_queue_is_never_set_below_what_it_holds():
    change = the_change(QUEUE, live(used=390 * MEBI + 9 * MEBI))

    assert int(settings(change)["maxmemory"]) >= 399 * MEBI


@pytest.mark.parametrize(("ceiling", "expected"), [(435, "stays"), (436, "lowered")])
def test_a_ceiling_that_somebody_set_is_respected_up_to_the_safe_share(ceiling: int, expected: str):
    answer = live(maxmemory=ceiling * MEBI, eviction_policy="allkeys-lfu", used=MEBI)
    (step,) = plan(("cart", CACHE, [answer]))

    if expected == "stays":
        assert isinstance(step, Untouched)
        assert step.why == "it has its ceiling already"
    else:
        assert isinstance(step, Change)
        assert settings(step) == {"maxmemory": str(400 * MEBI)}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Silence.NOAUTH, "it tells nothing: NOAUTH"),
        (live(saves=None), "its CONFIG command is renamed or not allowed"),
    ],
)
def test_what_tells_nothing_is_left_alone(answer: LiveServer | Silence, why: str):
    (step,) = plan(("cart", CACHE, [answer]))

    assert isinstance(step, Untouched)
    assert step.why == why


def test_a_server_without_a_limit_has_nothing_to_be_sized_by():
    (step,) = plan(("cart", {"containers": [a_container(limit=None)]}, [live()]))

    assert isinstance(step, Untouched)
    assert step.why == "it runs a Redis server without a memory limit"


def test_what_burns_comes_first_and_masters_before_their_replicas():
    calm = [live(used=MEBI, resident=MEBI)]
    burning = [
        live(used=MEBI, resident=MEBI, role="slave"),
        live(used=470 * MEBI, resident=470 * MEBI),
    ]

    steps = plan(("calm", CACHE, calm), ("fire", CACHE, burning))

    assert [step.pod.pod for step in steps] == ["fire-1", "fire-0", "calm-0"]
