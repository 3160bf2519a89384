"""The guard as it is installed: by Helm, from our chart, with our image."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.harness.cache import REPOSITORY
from tests.harness.cluster import Cluster
from tests.harness.command import Output
from tests.harness.guard_image import REPOSITORY_NAME, TAG, guard_archive
from tests.harness.waiting import eventually

NAME = "redis-memory-guard"
NAMESPACE = "redis-memory-guard"
CHART = REPOSITORY / "charts" / "redis-memory-guard"
CONFIGURATIONS = "mutatingwebhookconfigurations,validatingwebhookconfigurations"

_VALUES = f"mode=enforce,image.repository={REPOSITORY_NAME},image.tag={TAG}"


@contextmanager
def installed_guard(cluster: Cluster, *options: str) -> Iterator["Guard"]:
    """Install our image in enforce mode, with `options` of helm; take it out."""
    cluster.import_image(guard_archive())
    guard = Guard(cluster=cluster)
    guard.install(*options)
    try:
        yield guard
    finally:
        guard.uninstall()
        cluster.kubectl("delete", "namespace", NAMESPACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """One release of the chart, in a Namespace of its own.

    `chart` is how helm finds it: the directory here, or a reference with its options.
    """

    cluster: Cluster
    chart: Sequence[str] = (str(CHART),)

    def install(self, *options: str) -> None:
        """Upgrade, and wait until the Pods of before, which answer while they drain, are gone."""
        self.upgrade(*options)
        self.settle()

    def upgrade(self, *options: str) -> None:
        """Install or upgrade to enforce mode, the chart's own other values and `options` of helm.

        Waits for as long as helm does.
        """
        self.cluster.helm(
            *("upgrade", "--install", NAME, *self.chart, f"--namespace={NAMESPACE}"),
            *("--create-namespace", "--wait", "--timeout=5m", "--reset-values"),
            *(f"--set={_VALUES}", *options),
        )

    @contextmanager
    def changed(self, *options: str) -> Iterator[None]:
        """Run with other values, then as before."""
        self.install(*options)
        try:
            yield
        finally:
            self.install()

    def settle(self) -> None:
        """Wait until no Pod of an earlier state is left, and every caBundle is published."""
        eventually(self._is_settled, what="a settled release")

    def uninstall(self) -> Output:
        return self.cluster.helm("uninstall", NAME, f"--namespace={NAMESPACE}", "--wait")

    def test(self) -> Output:
        """Run `helm test`; its output has the log of the test's Pod."""
        return self.cluster.helm("test", NAME, f"--namespace={NAMESPACE}", "--timeout=2m")

    def scale(self, replicas: int) -> None:
        """Change the number of webhook Pods and wait until it is so."""
        deployment = ("deployment", NAME, f"--namespace={NAMESPACE}")
        self.cluster.kubectl("scale", *deployment, f"--replicas={replicas}")
        self.cluster.kubectl("rollout", "status", *deployment, "--timeout=120s")
        self.settle()

    def get(self, kind: str, *options: str) -> list[Any]:
        """Objects of the release's Namespace, or of the cluster, as JSON."""
        listing = ("get", kind, f"--namespace={NAMESPACE}", "--output=json", *options)
        items: list[Any] = json.loads(self.cluster.kubectl(*listing).stdout)["items"]
        return items

    def bundles(self) -> Mapping[str, str]:
        """The caBundle of each webhook by its name; empty where there is none."""
        return {
            webhook["name"]: webhook["clientConfig"].get("caBundle", "")
            for configuration in self.get(CONFIGURATIONS)
            if configuration["metadata"]["name"] == NAME
            for webhook in configuration["webhooks"]
        }

    def secrets(self) -> Mapping[str, Any]:
        """What is in our two Secrets, with the version of the objects."""
        return {
            secret["metadata"]["name"]: (secret["metadata"]["resourceVersion"], secret.get("data"))
            for secret in self.get("secrets")
            if secret["type"] != "helm.sh/release.v1"
        }

    def _is_settled(self) -> bool:
        leaving = [p for p in self.get("pods") if "deletionTimestamp" in p["metadata"]]
        return not leaving and all(self.bundles().values())
