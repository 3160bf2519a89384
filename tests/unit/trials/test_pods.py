"""The Pods of a trial, by the evaluation of the webhook itself."""

import pytest

from webhook.domain.evaluation.evaluate import evaluate
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.policy.settings import Policy
from webhook.trials.pods import guard, is_injected, trial_pod
from webhook.trials.workload import WORKLOADS, Load, load_beyond

LIMIT = 512 * 2**20
CACHE = ("--maxmemory", "419430400", "--maxmemory-policy", "allkeys-lru", "--save", "")
PERSISTENT = ("--maxmemory", "209715200", "--maxmemory-policy", "allkeys-lru")


def load(workload: str) -> Load:
    return load_beyond(LIMIT, WORKLOADS[workload], seconds=30, bytes_a_second=2**20)


def pod(workload: str, image: str = "redis:7"):
    return trial_pod("trial", image=image, limit="512Mi", load=load(workload))


@pytest.mark.parametrize("image", ["redis:7", "valkey/valkey:8", "redis:7-alpine"])
@pytest.mark.parametrize("workload", WORKLOADS)
def test_the_loader_is_no_server_whatever_it_writes(workload: str, image: str):
    evaluation = evaluate(parse_pod(pod(workload, image)), Policy())

    assert [outcome.verdict for outcome in evaluation.outcomes] == [Verdict.INJECT, Verdict.IGNORE]


@pytest.mark.parametrize(
    ("workload", "options"),
    [
        ("set-1k", CACHE),
        ("random-size", CACHE),
        ("sessions", CACHE),
        ("default-snapshots", CACHE),
        ("bgsave", PERSISTENT),
        ("aof-rewrite", PERSISTENT),
    ],
)
def test_the_guarded_pod_carries_what_the_webhook_injects(workload: str, options: tuple[str, ...]):
    guarded = guard(pod(workload), Policy())

    arguments = guarded.manifest["spec"]["containers"][0]["args"]
    assert guarded.outcome.options == options
    assert tuple(arguments[-len(options) :]) == options


def test_only_what_is_injected_tells_the_two_apart():
    bare = pod("set-1k")

    guarded = guard(bare, Policy()).manifest

    assert (is_injected(bare), is_injected(guarded)) == (False, True)
    assert guarded["spec"]["containers"][1] == bare["spec"]["containers"][1]


def test_the_key_space_holds_twice_the_limit():
    assert load("set-1k").keys == 2 * LIMIT // 1024
