"""The API server as far as a trial's namespace uses it, with or without the webhook in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kubernetes.client.exceptions import ApiException

from webhook.domain.policy.settings import Policy
from webhook.trials.pods import guard


@dataclass(frozen=True)
class Answer:
    """What the client library gives when it is asked for the raw answer."""

    content: Mapping[str, Any]

    @property
    def data(self) -> bytes:
        return json.dumps(self.content).encode()


@dataclass
class FakeApi:
    """Keeps namespaces and Pods; `guards` installs the webhook, `refuses` forbids namespaces."""

    guards: bool = False
    refuses: bool = False
    namespaces: dict[str, Any] = field(default_factory=dict)
    pods: dict[str, Any] = field(default_factory=dict)

    def create_namespace(self, body: Mapping[str, Any], **_: object) -> Answer:
        if self.refuses:
            raise self._error(403, "namespaces is forbidden")
        self.namespaces[body["metadata"]["name"]] = body
        return Answer(body)

    def delete_namespace(self, name: str, **_: object) -> Answer:
        if name not in self.namespaces:
            raise self._error(404, f'namespaces "{name}" not found')
        return Answer(self.namespaces.pop(name))

    def read_namespaced_service_account(self, name: str, space: str, **_: object) -> Answer:
        return Answer({"metadata": {"name": name, "namespace": space}})

    def create_namespaced_pod(self, namespace: str, body: Mapping[str, Any], **_: object) -> Answer:
        admitted = guard(body, Policy(), namespace=namespace).manifest if self.guards else body
        self.pods[body["metadata"]["name"]] = admitted
        return Answer(admitted)

    def delete_namespaced_pod(self, name: str, _namespace: str, **_: object) -> Answer:
        return Answer(self.pods.pop(name))

    @staticmethod
    def _error(status: int, message: str) -> ApiException:
        error = ApiException(status=status, reason="refused")
        error.body = json.dumps({"kind": "Status", "message": message})
        return error
