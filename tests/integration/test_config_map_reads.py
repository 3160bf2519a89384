"""The reads of a review are bounded, side by side, and delay no other review."""

import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from tests.integration.config_map_server import serving_config_maps
from tests.integration.running import PATIENCE_SECONDS, Server, review
from webhook.observability.metrics import WebhookMetrics
from webhook.server.config_maps import reads_for

OPEN_ENDED = str(PATIENCE_SECONDS)
SMALL = {"redis.conf": 'maxmemory 100mb\nmaxmemory-policy noeviction\nsave ""\n'}

Starter = Callable[..., Server]
Serve = Callable[..., AbstractContextManager[Mapping[str, str]]]


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    return partial(serving_config_maps, tmp_path / "account")


@pytest.fixture
def reading(start_server: Starter, monkeypatch: pytest.MonkeyPatch) -> Starter:
    """Start a server in the environment of a cluster; its reads may take as long as told."""

    def begin(environment: Mapping[str, str], *, seconds: str = OPEN_ENDED) -> Server:
        for name, value in {**environment, "READ_SECONDS": seconds}.items():
            monkeypatch.setenv(name, value)
        return start_server().wait_ready()

    return begin


def test_others_are_answered_while_a_read_hangs(serve: Serve, reading: Starter) -> None:
    let_go = threading.Event()
    with (
        serve({"config-0": SMALL}, before=lambda _: let_go.wait(PATIENCE_SECONDS)) as environment,
        ThreadPoolExecutor() as pool,
    ):
        server = reading(environment)
        hanging = [pool.submit(_ask, server, _with_config_files(1)) for _ in range(6)]

        quick = server.post()

        assert quick.status_code == 200
        assert not any(future.done() for future in hanging)
        let_go.set()
        assert [_injects(future.result()) for future in hanging] == [False] * 6


def test_a_review_that_nobody_waits_for_any_more_reads_nothing_and_takes_no_turn(
    serve: Serve,
) -> None:
    with serve({"config-0": SMALL}, before=lambda _: None) as environment:
        opened = reads_for(
            environment,
            service_account=Path(environment["SERVICE_ACCOUNT"]),
            most_seconds=PATIENCE_SECONDS,
            metrics=WebhookMetrics(),
        )
        for _ in range(5):
            with opened(PATIENCE_SECONDS) as late:
                pass
            assert late("shop", ["config-0"]) == {}

        with opened(PATIENCE_SECONDS) as read:
            assert read("shop", ["config-0"]) == {"config-0": SMALL}


def test_the_reads_of_a_review_go_side_by_side(serve: Serve, reading: Starter) -> None:
    all_asked = threading.Barrier(5)
    config_maps = {f"config-{n}": SMALL for n in range(5)}
    with serve(config_maps, before=lambda _: all_asked.wait(PATIENCE_SECONDS)) as environment:
        answer = _ask(reading(environment), _with_config_files(5))

    assert not _injects(answer)


@pytest.mark.parametrize(
    ("query", "seconds"), [("?timeout=20ms", OPEN_ENDED), ("?timeout=1h", "0.01")]
)
def test_reads_end_in_the_time_of_the_request_and_in_their_own(
    serve: Serve, reading: Starter, query: str, seconds: str
) -> None:
    let_go = threading.Event()
    with serve({}, before=lambda _: let_go.wait(PATIENCE_SECONDS)) as environment:
        server = reading(environment, seconds=seconds)

        answer = _ask(server, _with_config_files(1), query=query)

        let_go.set()
    assert _injects(answer)


def test_what_became_of_each_read_is_counted(serve: Serve, reading: Starter) -> None:
    let_go = threading.Event()
    hang = {"config-2": let_go.wait}
    config_maps = {"config-0": SMALL, "config-2": SMALL, "config-3": {"a": "x" * 2 * 2**20}}
    with serve(
        config_maps, before=lambda name: hang.get(name, lambda _: True)(PATIENCE_SECONDS)
    ) as environment:
        server = reading(environment, seconds="5")

        _ask(server, _with_config_files(4))

        let_go.set()
    counted = {
        outcome: server.metric(f'redis_memory_guard_config_map_reads_total{{outcome="{outcome}"}}')
        for outcome in ("read", "not-found", "forbidden", "too-large", "timed-out", "failed")
    }
    assert counted == {
        "read": 1,
        "not-found": 1,
        "forbidden": 0,
        "too-large": 1,
        "timed-out": 1,
        "failed": 0,
    }
    assert server.metric("redis_memory_guard_config_map_read_duration_seconds_count") == 1


def test_a_read_that_the_api_server_refuses_is_counted_as_forbidden(
    serve: Serve, reading: Starter
) -> None:
    with serve({}, before=lambda _: None, missing=403) as environment:
        server = reading(environment)

        _ask(server, _with_config_files(1))

    assert server.metric('redis_memory_guard_config_map_reads_total{outcome="forbidden"}') == 1


def test_a_read_that_reaches_nobody_is_counted_as_failed(serve: Serve, reading: Starter) -> None:
    with serve({}, before=lambda _: None) as environment:
        pass
    server = reading(environment)

    _ask(server, _with_config_files(2))

    assert server.metric('redis_memory_guard_config_map_reads_total{outcome="failed"}') == 2


@pytest.mark.parametrize(
    ("more", "hidden"), [(0, False), (1, True)], ids=["4 MiB", "one byte more"]
)
def test_a_review_keeps_four_mebibytes_of_config_maps(
    serve: Serve, reading: Starter, more: int, *, hidden: bool
) -> None:
    padding = "x" * (2**20 - len(SMALL["redis.conf"]))
    config_maps = {f"config-{n}": {**SMALL, "other": padding} for n in range(4)}
    config_maps["config-3"] = {**SMALL, "other": padding + "x" * more}
    with serve(config_maps, before=lambda _: None) as environment:
        answer = _ask(reading(environment), _with_config_files(4))

    assert _injects(answer) == hidden


def _ask(server: Server, body: bytes, *, query: str = "?timeout=1h") -> Mapping[str, object]:
    answer = server.post(f"/mutate{query}", content=body)
    assert answer.status_code == 200
    response: Mapping[str, object] = answer.json()["response"]
    return response


def _injects(response: Mapping[str, object]) -> bool:
    """Tell whether a server of the Pod got a ceiling: each ConfigMap that is read gives one."""
    return "patch" in response


def _with_config_files(count: int) -> bytes:
    """Review a Pod of so many servers, each of which reads its configuration from a ConfigMap."""
    content = json.loads(review())
    spec = content["request"]["object"]["spec"]
    (container,) = spec["containers"]
    names = [f"config-{n}" for n in range(count)]
    spec["volumes"] = [{"name": name, "configMap": {"name": name}} for name in names]
    spec["containers"] = [
        {
            **container,
            "name": name,
            "args": ["/config/redis.conf"],
            "volumeMounts": [{"name": name, "mountPath": "/config"}],
        }
        for name in names
    ]
    return json.dumps(content).encode()
