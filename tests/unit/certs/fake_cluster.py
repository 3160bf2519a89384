"""An API server's behaviour as far as the certificate process can tell."""

from collections.abc import Callable, Mapping

from certs.objects import (
    Configuration,
    ConflictError,
    ForbiddenError,
    MissingError,
    Secret,
    Webhook,
)
from certs.state import ConfigurationName


class FakeCluster:
    """Objects with versions: a write of what was changed since it was read is a conflict.

    `before` and `after` are called around every call with its name, so that a test can let
    anything happen there: an error, a killed process, another process, time. `changed` is called
    as soon as anything is stored, by whomever. `forbidden` holds calls that permissions forbid.
    """

    def __init__(self) -> None:
        self._secrets: dict[str, Secret] = {}
        self._configurations: dict[ConfigurationName, Configuration] = {}
        self._version = 0
        self.writes: list[str] = []
        self.before: Callable[[str], None] = _nothing
        self.after: Callable[[str], None] = _nothing
        self.changed: Callable[[], None] = lambda: None
        self.forbidden: set[str] = set()

    def put_secret(self, name: str, data: Mapping[str, bytes], *, by: str | None = None) -> None:
        """Write without asking, as an administrator does."""
        self._secrets[name] = Secret(
            name=name, version=self._next_version(), data=dict(data), rival=by
        )
        self.changed()

    def put_configuration(
        self, name: ConfigurationName, *bundles: bytes, by: str | None = None
    ) -> None:
        """Write without asking; one webhook for each bundle."""
        webhooks = (
            Webhook(name=f"{index}.guard.system", ca_bundle=bundle)
            for index, bundle in enumerate(bundles)
        )
        self._configurations[name] = Configuration(
            name=name, version=self._next_version(), webhooks=tuple(webhooks), rival=by
        )
        self.changed()

    def remove_secret(self, name: str) -> None:
        del self._secrets[name]

    def remove_configuration(self, name: ConfigurationName) -> None:
        del self._configurations[name]

    def data(self, secret: str) -> Mapping[str, bytes]:
        return self._secrets[secret].data

    def bundles(self, name: ConfigurationName) -> tuple[bytes, ...]:
        return tuple(webhook.ca_bundle for webhook in self._configurations[name].webhooks)

    def read_secret(self, name: str) -> Secret:
        self._call(f"read Secret/{name}")
        found = self._secrets.get(name)
        if found is None:
            raise MissingError(f"Secret/{name} does not exist")
        self.after(f"read Secret/{name}")
        return found

    def write_secret(self, secret: Secret, data: Mapping[str, bytes]) -> None:
        call = f"write Secret/{secret.name}"
        self._call(call)
        self._require_current(secret.version, self._secrets[secret.name].version, call)
        self.put_secret(secret.name, {**secret.data, **data})
        self._wrote(call)

    def read_configuration(self, name: ConfigurationName) -> Configuration:
        self._call(f"read {name}")
        found = self._configurations.get(name)
        if found is None:
            raise MissingError(f"{name} does not exist")
        self.after(f"read {name}")
        return found

    def write_bundle(self, configuration: Configuration, bundle: bytes) -> None:
        call = f"write {configuration.name}"
        self._call(call)
        current = self._configurations[configuration.name].version
        self._require_current(configuration.version, current, call)
        self.put_configuration(configuration.name, *(bundle for _ in configuration.webhooks))
        self._wrote(call)

    def _call(self, call: str) -> None:
        self.before(call)
        if call in self.forbidden:
            raise ForbiddenError(f"{call}: not permitted")

    def _wrote(self, call: str) -> None:
        self.writes.append(call)
        self.after(call)

    def _require_current(self, read: str, current: str, call: str) -> None:
        if read != current:
            raise ConflictError(f"{call}: read {read}, is {current}")

    def _next_version(self) -> str:
        self._version += 1
        return str(self._version)


def _nothing(call: str) -> None:
    pass
