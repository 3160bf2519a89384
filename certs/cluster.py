"""The Kubernetes API as this process uses it: four calls, and an error for each way to fail.

The only module that imports `kubernetes`; its exceptions and types stop here. Every write is a
JSON Patch that first tests `metadata.resourceVersion`, so it is a compare-and-swap, and it touches
nothing but what it changes. Only `get` and `patch` are used, on objects known by name.
"""

import base64
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from kubernetes import client, config
from urllib3 import Retry
from urllib3.exceptions import HTTPError

from certs.objects import (
    ClusterError,
    Configuration,
    ConflictError,
    ForbiddenError,
    MalformedError,
    MissingError,
    RejectedError,
    Secret,
    UnreachableError,
    Webhook,
)
from certs.state import ConfigurationKind, ConfigurationName

# Under this name the API server keeps, in `managedFields`, what this process wrote.
_FIELD_MANAGER = "redis-memory-guard-certs"
# The sentence of an API server, in a 422, that could not apply a patch: one of its tests failed.
_PATCH_FAILED = "the server rejected our request due to an error in our request"

# Seconds to connect and to wait for an answer: a step must end well within the liveness limit.
_TIMEOUT = (5, 10)
# A bound on the digits, as the number becomes a time.
_SECONDS = re.compile(r"[0-9]{1,6}", re.ASCII)


class KubernetesCluster:
    """Reads and writes the objects of one namespace, and webhook configurations by name."""

    def __init__(self, api: client.ApiClient, namespace: str) -> None:
        self._core = client.CoreV1Api(api)
        self._namespace = namespace
        registration = client.AdmissionregistrationV1Api(api)
        self._read: Mapping[ConfigurationKind, Callable[..., Any]] = {
            ConfigurationKind.MUTATING: registration.read_mutating_webhook_configuration,
            ConfigurationKind.VALIDATING: registration.read_validating_webhook_configuration,
        }
        self._patch: Mapping[ConfigurationKind, Callable[..., Any]] = {
            ConfigurationKind.MUTATING: registration.patch_mutating_webhook_configuration,
            ConfigurationKind.VALIDATING: registration.patch_validating_webhook_configuration,
        }

    def read_secret(self, name: str) -> Secret:
        """Read a Secret; raises ClusterError."""
        where = f"Secret/{name}"
        document = _call(where, self._core.read_namespaced_secret, name, self._namespace)
        with _well_formed(where):
            data = document.get("data") or {}
            return Secret(
                name=name,
                version=_version(document),
                data={key: base64.b64decode(value) for key, value in data.items()},
                rival=_rival(document, "f:data"),
            )

    def write_secret(self, secret: Secret, data: Mapping[str, bytes]) -> None:
        """Set the keys of `data`, leave all others, if `secret` is still current."""
        encoded = {key: _base64(value) for key, value in {**secret.data, **data}.items()}
        patch = [_unchanged(secret.version), {"op": "add", "path": "/data", "value": encoded}]
        where = f"Secret/{secret.name}"
        _patch(where, self._core.patch_namespaced_secret, secret.name, self._namespace, patch)

    def read_configuration(self, name: ConfigurationName) -> Configuration:
        """Read a webhook configuration; raises ClusterError."""
        document = _call(str(name), self._read[name.kind], name.name)
        with _well_formed(str(name)):
            return Configuration(
                name=name,
                version=_version(document),
                webhooks=tuple(_webhook(webhook) for webhook in document.get("webhooks") or ()),
                rival=_rival(document, "f:caBundle"),
            )

    def write_bundle(self, configuration: Configuration, bundle: bytes) -> None:
        """Set `caBundle` in every webhook, if `configuration` is still current."""
        name = configuration.name
        operations = [_unchanged(configuration.version)]
        for index, webhook in enumerate(configuration.webhooks):
            operations += _bundle_patch(index, webhook, bundle)
        _patch(str(name), self._patch[name.kind], name.name, operations)


