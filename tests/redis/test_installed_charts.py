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
from tests.redis.test_injected_launches import root as _root
from webhook.admission.handling import Evaluator
from webhook.admission.patch import pod_patch
from webhook.domain.evaluation.outcome import Outcome, Verdict
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.policy.settings import MEBIBYTE, Policy

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
    (outcome,) = evaluation.outcomes
    return outcome, jsonpatch.apply_patch(copy.deepcopy(pod), pod_patch(evaluation))


@pytest.fixture(scope="module")
def rows() -> Iterator[dict[str, str]]:
    """The rows of the table, made as the servers are started; the page is held against them."""
    made: dict[str, str] = {}
    yield made
    if len(made) < len(SERVERS):
        return
    table = "\n".join([*_HEAD, *(made[server.name] for server in SERVERS), ""])
    before, rest = PAGE.read_text().split(BEGIN)
    written, after = rest.split(END)
    if os.environ.get("UPDATE_CHARTS"):
        PAGE.write_text(f"{before}{BEGIN}{table}{END}{after}")
        return
    assert table == written


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_an_installed_server_answers_with_the_ceiling_that_was_said(
    server: InstalledServer, root: Path, rows: dict[str, str]
) -> None:
    outcome, admitted = evaluated(server, "512Mi")

    answer = None if server.out_of_reach else _answer(server, admitted, root)

    rows[server.name] = _row(server, outcome, answer)
    assert outcome.server
    if answer is None:
        assert (outcome.verdict, outcome.after) == (Verdict.UNENFORCEABLE, None)
        return
    assert outcome.verdict in (Verdict.INJECT, Verdict.ADJUST, Verdict.RESPECT)
    assert outcome.sizing is not None
    assert answer.maxmemory == outcome.sizing.maxmemory
    assert 0 < answer.maxmemory < LIMIT
    assert outcome.eviction_policy in (answer.policy, None)


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_without_a_memory_limit_it_is_refused_and_no_other_is(server: InstalledServer) -> None:
    outcome, _ = evaluated(server, None)

    is_unseen = outcome.verdict is Verdict.UNENFORCEABLE and server.out_of_reach
    assert outcome.denied or is_unseen


def test_of_the_servers_with_a_limit_at_least_95_percent_get_a_ceiling() -> None:
    reached = [server for server in SERVERS if not server.out_of_reach]

    assert len({server.name for server in SERVERS}) == len(SERVERS)
    assert len(reached) / len(SERVERS) >= 0.95


_HEAD = (
    "| chart, operator or manifest | topology | verdict | what the server answers | source |",
    "|---|---|---|---|---|",
)


def _answer(server: InstalledServer, pod: dict[str, object], root: Path) -> Answer:
    with StartedContainer(
        root,
        pod,
        config_maps=server.config_maps,
        secrets=server.secrets,
        password=server.password,
        made=server.made,
    ) as container:
        return Answer(
            maxmemory=int(container.config_get("maxmemory")),
            policy=container.config_get("maxmemory-policy"),
        )


def _row(server: InstalledServer, outcome: Outcome, answer: Answer | None) -> str:
    said = "out of reach: it starts without a ceiling"
    if answer is not None:
        said = f"`maxmemory {answer.maxmemory}` ({answer.maxmemory // MEBIBYTE}Mi), "
        said += f"`{answer.policy}`"
    cells = (server.chart, server.topology, str(outcome.verdict), said, server.source)
    return f"| {' | '.join(cells)} |"
