"""How often the API server called us, by its own metrics."""

from collections.abc import Mapping

from tests.harness.cluster import Cluster
from tests.harness.webhook_calls import parse_calls

_OURS = ".redis-memory-guard.dev"


def calls(cluster: Cluster) -> Mapping[str, int]:
    """Calls so far by webhook, such as `inject`; those that were never called are left out."""
    metrics = cluster.kubectl("get", "--raw=/metrics").stdout
    return {
        name.removesuffix(_OURS): made.count
        for name, made in parse_calls(metrics).items()
        if name.endswith(_OURS)
    }
