"""A client that behaves like kube-apiserver's: kept-alive connections, no second try of a POST
but where the answer asks for one."""

import ssl
import threading
from collections import Counter
from collections.abc import Callable
from http.client import HTTPException, HTTPSConnection

from tests.integration.running import PATIENCE_SECONDS, review

_HEADERS = {"Content-Type": "application/json"}


class SteadyClient:
    """Sends reviews from several threads until told to stop; counts what became of them.

    `answered` are the threads that have had an answer.

    Dials anew when it was told `Connection: close`, unless `dial` says that the server is no
    longer to be found: then the thread ends.
    """

    def __init__(
        self,
        port: int,
        *,
        threads: int,
        trust: Callable[[], ssl.SSLContext],
        dial: Callable[[], bool] = lambda: True,
    ) -> None:
        self.outcomes: Counter[str] = Counter()
        self.answered: set[int] = set()
        self._port = port
        self._trust = trust
        self._dial = dial
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(threads)]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> Counter[str]:
        """End and give the count of outcomes."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=PATIENCE_SECONDS)
        return self.outcomes

    def _run(self) -> None:
        while not self._stop.is_set() and self._dial():
            connection = HTTPSConnection(
                "localhost", self._port, context=self._trust(), timeout=PATIENCE_SECONDS
            )
            try:
                self._use(connection)
            except (OSError, HTTPException) as error:
                self.outcomes[f"lost: {error!r}"] += 1
            finally:
                connection.close()

    def _use(self, connection: HTTPSConnection) -> None:
        while not self._stop.wait(0.005):
            connection.request("POST", "/mutate?timeout=3s", review(), _HEADERS)
            answer = connection.getresponse()
            answer.read()
            is_repeated = answer.status == 503 and answer.getheader("Retry-After") == "0"
            self.outcomes["to be repeated" if is_repeated else str(answer.status)] += 1
            self.answered.add(threading.get_ident())
            if answer.getheader("Connection") == "close":
                self.outcomes["told to close"] += 1
                return
