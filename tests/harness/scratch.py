"""Namespaces that last as long as one test."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from tests.harness.cluster import Cluster


@contextmanager
def scratch_namespace(cluster: Cluster) -> Iterator[str]:
    """Make a Namespace in which Pods can be created; delete it, without waiting, at the end.

    It suits the API server alone too, where no controller makes ServiceAccounts and none is asked.
    """
    name = f"test-{secrets.token_hex(4)}"
    cluster.kubectl("create", "namespace", name)
    try:
        if cluster.kubectl("get", "nodes", "--output=name").stdout:
            # Until a controller has made it, every Pod is refused.
            account = ("serviceaccount/default", f"--namespace={name}", "--timeout=120s")
            cluster.kubectl("wait", "--for=create", *account)
        yield name
    finally:
        cluster.kubectl("delete", "namespace", name, "--wait=false")
