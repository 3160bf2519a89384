"""A namespace that lasts as long as a trial, and its Pods."""

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from typing import Any

import orjson
from kubernetes import client

from webhook.cluster.connection import ClusterError, call, is_missing

Manifest = Mapping[str, Any]

_LABELS = {
    "app.kubernetes.io/managed-by": "redis-memory-guard-plateau",
    # The servers' images start as root and leave it themselves: "restricted" would not let them.
    "pod-security.kubernetes.io/enforce": "baseline",
}
_ACCOUNT_SECONDS = 60.0


class TrialNamespace:
    """The Pods of one namespace, as plain JSON. All methods raise ClusterError."""

    def __init__(self, api: client.CoreV1Api, name: str) -> None:
        self._api = api
        self.name = name

    def create(self, pod: Manifest) -> Manifest:
        """Create a Pod and give what became of it by the webhooks of the cluster."""
        return _decode(call(self._api.create_namespaced_pod, self.name, pod))

    def read(self, pod: str) -> Manifest:
        """Read a Pod with its status."""
        return _decode(call(self._api.read_namespaced_pod, pod, self.name))

    def log(self, pod: str, container: str, *, lines: int) -> tuple[str, ...]:
        """Read the last lines of a container's log; none while it has not started."""
        read = self._api.read_namespaced_pod_log
        try:
            body = call(read, pod, self.name, container=container, tail_lines=lines)
        except ClusterError as error:
            if error.status == HTTPStatus.BAD_REQUEST:  # the container is waiting to start
                return ()
            raise
        return tuple(body.decode(errors="replace").splitlines())

    def delete(self, pod: str) -> None:
        """End a Pod at once, without waiting for it."""
        call(self._api.delete_namespaced_pod, pod, self.name, grace_period_seconds=0)


@contextmanager
def trial_namespace(api: client.CoreV1Api, *, prefix: str) -> Iterator[TrialNamespace]:
    """Make a namespace with a generated name and delete it, with all in it, whatever happens.

    The name is ours before the API server answers: an interrupted creation is deleted, too. The
    deletion is asked for and not waited for. Raises ClusterError.
    """
    name = f"{prefix}-{secrets.token_hex(4)}"
    with ExitStack() as stack:
        stack.callback(_delete, api, name)
        try:
            call(api.create_namespace, {"metadata": {"name": name, "labels": _LABELS}})
        except ClusterError as error:
            if error.status is not None:  # refused: nothing was made
                stack.pop_all()
            raise
        _await_account(api, name)
        yield TrialNamespace(api, name)


def _await_account(api: client.CoreV1Api, name: str) -> None:
    """Wait for the ServiceAccount that a controller makes: until then, Pods are refused."""
    deadline = time.monotonic() + _ACCOUNT_SECONDS
    while True:
        try:
            call(api.read_namespaced_service_account, "default", name)
        except ClusterError as error:
            if not is_missing(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def _delete(api: client.CoreV1Api, name: str) -> None:
    try:
        call(api.delete_namespace, name)
    except ClusterError as error:
        if not is_missing(error):
            raise ClusterError(f"the namespace {name} is left behind: {error}") from None


def _decode(body: bytes) -> Manifest:
    content: Manifest = orjson.loads(body)
    return content
