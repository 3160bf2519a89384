"""Fills as applications make them, on a guarded server: what goes, what stays."""

import pytest

from tests.cluster.trials import MEBIBYTE, guarded_trial
from tests.harness.cluster import Cluster
from webhook.domain.policy.settings import EvictionPolicy, Policy, Rule
from webhook.trials.workload import Load, LoadWorkload

pytestmark = [pytest.mark.cluster, pytest.mark.plateau]

LIMIT = 64 * MEBIBYTE
TWO_WEEKS = 14 * 24 * 3600

APPLICATION = LoadWorkload(
    summary="sessions of two weeks, completed jobs kept for ever, cache entries without expiry",
    writes=(
        'if (tick == 1 && round == 1) { send(3, "SET", "sess:read", value(800)); '
        'send(3, "SET", "sess:forgotten", value(800)) } '
        f'send(5, "SET", "sess:" fresh(), value(800), "EX", "{TWO_WEEKS}"); '
        'send(4, "HSET", "job:" fresh(), "result", value(400)); '
        'send(3, "SET", "cache:" fresh(), value(1500))'
    ),
    bytes_a_key=900,
    repeatedly="GET sess:read",
)

QUEUE = LoadWorkload(
    summary="jobs pushed to a list that nobody pops",
    writes='send(3, "RPUSH", "queue:default", value(1000))',
    bytes_a_key=1000,
)

KEPT_AND_EVICTED = (
    "local statistics = redis.call('INFO', 'stats') "
    "return redis.call('DBSIZE') + tonumber(statistics:match('evicted_keys:(%d+)'))"
)
"""In one script: the client that asks takes memory, too, and may cost a key."""


def load(workload: LoadWorkload, *, seconds: int) -> Load:
    """Two to three times what fits a server of LIMIT."""
    return Load(workload=workload, seconds=seconds, bytes_a_second=4 * MEBIBYTE, keys=1)


def test_an_application_s_fill_is_evicted_and_what_is_read_stays(
    cluster: Cluster, namespace: str, redis_image: str
) -> None:
    given = load(APPLICATION, seconds=30)
    trial = guarded_trial(cluster, namespace, load=given, limit=LIMIT, image=redis_image)

    history = trial.run(given)

    assert history.survived, history
    assert history.latest is not None
    assert (history.latest.maxmemory, history.latest.eviction_policy) == (
        36 * MEBIBYTE,
        "allkeys-lru",
    )
    assert history.end is not None
    assert trial.ask("EVAL", KEPT_AND_EVICTED, "0") == str(history.end.accepted)
    left = {kind: trial.keys(kind) for kind in ("sess:", "job:", "cache:")}
    # Kept for ever, without expiry, for two weeks: each gives way, none is gone.
    assert all(1_000 < kept < history.end.accepted // 3 / 2 for kept in left.values()), left
    assert trial.ask("EXISTS", "sess:read", "sess:forgotten") == "1"
    assert trial.ask("EXISTS", "sess:read") == "1"


def test_a_queue_with_a_rule_for_noeviction_loses_nothing(
    cluster: Cluster, namespace: str, redis_image: str
) -> None:
    given = load(QUEUE, seconds=20)
    keep = Rule(namespaces=(namespace,), eviction_policy=EvictionPolicy.NOEVICTION)
    policy = Policy(rules=(keep,))
    trial = guarded_trial(
        cluster, namespace, load=given, limit=LIMIT, image=redis_image, policy=policy
    )

    history = trial.run(given)

    assert history.survived, history
    assert history.end is not None
    assert history.latest is not None
    assert history.latest.eviction_policy == "noeviction"
    assert history.evictions == 0
    assert history.end.refused > 10_000
    assert trial.ask("LLEN", "queue:default") == str(history.end.accepted)
    # It lives and goes on as soon as somebody works the queue off.
    assert len(trial.ask("LPOP", "queue:default")) == 1000
