"""Who may hold how much of the memory for bodies, and who makes room."""

import pytest

from webhook.server.http.held_bodies import (
    LARGEST_BODY,
    SHARED_BYTES,
    STALL_SECONDS,
    HeldBodies,
)

_NOW = 1000.0


def bodies_of(*keys: str) -> HeldBodies[str]:
    bodies = HeldBodies[str]()
    for key in keys:
        bodies.begin(key)
    return bodies


@pytest.mark.parametrize(("size", "fits"), [(SHARED_BYTES, True), (SHARED_BYTES + 1, False)])
def test_all_share_one_allowance(size: int, *, fits: bool) -> None:
    bodies = bodies_of("oldest", "newer")

    assert bodies.take("newer", size, now=_NOW) == fits
    assert bodies.held == (size if fits else 0)


@pytest.mark.parametrize(("size", "fits"), [(LARGEST_BODY, True), (LARGEST_BODY + 1, False)])
def test_the_oldest_has_a_reserve(size: int, *, fits: bool) -> None:
    bodies = bodies_of("oldest", "newer")
    bodies.take("newer", SHARED_BYTES, now=_NOW)

    assert bodies.take("oldest", size, now=_NOW) == fits


def test_a_complete_one_stays_held_and_hands_the_reserve_on() -> None:
    bodies = bodies_of("oldest", "newer")
    bodies.take("oldest", SHARED_BYTES, now=_NOW)

    bodies.complete("oldest")

    assert bodies.held == SHARED_BYTES
    assert bodies.take("newer", LARGEST_BODY, now=_NOW)
    assert not bodies.take("newer", 1, now=_NOW)


def test_one_that_left_gives_its_bytes_back() -> None:
    bodies = bodies_of("gone", "newer")
    bodies.take("gone", SHARED_BYTES, now=_NOW)

    bodies.leave("gone")
    bodies.leave("never seen")

    assert bodies.held == 0
    assert bodies.take("newer", SHARED_BYTES, now=_NOW)


def test_announcing_holds_nothing() -> None:
    bodies = bodies_of(*map(str, range(1000)), "newest")

    assert bodies.take("newest", SHARED_BYTES, now=_NOW)


def test_the_longest_stalled_makes_room_once() -> None:
    bodies = bodies_of("older", "newer")
    bodies.take("older", 1, now=_NOW)
    bodies.take("newer", 1, now=_NOW + 1)

    gone = [bodies.give_up(now=_NOW + 1 + STALL_SECONDS) for _ in range(3)]

    assert gone == ["older", "newer", None]


def test_a_peer_is_given_its_time_for_each_step() -> None:
    bodies = bodies_of("steady")
    bodies.take("steady", 1, now=_NOW)
    bodies.take("steady", 1, now=_NOW + 5)

    assert bodies.give_up(now=_NOW + 5 + STALL_SECONDS - 0.001) is None
    assert bodies.give_up(now=_NOW + 5 + STALL_SECONDS) == "steady"


def test_one_that_waits_for_room_or_is_complete_does_not_stall() -> None:
    bodies = bodies_of("complete", "waiting")
    bodies.take("complete", SHARED_BYTES, now=_NOW)
    bodies.complete("complete")
    bodies.take("waiting", 1, now=_NOW)
    bodies.take("waiting", LARGEST_BODY, now=_NOW)

    assert bodies.give_up(now=_NOW + 100) is None
