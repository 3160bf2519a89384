"""Runs a command in a container through `pods/exec`, over a WebSocket."""

import threading
from dataclasses import dataclass
from typing import Any

from kubernetes import client
from kubernetes.client.exceptions import ApiException
from kubernetes.stream import stream
from kubernetes.stream.ws_client import ERROR_CHANNEL
from websocket import WebSocketException

from webhook.cluster.connection import OpenedCluster

_NO_SUCH_PROGRAM = ("executable file not found", "no such file or directory", "not found in $PATH")


class ExecError(RuntimeError):
    """A command that was not run to its end."""


class ExecForbiddenError(ExecError):
    """`pods/exec` is not allowed."""


class ExecTimeoutError(ExecError):
    """The command did not end in time."""


class NoSuchProgramError(ExecError):
    """The container has no such program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecTarget:
    """One container of one Pod."""

    namespace: str
    pod: str
    container: str


class Executor:
    """Runs commands; one object serves many threads."""

    def __init__(self, cluster: OpenedCluster) -> None:
        self._cluster = cluster
        self._own = threading.local()

    def run(
        self, target: ExecTarget, command: tuple[str, ...], *, line: str | None, seconds: float
    ) -> str:
        """Run a command, give it one line to read, and return what it prints on stdout.

        Raises ExecError, or one of its kinds.
        """
        session = self._open(target, command, takes_line=line is not None, seconds=seconds)
        try:
            if line is not None:
                session.write_stdin(f"{line}\n")
            session.run_forever(timeout=seconds)
            if session.is_open():
                raise ExecTimeoutError(f"no end within {seconds:g} s")
            said, ended = session.read_stdout() or "", session.read_channel(ERROR_CHANNEL) or ""
        except (WebSocketException, OSError) as error:
            raise ExecError(str(error)) from None
        finally:
            session.close()
        if not said:
            raise _failure(str(ended))
        return str(said)

    def _open(
        self, target: ExecTarget, command: tuple[str, ...], *, takes_line: bool, seconds: float
    ) -> Any:
        try:
            return stream(
                client.CoreV1Api(self._client()).connect_get_namespaced_pod_exec,
                target.pod,
                target.namespace,
                container=target.container,
                command=list(command),
                stdin=takes_line,
                stdout=True,
                stderr=True,
                tty=False,
                _preload_content=False,
                _request_timeout=seconds,
            )
        except (ApiException, WebSocketException, OSError) as error:
            raise _refusal(error) from None

    def _client(self) -> client.ApiClient:
        """Give this thread's client: the library puts a stream's transport into the client."""
        if not hasattr(self._own, "client"):
            self._own.client = self._cluster.client()
        own: client.ApiClient = self._own.client
        return own


def _refusal(error: Exception) -> ExecError:
    status = getattr(error, "status", 0)
    text = str(getattr(error, "reason", "") or error)
    if status == 403 or "403" in text[:40]:
        return ExecForbiddenError(text)
    return _failure(text)


def _failure(text: str) -> ExecError:
    if any(words in text for words in _NO_SUCH_PROGRAM):
        return NoSuchProgramError(text)
    return ExecError(text or "it said nothing")
