"""The API server of a kubeconfig: who to connect to, and what every request carries."""

import json
import ssl
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from kubernetes import client, config

from benchmarks.keepalive_client import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where it is, and the TLS context with the client's certificate, if it has one."""

    host: str
    port: int
    context: ssl.SSLContext
    authorization: str | None

    @classmethod
    def of_kubeconfig(cls) -> Self:
        """Read the kubeconfig that KUBECONFIG names."""
        settings = client.Configuration()
        config.load_kube_config(client_configuration=settings)
        address = urlsplit(settings.host)
        context = ssl.create_default_context(cafile=settings.ssl_ca_cert)
        if settings.cert_file:
            context.load_cert_chain(settings.cert_file, settings.key_file)
        return cls(
            host=address.hostname or "localhost",
            port=address.port or 443,
            context=context,
            authorization=settings.get_api_key_with_prefix("authorization"),
        )

    def connect(self) -> Connection:
        return Connection(self.host, self.port, context=self.context, name=self.host)

    def request(self, verb: str, path: str, document: object = None) -> bytes:
        """Write a request down; with a document, it is sent as JSON."""
        body = b"" if document is None else json.dumps(document).encode()
        fields = {
            "Host": f"{self.host}:{self.port}",
            "Accept": "application/json" if body else "*/*",
            "Content-Length": str(len(body)),
        }
        if body:
            fields["Content-Type"] = "application/json"
        if self.authorization:
            fields["Authorization"] = self.authorization
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"{verb} {path} HTTP/1.1\r\n{head}\r\n".encode() + body
