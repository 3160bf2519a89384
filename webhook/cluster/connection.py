"""A connection to the cluster of a kubeconfig, and its failures in words."""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from kubernetes.config.config_exception import ConfigException
from urllib3.exceptions import HTTPError

REQUEST_SECONDS = 30
"""How long one request may take."""


class ClusterError(RuntimeError):
    """The cluster cannot be reached, or refuses; `status` is its HTTP status where it answered."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


def connect(*, kubeconfig: Path | None, context: str | None) -> client.CoreV1Api:
    """Open the cluster of a kubeconfig: the named file, else KUBECONFIG, else ~/.kube/config.

    Raises ClusterError when there is none, it has no such context, or its API server is silent.
    """
    configuration = client.Configuration()
    load: Callable[..., None] = config.load_kube_config
    try:
        load(
            config_file=None if kubeconfig is None else str(kubeconfig),
            context=context,
            client_configuration=configuration,
        )
    except (ConfigException, OSError) as error:
        raise ClusterError(f"no usable kubeconfig: {error}") from None
    # Refused at once is refused: the client's own three attempts only delay the answer.
    configuration.retries = False
    api = client.ApiClient(configuration)
    call(client.VersionApi(api).get_code)
    return client.CoreV1Api(api)


def call(function: Callable[..., Any], *arguments: object, **options: object) -> bytes:
    """Make one request of the client library and give the body of its answer as it came.

    Bodies are sent and read as plain JSON. Raises ClusterError for all that the library raises.
    """
    try:
        answer = function(
            *arguments, **options, _preload_content=False, _request_timeout=REQUEST_SECONDS
        )
    except ApiException as error:
        raise ClusterError(_sentence(error), status=error.status or None) from None
    except HTTPError as error:
        raise ClusterError(f"the API server cannot be reached: {error}") from None
    body: bytes = answer.data
    return body


def is_missing(error: ClusterError) -> bool:
    """Tell whether the API server knows no such object."""
    return error.status == HTTPStatus.NOT_FOUND


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
