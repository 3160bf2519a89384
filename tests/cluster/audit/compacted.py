"""A look at a namespace while etcd forgets what the API server's lists go on from.

`python -m tests.cluster.audit.compacted NAMESPACE TIMES` compacts etcd behind the first page of so
many attempts at the list of Pods, and prints what the look comes to.
"""

import base64
import json
import sys
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import urllib3
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from tests.harness.cache import REPOSITORY
from tests.harness.cluster import Cluster
from tests.harness.control_plane import ETCD
from tests.harness.waiting import eventually
from webhook.audit.look import AuditBasis, look_at
from webhook.cluster.connection import open_cluster
from webhook.cluster.reading import ClusterReader, Item, Kept, Listed
from webhook.domain.policy.settings import Policy

PAGE_SIZE = 2


def look_while_compacting(cluster: Cluster, namespace: str, *, times: int) -> Any:
    """Look where the API server and etcd can be reached; give what `main` prints."""
    environment = ("env", f"PYTHONPATH={REPOSITORY}", sys.executable, "-m", __name__)
    return json.loads(cluster.client(*environment, namespace, str(times)).stdout)


class CompactingReader(ClusterReader):
    """Reads as an audit does; compacts etcd once the first page of a list of Pods is here.

    `begun` counts the attempts at that list.
    """

    def __init__(self, api: client.ApiClient, *, times: int) -> None:
        super().__init__(api, page_size=PAGE_SIZE)
        self._core = client.CoreV1Api(api)
        self._times = times
        self.begun = 0

    def collect(
        self, kind: str, namespace: str, keep: Callable[[Item], Kept | None]
    ) -> Listed[Kept]:
        """List as before, with what goes on behind the first page of Pods."""
        if kind != "Pod":
            return super().collect(kind, namespace, keep)
        names: list[str] = []

        def keep_and_compact(pod: Item) -> Kept | None:
            names.append(str(pod["metadata"]["name"]))
            if names[-1] == names[0]:
                self.begun += 1
                if self.begun <= self._times:
                    self._compact(namespace)
            return keep(pod)

        return super().collect(kind, namespace, keep_and_compact)

    def _compact(self, namespace: str) -> None:
        """Compact as another API server of the cluster would, and wait until this one knows.

        It has copies of its own for lists that go on, and drops them within 15 s once etcd says up
        to which revision was compacted. Source: k8s.io/apiserver, storage/etcd3/compact.go and
        storage/cacher/compactor.go.
        """
        latest = int(_etcd("range", {"key": _KEY})["header"]["revision"])
        written = _etcd("put", {"key": _KEY, "value": _base64(str(latest + 1))})
        revision = int(written["header"]["revision"])
        _etcd("compaction", {"revision": revision, "physical": True})
        eventually(lambda: self._has_expired(namespace, revision - 1), what="an expired list")

    def _has_expired(self, namespace: str, revision: int) -> bool:
        try:
            self._core.list_namespaced_pod(
                namespace,
                limit=1,
                resource_version=str(revision),
                resource_version_match="Exact",
                _preload_content=False,
            )
        except ApiException as error:
            return bool(error.status == HTTPStatus.GONE)
        return False


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


_KEY = _base64("compact_rev_key")


def _etcd(method: str, body: Mapping[str, object]) -> Any:
    """Call a method of etcd's KV service by its HTTP gateway."""
    answer = urllib3.request("POST", f"{ETCD}/v3/kv/{method}", json=body, timeout=30)
    assert answer.status == HTTPStatus.OK, answer.data
    return answer.json()


def main() -> None:
    namespace, times = sys.argv[1], int(sys.argv[2])
    reader = CompactingReader(open_cluster(kubeconfig=None, context=None).client(), times=times)
    look = look_at(namespace, reader, AuditBasis(policy=Policy()))
    told = {
        "begun": reader.begun,
        "pods": look.pods_seen,
        "workloads": [server.workload.name for server in look.servers],
        "gaps": [str(gap) for gap in look.gaps],
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
