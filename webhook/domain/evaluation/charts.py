"""The charts and operators by which people install servers, and the settings that mend a finding.

A Pod of a chart is not written by hand: YAML for its container is overwritten at the next upgrade.
Read from the charts' own values and templates; docs/charts.md tells what was read where.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from webhook.domain.evaluation.outcome import Outcome
from webhook.domain.kubernetes.pod import Pod
from webhook.domain.reasons import Reason

_FOR_THE_LIMIT = frozenset({Reason.NO_MEMORY_LIMIT, Reason.LIMIT_TOO_SMALL})
_FOR_THE_CEILING = frozenset(
    {
        Reason.IMAGE_IGNORES_OPTIONS,
        Reason.LAUNCH_UNDECIDABLE,
        Reason.OPERATOR_MANAGED,
        Reason.OPTIONS_VARIABLE_HIDDEN,
        Reason.UNREADABLE_SCRIPT,
        Reason.UNREADABLE_SHELL_TEXT,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart or an operator, and where its settings hold the memory limit and the ceiling.

    A Pod is of it when it has all `labels`; where `chart` is given, the label `helm.sh/chart` (in
    older charts `chart`) has to name that chart, in a version `below` that one, and `vendor` has to
    be in the image. `limit` and `ceiling` are paths of values; `{component}` in them is the Pod's
    component, by the chart's word for its section.
    """

    title: str
    labels: Mapping[str, str] = field(default_factory=dict)
    chart: str = ""
    below: int | None = None
    vendor: str = ""
    limit: str
    ceiling: str
    sections: Mapping[str, str] = field(default_factory=dict)

    def is_of(self, labels: Mapping[str, str], image: str) -> bool:
        """Tell whether a Pod with these labels is of the chart."""
        label = labels.get("helm.sh/chart") or labels.get("chart", "")
        named, _, version = label.rpartition("-")
        return (
            all(labels.get(name) == value for name, value in self.labels.items())
            and (not self.chart or named == self.chart)
            and (self.below is None or _major(version) < self.below)
            and self.vendor in image
        )


def _major(version: str) -> int:
    major = version.partition(".")[0]
    return int(major) if re.fullmatch("[0-9]{1,4}", major) else _BITNAMIS_FIRST


_NODES = {"node": "replica"}
_LINES = "with the lines maxmemory and maxmemory-policy"
_BITNAMIS_FIRST = 3
"""Of that version and later are only Bitnami's charts redis and valkey; the others are younger."""


def _bitnami(
    chart: str,
    limit: str,
    ceiling: str,
    *,
    vendor: str = "bitnami",
    sections: Mapping[str, str] = MappingProxyType({}),
) -> Chart:
    return Chart(
        title=f"Bitnami's chart {chart}",
        chart=chart,
        vendor=vendor,
        limit=limit,
        ceiling=f"{ceiling}, {_LINES}",
        sections=sections,
    )


CHARTS = (
    Chart(
        title="Argo CD's chart",
        labels={"app.kubernetes.io/name": "argocd-redis"},
        limit="redis.resources",
        ceiling="redis.extraArgs (--maxmemory, --maxmemory-policy)",
    ),
    Chart(
        title="Harbor's chart",
        labels={"app": "harbor", "component": "redis"},
        limit="redis.internal.resources",
        ceiling="redis.type: external, with a server of your own",
    ),
    Chart(
        title="the chart redis-ha",
        labels={"app": "redis-ha"},
        limit="redis.resources (as a part of Argo CD's chart redis-ha.redis.resources)",
        ceiling="redis.config.maxmemory and redis.config.maxmemory-policy",
    ),
    _bitnami("redis", "{component}.resources", "commonConfiguration", sections=_NODES),
    _bitnami("redis-cluster", "redis.resources", "redis.configmap", vendor=""),
    _bitnami("valkey", "{component}.resources", "commonConfiguration", sections=_NODES),
    _bitnami("valkey-cluster", "valkey.resources", "valkey.configmap", vendor=""),
    _bitnami("keydb", "{component}.resources", "commonConfiguration"),
    Chart(
        title="the chart redis of groundhog2k or CloudPirates",
        chart="redis",
        below=_BITNAMIS_FIRST,
        limit="resources",
        ceiling=f"redisConfig (groundhog2k) or extraConfig, {_LINES}",
    ),
    Chart(
        title="the chart valkey of valkey-io, groundhog2k or CloudPirates",
        chart="valkey",
        below=_BITNAMIS_FIRST,
        limit="resources",
        ceiling="valkeyConfig, or config.maxMemory and config.maxMemoryPolicy (CloudPirates)",
    ),
    Chart(
        title="the chart keydb",
        chart="keydb",
        vendor="eqalpha",
        limit="resources",
        ceiling="configExtraArgs (- maxmemory: 300mb)",
    ),
    Chart(
        title="KubeBlocks",
        labels={"app.kubernetes.io/managed-by": "kubeblocks"},
        limit="spec.componentSpecs[].resources of the Cluster",
        ceiling="an OpsRequest of type Reconfiguring that sets maxmemory",
    ),
    Chart(
        title="Spotahome's operator",
        labels={"app.kubernetes.io/managed-by": "redis-operator"},
        limit="spec.redis.resources of the RedisFailover",
        ceiling="spec.redis.customConfig of the RedisFailover (maxmemory, maxmemory-policy)",
    ),
    Chart(
        title="the OT operator",
        vendor="opstree/redis",
        limit="spec.kubernetesConfig.resources of the Redis",
        ceiling="spec.redisConfig.additionalRedisConfig, a ConfigMap with redis-additional.conf",
    ),
)
"""The first that a Pod is of counts."""


def with_settings_of_chart(pod: Pod, outcome: Outcome) -> Outcome:
    """Add to an outcome which settings of the Pod's chart do what its remedy asks for."""
    for_limit = outcome.reason in _FOR_THE_LIMIT
    if not (for_limit or outcome.reason in _FOR_THE_CEILING):
        return outcome
    image = outcome.container.image
    chart = next((each for each in CHARTS if each.is_of(pod.labels, image)), None)
    if chart is None:
        return outcome
    component = pod.labels.get("app.kubernetes.io/component") or pod.labels.get("role", "master")
    path = chart.limit if for_limit else chart.ceiling
    told = path.format(component=chart.sections.get(component, component))
    return replace(outcome, chart_settings=f"In the settings of {chart.title}: {told}.")
