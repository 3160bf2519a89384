"""A mutating webhook of somebody else's: it patches each Pod with what the Pod's annotation says.

`python -m tests.harness.guard.meddler DIRECTORY`: serves with a certificate for localhost that it
writes to DIRECTORY first; the annotation holds a JSON Patch. It says yes to everything else.
"""

import base64
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.harness.cache import REPOSITORY
from tests.harness.cluster import Cluster
from tests.harness.json_answer import answer
from tests.harness.waiting import eventually
from webhook.server.tls.dev_certificate import write_certificate

ANNOTATION = "meddler.example.com/patch"
PORT = 9444


def configuration(certificate: bytes, namespace: str) -> dict[str, Any]:
    """The webhook's registration, by a name that sorts after ours: it is called later."""
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": "zzz-meddler"},
        "webhooks": [
            {
                "name": "meddler.example.com",
                "clientConfig": {
                    "url": f"https://localhost:{PORT}/",
                    "caBundle": base64.b64encode(certificate).decode(),
                },
                "rules": [
                    {
                        "apiGroups": [""],
                        "apiVersions": ["v1"],
                        "resources": ["pods"],
                        "operations": ["CREATE"],
                    }
                ],
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "failurePolicy": "Fail",
                "sideEffects": "None",
                "admissionReviewVersions": ["v1"],
            }
        ],
    }


@contextmanager
def meddling(cluster: Cluster, directory: Path) -> Iterator[bytes]:
    """Run it in the cluster's network; yields its certificate."""
    environment = ("env", f"PYTHONPATH={REPOSITORY}")
    command = (sys.executable, "-m", "tests.cluster.guard.meddler", str(directory))
    process = subprocess.Popen((*cluster.enter, *environment, *command))
    try:
        eventually((directory / "tls.key").exists, what="the meddler's certificate")
        yield (directory / "tls.crt").read_bytes()
    finally:
        process.terminate()
        process.wait()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        request = review["request"]
        response = {"uid": request["uid"], "allowed": True}
        patch = request["object"]["metadata"].get("annotations", {}).get(ANNOTATION)
        if patch is not None:
            encoded = base64.b64encode(patch.encode()).decode()
            response |= {"patchType": "JSONPatch", "patch": encoded}
        answer(self, {**review, "request": None, "response": response})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as overridden
        pass


def main() -> None:
    directory = Path(sys.argv[1])
    server = ThreadingHTTPServer(("", PORT), _Handler)
    write_certificate(directory, now=datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "tls.crt", directory / "tls.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
