"""Servers under load on the cluster of the tests, followed by kubectl."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.harness.cluster import Cluster
from webhook.domain.kubernetes.quantity import format_bytes
from webhook.domain.policy.settings import Policy
from webhook.trials.history import History, with_log, with_status
from webhook.trials.pods import LOADER, SERVER, guard, trial_pod
from webhook.trials.workload import Load

MEBIBYTE = 2**20
_START_SECONDS = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A guarded server and its loader in a Pod; `limit` in bytes."""

    cluster: Cluster
    namespace: str
    name: str
    limit: int
    manifest: Mapping[str, Any]

    def run(self, load: Load) -> History:
        """Create the Pod and follow it until the loader is through."""
        self.create()
        history = History(limit=self.limit)
        deadline = time.monotonic() + _START_SECONDS + load.seconds
        while history.end is None:
            assert time.monotonic() < deadline, history
            time.sleep(1)
            history = self._look(history)
        return history

    def create(self) -> None:
        """Create the Pod."""
        self._kubectl("apply", "--filename=-", stdin=json.dumps(self.manifest))

    def ask(self, *words: str) -> str:
        """Send the server a command and give the plain answer."""
        command = ("redis-cli", "--raw", *words)
        return self._kubectl("exec", self.name, f"--container={SERVER}", "--", *command).strip()

    def keys(self, prefix: str) -> int:
        """Count the keys that begin so, without the server making a list of them."""
        script = (
            "local cursor, count = '0', 0 repeat "
            "local page = redis.call('SCAN', cursor, 'MATCH', ARGV[1], 'COUNT', 1000) "
            "cursor, count = page[1], count + #page[2] until cursor == '0' return count"
        )
        return int(self.ask("EVAL", script, "0", f"{prefix}*"))

    def _look(self, history: History) -> History:
        pod = json.loads(self._kubectl("get", "pod", self.name, "--output=json"))
        log = self._kubectl("logs", self.name, f"--container={LOADER}", "--tail=200", check=False)
        return with_log(with_status(history, pod), log.splitlines())

    def _kubectl(self, verb: str, *arguments: str, **options: Any) -> str:
        namespaced = (verb, f"--namespace={self.namespace}", *arguments)
        return self.cluster.kubectl(*namespaced, **options).stdout


def guarded_trial(
    cluster: Cluster,
    namespace: str,
    *,
    load: Load,
    limit: int,
    policy: Policy | None = None,
    volume: Mapping[str, Any] | None = None,
    image: str = "redis:7",
    name: str = "redis",
) -> Trial:
    """Make a trial with what the webhook injects into it."""
    bare = trial_pod(name, image=image, limit=format_bytes(limit), load=load, volume=volume)
    guarded = guard(bare, policy or Policy(), namespace=namespace)
    return Trial(
        cluster=cluster, namespace=namespace, name=name, limit=limit, manifest=guarded.manifest
    )


def without_loader(trial: Trial) -> Trial:
    """Make the same server with nobody to fill it."""
    spec = trial.manifest["spec"]
    servers = [each for each in spec["containers"] if each["name"] == SERVER]
    manifest = {**trial.manifest, "spec": {**spec, "containers": servers}}
    return Trial(
        cluster=trial.cluster,
        namespace=trial.namespace,
        name=trial.name,
        limit=trial.limit,
        manifest=manifest,
    )
