"""How often the API server called us, and what with, by its own metrics."""

import re
from collections import Counter
from collections.abc import Mapping

from tests.harness.cluster import Cluster
from tests.harness.webhook_calls import parse_calls

_OURS = ".redis-memory-guard.dev"
_ANSWERED = re.compile(
    r'^apiserver_admission_webhook_request_total\{code="(\d+)",'
    rf'name="[^"]+{re.escape(_OURS)}".*\}} (\S+)$',
    re.M,
)


def calls(cluster: Cluster) -> Mapping[str, int]:
    """Calls so far by webhook, such as `inject`; those that were never called are left out."""
    metrics = cluster.kubectl("get", "--raw=/metrics").stdout
    return {
        name.removesuffix(_OURS): made.count
        for name, made in parse_calls(metrics).items()
        if name.endswith(_OURS)
    }


def answers(cluster: Cluster) -> Counter[int]:
    """Answers of all our webhooks so far, by status: 200, 403 of a refusal, or a failed call's."""
    metrics = cluster.kubectl("get", "--raw=/metrics").stdout
    found: Counter[int] = Counter()
    for code, count in _ANSWERED.findall(metrics):
        found[int(code)] += int(float(count))
    return found
