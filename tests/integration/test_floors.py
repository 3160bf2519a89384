"""The floors of a mounted file, taken over while serving; without them every Pod is answered."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.golden.reviews import decode_answer, encode_creation
from tests.harness.builders import MEBI, a_claim, a_container, a_mount, a_pod, owned
from tests.integration.running import Server
from webhook.domain.policy.floors import ServerName
from webhook.floors.record import Held
from webhook.floors.text import encode_record

ORDERS = ServerName(namespace="shop", kind="StatefulSet", name="cart", container="redis")


def ceiling(server: Server) -> int:
    """The maxmemory that a durable Pod of the workload gets."""
    container = a_container(args=["--appendonly", "yes"], volumeMounts=[a_mount("/data")])
    pod = owned(a_pod(container, volumes=[a_claim()]))
    answer = decode_answer(server.post(content=encode_creation(pod, namespace="shop")).content)
    return int(answer.audit_annotations["maxmemory"].removeprefix("redis="))


def write(path: Path, text: str) -> None:
    new = path.with_name("new")
    new.write_text(text)
    new.replace(path)


def test_they_are_taken_over_while_serving(
    start_server: Callable[..., Server], tmp_path: Path
) -> None:
    path = tmp_path / "floors.json"
    server = start_server("--floors", str(path)).wait_ready()
    assert ceiling(server) == 200 * MEBI

    now = datetime.now(UTC)
    write(path, encode_record({ORDERS: Held(seen=now, days={now.date(): 300 * MEBI})}))
    server.wait_until(lambda: ceiling(server) == 330 * MEBI, what="the floor")
    write(path, "broken")
    server.wait_until(lambda: ceiling(server) == 200 * MEBI, what="no floor")

    assert [each["servers"] for each in server.events("floors loaded")] == [1]
    assert len(server.events("floors not usable")) == 1
    assert server.get("/readyz").status_code == 200
