"""An API server that knows nothing but ConfigMaps, over real TLS."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from webhook.server.tls.dev_certificate import write_certificate


@contextmanager
def serving_config_maps(
    account: Path,
    config_maps: Mapping[str, Mapping[str, str]],
    *,
    before: Callable[[str], object],
    missing: int = 404,
) -> Iterator[Mapping[str, str]]:
    """Serve ConfigMaps by name and give the environment of a process that reads them.

    `account` becomes the service account's directory; `before` is called with a name ahead of its
    answer, in a thread of the request; what is not there is answered with `missing`.
    """
    account.mkdir()
    write_certificate(account, now=datetime.now(UTC))
    (account / "token").write_text("token")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            name = self.path.rsplit("/", 1)[1]
            before(name)
            found = config_maps.get(name)
            body = json.dumps({"data": found}).encode()
            self.send_response(200 if found is not None else missing)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(account / "tls.crt", account / "tls.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a reader that gave up
        (account / "tls.crt").rename(account / "ca.crt")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield {
                "SERVICE_ACCOUNT": str(account),
                "KUBERNETES_SERVICE_HOST": "127.0.0.1",
                "KUBERNETES_SERVICE_PORT": str(server.server_address[1]),
            }
        finally:
            server.shutdown()
            thread.join()
