"""Who makes room: the longest silent, and one that never asked before any that did."""

from webhook.server.connections import Connections


def test_nobody_goes_when_nobody_is_there() -> None:
    assert Connections[str]().give_up() is None


def test_the_longest_silent_goes_first() -> None:
    connections = Connections[str]()
    for key in ("first", "second", "third"):
        connections.arrive(key)

    gone = [connections.give_up() for _ in range(4)]

    assert gone == ["first", "second", "third", None]


def test_one_that_never_asked_goes_before_one_that_did() -> None:
    connections = Connections[str]()
    connections.arrive("regular")
    connections.ask("regular")
    connections.rest("regular")
    connections.arrive("stranger")

    gone = [connections.give_up() for _ in range(2)]

    assert gone == ["stranger", "regular"]


def test_one_at_work_stays() -> None:
    connections = Connections[str]()
    connections.arrive("busy")
    connections.ask("busy")

    assert connections.give_up() is None


def test_resting_puts_a_connection_last() -> None:
    connections = Connections[str]()
    for key in ("first", "second"):
        connections.arrive(key)
        connections.ask(key)
        connections.rest(key)
    connections.ask("first")
    connections.rest("first")

    gone = [connections.give_up() for _ in range(2)]

    assert gone == ["second", "first"]


def test_one_that_left_is_forgotten() -> None:
    connections = Connections[str]()
    connections.arrive("gone")

    connections.leave("gone")
    connections.leave("never seen")

    assert connections.give_up() is None
