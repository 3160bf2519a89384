"""Read single ConfigMaps by name, with the Pod's own service account.

A client of its own on urllib3: the `kubernetes` package would add 93 MB and 0.6 s to a serving
process, for one GET. Source: Kubernetes, Accessing the API from a Pod.
"""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

import orjson
from urllib3 import HTTPSConnectionPool, Timeout
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as LateError

from webhook.observability.labels import ReadOutcome

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where the kubelet mounts the token, which it renews, and the CA of the API server."""

_CONNECTIONS = 8
_LARGEST = 2 * 1024 * 1024
_REFUSALS: Mapping[int, ReadOutcome] = {
    HTTPStatus.UNAUTHORIZED: ReadOutcome.FORBIDDEN,
    HTTPStatus.FORBIDDEN: ReadOutcome.FORBIDDEN,
    HTTPStatus.NOT_FOUND: ReadOutcome.NOT_FOUND,
}


class ConfigMapClient:
    """Reads ConfigMaps of any namespace from the API server of its own cluster."""

    def __init__(
        self, *, host: str, port: int, seconds: float, service_account: Path = SERVICE_ACCOUNT
    ) -> None:
        self._token = service_account / "token"
        self._pool = HTTPSConnectionPool(
            host,
            port,
            maxsize=_CONNECTIONS,
            block=True,  # reads beyond these wait for one of them: no review floods the API server
            timeout=Timeout(total=seconds),
            retries=False,
            ca_certs=str(service_account / "ca.crt"),
        )

    def read(self, namespace: str, name: str) -> Mapping[str, str] | ReadOutcome:
        """Read a ConfigMap's texts, or say why they cannot be read.

        A silent API server is waited for as many seconds as the client was given; the caller bounds
        the whole, as one that trickles or a turn at a connection may take longer.

        Names come from a Pod that the API server has accepted, and are refused when they could
        leave their place in the path.
        """
        if not (_is_name(namespace) and _is_name(name)):
            return ReadOutcome.NOT_FOUND
        try:
            response = self._pool.request(
                "GET",
                f"/api/v1/namespaces/{namespace}/configmaps/{name}",
                headers={"Authorization": f"Bearer {self._token.read_text().strip()}"},
                preload_content=False,
            )
            with response:
                body = response.read(_LARGEST + 1)
        except NewConnectionError:  # urllib3 counts it among its timeouts
            return ReadOutcome.FAILED
        except LateError:
            return ReadOutcome.TIMED_OUT
        except (HTTPError, OSError):
            return ReadOutcome.FAILED
        if response.status != HTTPStatus.OK:
            return _REFUSALS.get(response.status, ReadOutcome.FAILED)
        return _texts(body) if len(body) <= _LARGEST else ReadOutcome.TOO_LARGE


def _is_name(text: str) -> bool:
    return text.isascii() and text.replace("-", "").replace(".", "").isalnum()


def _texts(body: bytes) -> Mapping[str, str] | ReadOutcome:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ReadOutcome.FAILED
    data = content.get("data") if isinstance(content, dict) else None
    if not isinstance(data, dict):
        return {}
    return {key: text for key, text in data.items() if isinstance(text, str)}
