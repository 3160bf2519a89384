"""Sending away who waits for a request, and nobody else."""

import gevent
from gevent.event import Event

from webhook.server.gunicorn.dismissal import DismissedError, Waiting


def test_who_waits_is_dismissed() -> None:
    waiting = Waiting()
    told = gevent.spawn(_wait, waiting, asked=Event())
    gevent.idle()

    waiting.dismiss()

    assert told.get() == "dismissed"


def test_a_request_that_comes_first_is_answered() -> None:
    waiting, asked = Waiting(), Event()
    told = gevent.spawn(_wait, waiting, asked=asked)
    gevent.idle()

    asked.set()
    waiting.dismiss()

    assert told.get() == "asked"


def test_who_does_not_wait_any_more_is_left_alone() -> None:
    waiting = Waiting()
    greenlet = gevent.spawn(gevent.sleep, 0)
    waiting.begin(greenlet)
    waiting.end(greenlet)

    waiting.dismiss()

    assert greenlet.get() is None


def _wait(waiting: Waiting, *, asked: Event) -> str:
    me = gevent.getcurrent()
    waiting.begin(me)
    try:
        asked.wait()
    except DismissedError:
        return "dismissed"
    finally:
        waiting.end(me)
    gevent.idle()
    return "asked"
