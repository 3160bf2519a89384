"""A client that costs little: blocking TLS sockets, kept alive, requests written beforehand."""

import ssl
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NODELAY, create_connection


class Connection:
    """One kept-alive connection to `/mutate`."""

    def __init__(self, port: int, certificate: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(certificate)
        plain = create_connection(("127.0.0.1", port), timeout=10)
        plain.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        self._socket = context.wrap_socket(plain, server_hostname="localhost")

    def time_one(self, request: bytes) -> float:
        """Send one request, read its whole answer; the seconds that took."""
        began = time.perf_counter()
        self._socket.sendall(request)
        received = self._socket.recv(65536)
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more()
        if not received.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(received[:200])
        length = int(received[:end].lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        missing = end + 4 + length - len(received)
        while missing > 0:
            missing -= len(self._more())
        return time.perf_counter() - began

    def close(self) -> None:
        self._socket.close()

    def _more(self) -> bytes:
        received = self._socket.recv(65536)
        if not received:
            raise RuntimeError("the server closed the connection")
        return received


def write_request(body: bytes) -> bytes:
    """Write a request down as kube-apiserver does."""
    head = (
        "POST /mutate?timeout=3s HTTP/1.1\r\nHost: guard.svc:443\r\n"
        f"User-Agent: kube-apiserver-admission\r\nContent-Length: {len(body)}\r\n"
        "Accept: application/json, */*\r\nContent-Type: application/json\r\n"
        "Accept-Encoding: gzip\r\n\r\n"
    )
    return head.encode() + body


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
