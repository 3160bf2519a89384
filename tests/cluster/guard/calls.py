"""How often the API server called us, by its own metrics."""

import re
from collections.abc import Mapping

from tests.cluster.cluster import Cluster

_CALLS = re.compile(
    r'^apiserver_admission_webhook_request_total\{.*name="(\w[\w-]*)\.redis-memory-guard\.dev".*\} '
    r"(\d+)$",
    re.M,
)


def calls(cluster: Cluster) -> Mapping[str, int]:
    """Calls so far by webhook, such as `inject`; those that were never called are left out."""
    counted: dict[str, int] = {}
    for name, count in _CALLS.findall(cluster.kubectl("get", "--raw=/metrics").stdout):
        counted[name] = counted.get(name, 0) + int(count)
    return counted
