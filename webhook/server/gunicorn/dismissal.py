"""Sends those who wait on kept-alive connections elsewhere, when this replica stops.

Such a connection leads here for as long as it lives, whatever the Service's endpoints say, and
would be answered by the policy of before. Closing it loses the review that is just on its way:
kube-apiserver repeats no POST whose connection is gone. So it is answered before it asks. A client
that is idle drops the connection; one whose request crosses the answer takes it for its own, and
repeats the request on another connection.

Source: Go, net/http, transport.go, persistConn.readLoop; client-go, rest/with_retry.go, checkWait.
"""

from http import HTTPStatus

import gevent
from gevent import Greenlet

from webhook.server.gunicorn.refusal import Refusal

ELSEWHERE = Refusal(
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    expected="another replica: this one is stopping",
    fields="Retry-After: 0\r\n",
)
"""Has kube-apiserver repeat the request at once; a number of seconds it would wait for."""


class DismissedError(Exception):
    """Raised in a greenlet that waits for a request."""


class Waiting:
    """The greenlets that wait for the first byte of a request."""

    def __init__(self) -> None:
        self._greenlets: set[Greenlet] = set()

    def begin(self, greenlet: Greenlet) -> None:
        """Note that it waits."""
        self._greenlets.add(greenlet)

    def end(self, greenlet: Greenlet) -> None:
        """Note that it no longer does."""
        self._greenlets.discard(greenlet)

    def dismiss(self) -> None:
        """Have DismissedError raised in each, unless its request comes first."""
        for greenlet in self._greenlets:
            gevent.get_hub().loop.run_callback(self._throw, greenlet)

    def _throw(self, greenlet: Greenlet) -> None:
        """Run in the hub: between the look and the exception nothing else does."""
        if greenlet in self._greenlets:
            greenlet.throw(DismissedError)
