"""What the little HTTP servers of the tests answer with."""

import json
from http.server import BaseHTTPRequestHandler


def answer(handler: BaseHTTPRequestHandler, document: object, *, status: int = 200) -> None:
    """Answer the request that a handler is at with a JSON document."""
    body = json.dumps(document).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
