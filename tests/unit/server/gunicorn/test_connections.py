"""Who makes room: the longest silent, and one that never asked before any that did."""

from webhook.server.gunicorn.connections import PATIENCE_SECONDS, Connections

_NOW = 1000.0


def test_nobody_goes_when_nobody_is_there() -> None:
    assert Connections[str]().give_up(now=_NOW) is None


def test_the_longest_silent_goes_first() -> None:
    connections = Connections[str]()
    for key in ("first", "second", "third"):
        connections.arrive(key)

    gone = [connections.give_up(now=_NOW) for _ in range(4)]

    assert gone == ["first", "second", "third", None]


def test_one_that_never_asked_goes_before_one_that_did() -> None:
    connections = Connections[str]()
    connections.arrive("regular")
    connections.ask("regular", now=_NOW)
    connections.rest("regular")
    connections.arrive("stranger")

    gone = [connections.give_up(now=_NOW) for _ in range(2)]

    assert gone == ["stranger", "regular"]


def test_one_at_work_stays() -> None:
    connections = Connections[str]()
    connections.arrive("busy")
    connections.ask("busy", now=_NOW)

    assert connections.give_up(now=_NOW) is None


def test_resting_puts_a_connection_last() -> None:
    connections = Connections[str]()
    for key in ("first", "second"):
        connections.arrive(key)
        connections.ask(key, now=_NOW)
        connections.rest(key)
    connections.ask("first", now=_NOW)
    connections.rest("first")

    gone = [connections.give_up(now=_NOW) for _ in range(2)]

    assert gone == ["second", "first"]


def test_one_that_left_is_forgotten() -> None:
    connections = Connections[str]()
    connections.arrive("gone")

    connections.leave("gone")
    connections.leave("never seen")

    assert connections.give_up(now=_NOW) is None


def test_a_request_goes_last_and_only_when_nobody_waits_for_it() -> None:
    connections = Connections[str]()
    connections.ask("older", now=_NOW)
    connections.ask("newer", now=_NOW + 1)
    connections.arrive("silent")

    gone = [connections.give_up(now=_NOW + PATIENCE_SECONDS) for _ in range(3)]

    assert gone == ["silent", "older", None]


def test_a_request_is_kept_for_as_long_as_somebody_waits() -> None:
    connections = Connections[str]()
    connections.ask("waited for", now=_NOW)

    assert connections.give_up(now=_NOW + PATIENCE_SECONDS - 0.001) is None
    assert connections.give_up(now=_NOW + PATIENCE_SECONDS) == "waited for"


def test_the_silent_can_be_told_from_those_at_work() -> None:
    connections = Connections[str]()
    connections.ask("busy", now=_NOW)
    connections.arrive("silent")

    gone = [connections.give_up_silent() for _ in range(2)]

    assert gone == ["silent", None]
