"""A client that costs little: blocking TLS sockets, kept alive, requests written beforehand."""

import ssl
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NODELAY, create_connection
from typing import Self

_LAST_CHUNK = b"\r\n0\r\n\r\n"


class Connection:
    """One kept-alive connection."""

    def __init__(self, host: str, port: int, *, context: ssl.SSLContext, name: str) -> None:
        """Connect; `name` is who the certificate has to be for."""
        plain = create_connection((host, port), timeout=10)
        plain.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        self._socket = context.wrap_socket(plain, server_hostname=name)

    @classmethod
    def to_local(cls, port: int, certificate: Path) -> Self:
        """Connect to a server of this machine that shows this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(certificate)
        return cls("127.0.0.1", port, context=context, name="localhost")

    def exchange(self, request: bytes) -> tuple[float, bytes]:
        """Send one request, read its whole answer: the seconds that took, and the answer.

        The end of a chunked body is told by its last lines, so no chunk may hold them: JSON and
        metrics have no carriage return.
        """
        began = time.perf_counter()
        self._socket.sendall(request)
        received = self._more()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more()
        _, announced, length = received[:end].lower().partition(b"content-length: ")
        if announced:
            size = end + 4 + int(length.split(b"\r\n")[0])
            while len(received) < size:
                received += self._more()
        else:
            while not received.endswith(_LAST_CHUNK):
                received += self._more()
        return time.perf_counter() - began, received

    def time_one(self, request: bytes) -> float:
        """Give the seconds of one exchange; raises RuntimeError unless it is answered with 200."""
        seconds, answer = self.exchange(request)
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(answer[:200])
        return seconds

    def close(self) -> None:
        self._socket.close()

    def _more(self) -> bytes:
        received = self._socket.recv(65536)
        if not received:
            raise RuntimeError("the server closed the connection")
        return received


def write_request(body: bytes) -> bytes:
    """Write a review's request down as kube-apiserver does."""
    head = (
        "POST /mutate?timeout=3s HTTP/1.1\r\nHost: guard.svc:443\r\n"
        f"User-Agent: kube-apiserver-admission\r\nContent-Length: {len(body)}\r\n"
        "Accept: application/json, */*\r\nContent-Type: application/json\r\n"
        "Accept-Encoding: gzip\r\n\r\n"
    )
    return head.encode() + body


def body_of(answer: bytes) -> bytes:
    """Give the body of an answer, its chunks put together."""
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" not in head.lower():
        return body
    chunks = []
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        chunks.append(rest[:length])
        body = rest[length + 2 :]
    return b"".join(chunks)


def requests_per_second(connections: Sequence[Connection], request: bytes, *, count: int) -> float:
    """Send `count` requests over all connections at once."""
    each = count // len(connections)

    def repeat(connection: Connection) -> None:
        for _ in range(each):
            connection.time_one(request)

    with ThreadPoolExecutor(len(connections)) as pool:
        began = time.perf_counter()
        list(pool.map(repeat, connections))
        return each * len(connections) / (time.perf_counter() - began)
