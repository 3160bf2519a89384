"""The lines of a loader's log."""

import pytest

from tests.unit.trials.loader_log import down, end, node, sample
from webhook.trials.samples import End, Node, Sample, ServerSample, parse_line

SERVER = ServerSample(
    version="Redis 7.0.15",
    maxmemory=400,
    eviction_policy="allkeys-lru",
    used=90,
    resident=100,
    copied=7,
    last_copied=9,
    evicted=3,
    keys=5,
    uptime=2,
    forks=3,
    fork_failed=False,
)


def test_a_sample_is_the_server_s_own_word():
    line = sample(
        4,
        at=250,
        current_cow_size=7,
        rdb_last_cow_size=8,
        aof_last_cow_size=9,
        evicted_keys=3,
        rdb_saves=1,
        aof_rewrites=2,
    )

    parsed = parse_line(line)

    assert parsed == Sample(number=4, at=2.5, server=SERVER)
    assert (SERVER.memory, SERVER.need) == (107, 109)


def test_valkey_is_called_by_its_own_version():
    parsed = parse_line(sample(1, at=0, valkey_version="8.1.1"))

    assert isinstance(parsed, Sample)
    assert parsed.server is not None
    assert parsed.server.version == "Valkey 8.1.1"


@pytest.mark.parametrize("field", ["rdb_last_bgsave_status", "aof_last_bgrewrite_status"])
def test_a_fork_that_did_not_end_well_is_seen(field: str):
    parsed = parse_line(sample(1, at=0, **{field: "err"}))

    assert isinstance(parsed, Sample)
    assert parsed.server is not None
    assert parsed.server.fork_failed


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (down(3, at=120), Sample(number=3, at=1.2, server=None)),
        (node(began=77), Node(kernel="6.18", cgroup=2, began=77)),
        (end(accepted=8, refused=2), End(rounds=1, accepted=8, refused=2)),
    ],
)
def test_the_other_lines(line: str, expected: object):
    assert parse_line(line) == expected


@pytest.mark.parametrize(
    "line",
    ["", "sh: not found", "sample number=3 at=1", "sample number=x at=1 down=1", "end rounds=4"],
)
def test_what_is_cut_off_or_somebody_else_s_is_nothing(line: str):
    assert parse_line(line) is None
