"""A connection to the cluster of a kubeconfig, and its failures in words."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from kubernetes.config.config_exception import ConfigException
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError
from yaml import YAMLError

REQUEST_SECONDS = 30
"""How long one request may take."""

_PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds before each further attempt, where the API server asks for patience."""

_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_IN_CLUSTER = "in-cluster"
# The client library takes the text of a kubeconfig apart without looking at its shape.
_UNREADABLE = (
    *(ConfigException, OSError, YAMLError, ValueError),
    *(AttributeError, KeyError, TypeError),
)


class ClusterError(RuntimeError):
    """The cluster cannot be reached, or refuses; `status` is its HTTP status where it answered."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedCluster:
    """A cluster that answers: `name` is its context's, `namespace` the one that the context names.

    `version` is that of its API server, such as `v1.36.3`.
    """

    configuration: client.Configuration
    name: str
    namespace: str
    version: str

    def client(self) -> client.ApiClient:
        """Make a client of its own: those that stream cannot be shared by threads."""
        return client.ApiClient(self.configuration)


def open_cluster(*, kubeconfig: Path | None, context: str | None) -> OpenedCluster:
    """Open the cluster of a kubeconfig: the named file, else KUBECONFIG, else ~/.kube/config.

    In a Pod that has none of them it is the one that the Pod runs in. Raises ClusterError when
    there is none, it has no such context, or its API server is silent.
    """
    configuration = client.Configuration()
    try:
        name, namespace = _load(configuration, kubeconfig, context)
    except _UNREADABLE as error:
        place = kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
        problem = " ".join(str(error).split())
        raise ClusterError(f"no usable kubeconfig: {place}: {problem}") from None
    # Refused at once is refused: the client's own three attempts only delay the answer.
    configuration.retries = False
    answer = orjson.loads(call(client.VersionApi(client.ApiClient(configuration)).get_code))
    return OpenedCluster(
        configuration=configuration,
        name=name,
        namespace=namespace,
        version=str(answer.get("gitVersion", "")),
    )


def _load(
    configuration: client.Configuration, kubeconfig: Path | None, context: str | None
) -> tuple[str, str]:
    load: Any = config  # the library's functions are not typed
    file = None if kubeconfig is None else str(kubeconfig)
    if kubeconfig is None and context is None and _is_in_a_pod():
        load.load_incluster_config(client_configuration=configuration)
        return _IN_CLUSTER, _NAMESPACE.read_text().strip()
    load.load_kube_config(config_file=file, context=context, client_configuration=configuration)
    contexts, current = load.list_kube_config_contexts(config_file=file)
    chosen: Any = next((each for each in contexts if each["name"] == context), current)
    return chosen["name"], chosen["context"].get("namespace") or "default"


def _is_in_a_pod() -> bool:
    has_file = "KUBECONFIG" in os.environ or Path("~/.kube/config").expanduser().exists()
    return "KUBERNETES_SERVICE_HOST" in os.environ and _NAMESPACE.exists() and not has_file


def connect(*, kubeconfig: Path | None, context: str | None) -> client.CoreV1Api:
    """Open a cluster as `open_cluster` does, for its Pods and namespaces."""
    return client.CoreV1Api(open_cluster(kubeconfig=kubeconfig, context=context).client())


def call(
    function: Callable[..., Any],
    *arguments: object,
    seconds: float = REQUEST_SECONDS,
    **options: object,
) -> bytes:
    """Make one request of the client library and give the body of its answer as it came.

    Bodies are sent and read as plain JSON. Raises ClusterError for all that the library raises.
    """
    body: bytes = _request(function, *arguments, seconds=seconds, **options).data
    return body


def call_patiently(
    function: Callable[..., Any],
    *arguments: object,
    wait: Callable[[float], object] = time.sleep,
    **options: Any,
) -> bytes:
    """Make one request as `call` does; an API server that asks for patience is asked again.

    So it does (429) when it has too much to do, and before it can serve a kind that is new to it.
    """
    for pause in _PAUSES:
        try:
            return call(function, *arguments, **options)
        except ClusterError as error:
            if error.status != HTTPStatus.TOO_MANY_REQUESTS:
                raise
            wait(pause)
    return call(function, *arguments, **options)


def call_and_listen(
    function: Callable[..., Any],
    *arguments: object,
    seconds: float = REQUEST_SECONDS,
    **options: object,
) -> tuple[bytes, tuple[str, ...]]:
    """Make one request as `call` does; give the API server's warnings too."""
    answer = _request(function, *arguments, seconds=seconds, **options)
    return answer.data, tuple(answer.headers.getlist("Warning"))


def is_missing(error: ClusterError) -> bool:
    """Tell whether the API server knows no such object."""
    return error.status == HTTPStatus.NOT_FOUND


def _request(
    function: Callable[..., Any], *arguments: object, seconds: float, **options: object
) -> BaseHTTPResponse:
    try:
        answer: BaseHTTPResponse = function(
            *arguments, **options, _preload_content=False, _request_timeout=seconds
        )
    except ApiException as error:
        raise ClusterError(_sentence(error), status=error.status or None) from None
    except HTTPError as error:
        raise ClusterError(f"the API server cannot be reached: {error}") from None
    return answer


def _sentence(error: ApiException) -> str:
    """Give the message of the Status object that the API server answers with."""
    if not error.status:  # how the client library tells of TLS that fails
        return f"the API server cannot be reached: {error.reason}"
    try:
        status = orjson.loads(error.body or b"")
    except orjson.JSONDecodeError:
        status = None
    said = status.get("message") if isinstance(status, dict) else None
    return f"the API server answers {error.status}: {said or error.reason}"
