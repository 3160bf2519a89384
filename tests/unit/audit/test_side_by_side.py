import threading

import pytest

from webhook.audit.side_by_side import side_by_side


def test_the_order_is_that_of_the_items():
    later = threading.Event()

    def wait(number: int) -> int:
        if number == 0:
            later.wait(10)
        else:
            later.set()
        return number

    assert list(side_by_side(wait, range(4), at_once=2)) == [0, 1, 2, 3]


def test_an_interruption_waits_only_for_what_has_begun():
    begun: list[int] = []
    goes_on = threading.Event()

    def note(number: int) -> None:
        begun.append(number)
        if number:
            goes_on.wait(10)

    results = side_by_side(note, range(100), at_once=2)
    next(results)
    threading.Timer(0.05, goes_on.set).start()
    with pytest.raises(KeyboardInterrupt):
        results.throw(KeyboardInterrupt())  # type: ignore[attr-defined]

    assert len(begun) < 100
