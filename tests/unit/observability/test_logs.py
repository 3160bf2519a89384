"""Every record is one line of printable ASCII JSON, whatever is in it."""

import io
import json
import logging
from collections.abc import Iterator, Mapping

import pytest

from webhook.observability.logs import EventLog, configure_logs


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs("info", stream=stream)

    yield stream

    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def test_an_event_is_one_object(lines: io.StringIO) -> None:
    EventLog("guard").info("decision", limit=1, allowed=True, maxmemory=None, seconds=0.5)

    line = _only(lines)
    assert str(line.pop("time")).endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "guard",
        "event": "decision",
        "limit": 1,
        "allowed": True,
        "maxmemory": None,
        "seconds": 0.5,
    }


@pytest.mark.parametrize(
    "name",
    [
        'x"}\n{"event":"decision","forged":true}',
        "x\r\nx",
        "\x1b[2J\x1b[31mred",
        "\x9b31m",
        "\x7f\x00\x08",
        "\u202egnp.exe",
        "\u2028new\u2029line\x85",
        "\ud800 alone",
        "日本語",
    ],
)
def test_a_value_cannot_forge(lines: io.StringIO, name: str) -> None:
    EventLog("guard").info("decision", name=name)

    text = lines.getvalue()
    assert text.count("\n") == 1
    assert text.isascii()
    assert text.removesuffix("\n").isprintable()
    assert _only(lines)["name"] == name


def test_a_field_cannot_pass_for_the_event(lines: io.StringIO) -> None:
    EventLog("guard").info("decision", level="error", time="never")

    line = _only(lines)
    assert (line["level"], line["event"]) == ("info", "decision")
    assert line["time"] != "never"


@pytest.mark.parametrize(
    ("value", "shown"),
    [("x" * 512, "x" * 512), ("x" * 513, "x" * 512 + "… (513 characters)")],
)
def test_long_values_are_cut(lines: io.StringIO, value: str, shown: str) -> None:
    EventLog("guard").info("decision", name=value)

    assert _only(lines)["name"] == shown


def test_a_traceback_is_one_line(lines: io.StringIO) -> None:
    try:
        1 / 0  # noqa: B018 - raises
    except ZeroDivisionError:
        EventLog("guard").exception("internal error", webhook="mutate")

    line = _only(lines)
    assert (line["level"], line["webhook"]) == ("error", "mutate")
    assert str(line["exception"]).startswith("Traceback (most recent call last):\n")
    assert str(line["exception"]).endswith("ZeroDivisionError: division by zero")


def test_libraries_log_in_the_same_shape(lines: io.StringIO) -> None:
    logging.getLogger("gunicorn.error").error("Worker (pid:%s) was sent %s!", 7, "SIGKILL")

    line = _only(lines)
    assert (line["logger"], line["event"]) == (
        "gunicorn.error",
        "Worker (pid:7) was sent SIGKILL!",
    )


def test_what_is_below_the_level_is_not_said(lines: io.StringIO) -> None:
    EventLog("guard").debug("handshake failed")

    assert lines.getvalue() == ""


def _only(lines: io.StringIO) -> dict[str, object]:
    (text,) = lines.getvalue().split("\n")[:-1]
    line: Mapping[str, object] = json.loads(text)
    return dict(line)
