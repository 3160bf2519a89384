"""What charts install: evaluated, changed, started, and asked what its ceiling really is.

The table of docs/charts.md is what the servers answered; `UPDATE_CHARTS=1 pytest
tests/redis/test_installed_charts.py` writes it anew.
"""

import copy
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jsonpatch
import pytest

from tests.harness.builders import reading
from tests.redis.installed_charts import SERVERS, InstalledServer
from tests.redis.started_container import StartedContainer
from tests.redis.test_injected_launches import located
from tests.redis.test_injected_launches import root as _root
from webhook.admission.handling import Evaluator
from webhook.admission.patch import pod_patch
from webhook.domain.evaluation.outcome import Outcome, Verdict
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.policy.profile import MEBIBYTE
from webhook.domain.policy.settings import Policy

pytestmark = pytest.mark.redis

root = _root
PAGE = Path(__file__).parents[2] / "docs" / "charts.md"
LIMIT = 512 * MEBIBYTE
BEGIN, END = "<!-- table -->\n", "<!-- end -->\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a started server said of itself."""

    maxmemory: int
    policy: str


def evaluated(server: InstalledServer, limit: str | None) -> tuple[Outcome, dict[str, object]]:
    """Evaluate a server's Pod, and give the Pod as it would be admitted."""
    pod = server.pod(limit)
    evaluator = Evaluator(policy=Policy(), read_config_maps=reading(server.config_maps))
    evaluation = evaluator.evaluate(parse_pod(pod))
    (outcome,) = (each for each in evaluation.outcomes if each.container.name == "redis")
    return outcome, jsonpatch.apply_patch(copy.deepcopy(pod), pod_patch(evaluation))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was said of a server, and what it answered as installed and as admitted."""

    outcome: Outcome
    own: Answer
    answer: Answer


@pytest.fixture(scope="module")
def rows() -> Iterator[dict[str, Row]]:
    """The servers that were started: once all were, the page is held against them."""
    made: dict[str, Row] = {}
    yield made
    if len(made) < len(SERVERS):
        return
    ceilings = [row for row in made.values() if 0 < row.answer.maxmemory < LIMIT]
    assert len(ceilings) / len(SERVERS) >= 0.95
    lines = (_line(server, made[server.name]) for server in SERVERS)
    table = "\n".join([*_HEAD, *lines, ""])
    before, rest = PAGE.read_text().split(BEGIN)
    written, after = rest.split(END)
    if os.environ.get("UPDATE_CHARTS"):
        PAGE.write_text(f"{before}{BEGIN}{table}{END}{after}")
        return
    assert table == written


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_an_installed_server_is_seen_not_raised_and_answers_what_was_said(
    server: InstalledServer, root: Path, rows: dict[str, Row]
) -> None:
    outcome, admitted = evaluated(server, "512Mi")

    own = _answer(server, server.pod("512Mi"), root / "installed")
    answer = _answer(server, admitted, root / "admitted")

    rows[server.name] = Row(outcome=outcome, own=own, answer=answer)
    assert outcome.server, "missed: it answered"
    assert answer.maxmemory <= (own.maxmemory or LIMIT), "raised"
    assert (outcome.verdict is Verdict.UNENFORCEABLE) == server.out_of_reach
    if server.out_of_reach:
        assert (outcome.after, answer) == (None, own)
        return
    assert outcome.verdict in (Verdict.INJECT, Verdict.ADJUST, Verdict.RESPECT)
    assert outcome.sizing is not None
    assert answer.maxmemory == outcome.sizing.maxmemory, "claimed in vain"
    assert 0 < answer.maxmemory < LIMIT
    assert outcome.eviction_policy in (answer.policy, None)


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_without_a_memory_limit_it_is_refused_and_no_other_is(server: InstalledServer) -> None:
    outcome, _ = evaluated(server, None)

    is_unseen = outcome.verdict is Verdict.UNENFORCEABLE and server.out_of_reach
    assert outcome.denied or is_unseen


def test_every_server_stands_once() -> None:
    assert len({server.name for server in SERVERS}) == len(SERVERS)


_HEAD = (
    "| chart, operator or manifest | topology | as installed | verdict | what the server answers "
    "| source |",
    "|---|---|---|---|---|---|",
)


def _answer(server: InstalledServer, pod: dict[str, object], root: Path) -> Answer:
    root.mkdir()
    with StartedContainer(
        root,
        pod,
        server=located(server.server),
        config_maps=server.config_maps,
        secrets=server.secrets,
        password=server.password,
        made=server.made,
    ) as container:
        return Answer(
            maxmemory=int(container.config_get("maxmemory")),
            policy=container.config_get("maxmemory-policy"),
        )


def _line(server: InstalledServer, row: Row) -> str:
    said = f"`maxmemory {row.answer.maxmemory}` ({_amount(row.answer)}), `{row.answer.policy}`"
    if server.out_of_reach:
        said = f"out of reach: {_amount(row.answer)}"
    verdict = str(row.outcome.verdict)
    cells = (server.chart, server.topology, _amount(row.own), verdict, said, server.source)
    return f"| {' | '.join(cells)} |"


def _amount(answer: Answer) -> str:
    return f"{answer.maxmemory // MEBIBYTE}Mi" if answer.maxmemory else "no ceiling"
