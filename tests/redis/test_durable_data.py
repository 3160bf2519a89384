"""A server filled over its ceiling to be comes back under it: with every key that has no expiry."""

from pathlib import Path

import pytest

from tests.harness.builders import a_claim, a_mount, outcome_of
from tests.redis.server import RealServer

pytestmark = [pytest.mark.redis, pytest.mark.usefixtures("server")]

KEPT, EXPIRING, BYTES = 3_000, 3_000, 2_000
FILL = (
    "for i = 1, tonumber(ARGV[1]) do redis.call('SET', 'kept:' .. i, string.rep('x', ARGV[3])) end "
    "for i = 1, tonumber(ARGV[2]) do "
    "redis.call('SET', 'session:' .. i, string.rep('x', ARGV[3]), 'EX', 100000) end"
)
COUNT = (
    "local found = {0, 0} local cursor = '0' repeat "
    "local page = redis.call('SCAN', cursor, 'COUNT', 10000) cursor = page[1] "
    "for _, key in ipairs(page[2]) do "
    "if key:sub(1, 5) == 'kept:' then found[1] = found[1] + 1 else found[2] = found[2] + 1 end end "
    "until cursor == '0' return found[1] .. ' ' .. found[2]"
)
OWN = ("redis-server", "--appendonly", "yes")


def filled(directory: Path) -> None:
    """Leave an append-only file of about 14 MB, half of it in keys without an expiry."""
    with RealServer(directory) as server:
        server.start([*OWN, "--dir", str(directory)])
        server.ask("EVAL", FILL, "0", str(KEPT), str(EXPIRING), str(BYTES))
        server.ask("SHUTDOWN")


def injected(*, limit: str, path: str) -> tuple[str, ...]:
    """What the same server gets with a claim at a path; the tiny limit keeps the fill small."""
    outcome = outcome_of(
        args=[*OWN], limit=limit, volumes=[a_claim()], volumeMounts=[a_mount(path)]
    )
    assert outcome.after is not None
    return outcome.after.args


def left(server: RealServer) -> tuple[int, int]:
    """Write until nothing more gives way; how many keys without and with an expiry are there."""
    before = None
    while True:
        server.ask("SET", "session:more", "x", "EX", "100000")
        kept, expiring = (int(part) for part in server.ask("EVAL_RO", COUNT, "0").split())
        if (kept, expiring) == before:
            return kept, expiring
        before = kept, expiring


@pytest.mark.parametrize(
    ("path", "policy", "answer"),
    [("/data", "volatile-lru", "OOM command not allowed"), ("/logs", "allkeys-lru", "OK")],
)
def test_what_lasts_is_there_again(path: str, policy: str, answer: str, tmp_path: Path):
    filled(tmp_path)
    # The ceiling that fits 64Mi holds it all: one of a third shows what gives way.
    argv = (*injected(limit="64Mi", path=path), "--maxmemory", str(4 * 2**20))

    with RealServer(tmp_path) as server:
        server.start([*argv, "--dir", str(tmp_path)])
        kept, expiring = left(server)
        said = server.ask("SET", "one:more", "x")
        chosen = server.config_get("maxmemory-policy")

    assert chosen == policy
    assert (kept == KEPT) == (policy == "volatile-lru")
    assert expiring < EXPIRING
    assert said.startswith(answer)