def connect(namespace: str) -> KubernetesCluster:
    """Use the Pod's service account, or outside of a cluster the current kubeconfig context.

    Raises UnreachableError when neither is there.
    """
    configuration = client.Configuration()
    # Only what never got an answer: the loop retries, with a reason in the log, and it alone waits
    # for as long as an answer asks it to.
    configuration.retries = Retry(total=1, status=0, respect_retry_after_header=False)
    in_cluster = "KUBERNETES_SERVICE_HOST" in os.environ
    load: Callable[..., None] = (
        config.load_incluster_config if in_cluster else config.load_kube_config
    )
    try:
        load(client_configuration=configuration)
    except config.ConfigException as error:
        raise UnreachableError(f"no service account and no kubeconfig: {error}") from error
    return KubernetesCluster(client.ApiClient(configuration), namespace)


def _patch(where: str, method: Callable[..., Any], *arguments: object) -> None:
    _call(where, partial(method, field_manager=_FIELD_MANAGER), *arguments)


def _call(where: str, method: Callable[..., Any], *arguments: object) -> dict[str, Any]:
    """Call the API and return the answer's JSON as it came, whatever models the client has."""
    try:
        body = method(*arguments, _preload_content=False, _request_timeout=_TIMEOUT).data
    except client.ApiException as error:
        raise _explain(where, error) from error
    except (HTTPError, OSError) as error:
        raise UnreachableError(f"{where}: {type(error).__name__}: {error}") from error
    with _well_formed(where):
        document = json.loads(body)
    if not isinstance(document, dict):
        raise MalformedError(f"{where}: the answer is not an object")
    return document


@contextmanager
def _well_formed(where: str) -> Iterator[None]:
    """Turn whatever a strange answer raises into MalformedError, which says nothing of it."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise MalformedError(f"{where}: the answer is no such object") from error


def _version(document: Mapping[str, Any]) -> str:
    return str(document["metadata"]["resourceVersion"])


def _explain(where: str, error: client.ApiException) -> ClusterError:
    match error.status:
        case 404:
            return MissingError(f"{where} does not exist; the Helm chart renders it")
        case 409:
            return ConflictError(f"{where} was changed since it was read")
        case 422 if _message(error) == _PATCH_FAILED:
            return ConflictError(f"{where} was changed since it was read")
        case 401 | 403:
            return ForbiddenError(f"{where}: {_message(error)}")
        case 400 | 413 | 422:
            return RejectedError(f"{where}: {_message(error)}")
        case _:
            return UnreachableError(
                f"{where}: {error.status} {error.reason}", retry_after=_retry_after(error)
            )


def _message(error: client.ApiException) -> str:
    """Return the API server's sentence: of a refusal it names user and verb, never content."""
    try:
        return str(json.loads(error.body or "")["message"])
    except (ValueError, KeyError, TypeError):
        return f"{error.status} {error.reason}"


def _retry_after(error: client.ApiException) -> timedelta:
    """Return the pause in seconds that the answer asks for; the form with a date counts as none."""
    text = (error.headers or {}).get("Retry-After") or ""
    return timedelta(seconds=int(text) if _SECONDS.fullmatch(text) else 0)


def _rival(document: Mapping[str, Any], field: str) -> str | None:
    """Return the field manager that wrote last, unless that is us: if possible one of `field`.

    Whoever removes a field does not manage it, so that only the time tells. It has no fractions of
    a second.
    """
    entries = document["metadata"].get("managedFields") or ()
    own = max((e["time"] for e in entries if e["manager"] == _FIELD_MANAGER), default="")
    others = [e for e in entries if e["manager"] != _FIELD_MANAGER and e.get("time", "") >= own]
    if not others:
        return None
    last = max(others, key=lambda e: (f'"{field}"' in json.dumps(e.get("fieldsV1")), e["time"]))
    return str(last["manager"])


def _unchanged(version: str) -> dict[str, object]:
    return {"op": "test", "path": "/metadata/resourceVersion", "value": version}


def _bundle_patch(index: int, webhook: Webhook, bundle: bytes) -> list[dict[str, object]]:
    path = f"/webhooks/{index}"
    return [
        {"op": "test", "path": f"{path}/name", "value": webhook.name},
        {"op": "add", "path": f"{path}/clientConfig/caBundle", "value": _base64(bundle)},
    ]


def _webhook(document: Mapping[str, Any]) -> Webhook:
    encoded = document["clientConfig"].get("caBundle") or ""
    return Webhook(name=document["name"], ca_bundle=base64.b64decode(encoded))


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
