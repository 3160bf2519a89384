"""docs/metrics.md: every metric of both processes, out of their registries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric

from certs.metrics import Metrics as CertsMetrics
from certs.state import TrustedCAs
from tests.harness.builders import a_container, a_pod, a_review
from tests.unit.certs.builders import ca, serving, state
from webhook.admission.handling import handle, read_nothing
from webhook.admission.mutate import mutate
from webhook.cli.commands.observe.metrics import AuditMetrics
from webhook.cli.report.audit.gauges import counted_servers
from webhook.cli.report.audit.report import AuditReport
from webhook.domain.policy.settings import Mode, Policy
from webhook.observability.labels import ReadOutcome
from webhook.observability.metrics import WebhookMetrics

_PREFIX = "redis_memory_guard"
_OF_ONE_SAMPLE = frozenset({"le", "quantile"})
_HEAD = """\
# Metrics

Every metric of the three processes, made from their registries by `make generate`. Each label has a
closed set of values, but for the audit's `namespace`. Counters end in `_total`, times are in
seconds. What to watch, and what it means: [operations.md](operations.md#what-to-watch).
"""

_REPORT = AuditReport(
    cluster="",
    version="",
    policy=Policy(),
    policy_source="",
    assumed=Mode.ENFORCE,
    taken_at=datetime(2026, 1, 1, tzinfo=UTC),
    servers=(),
    all_servers=(),
    namespaces=0,
    pods_seen=0,
)


def render_metrics() -> str:
    """Write the page."""
    parts = [
        _HEAD,
        "## The webhook\n",
        *_table(_webhook()),
        "\n## The certificate process\n",
        *_table(_certs()),
        "\n## The audit\n",
        *_table(_audit(), {gauge.name: gauge.labels for gauge in counted_servers(_REPORT)}),
    ]
    return "\n".join(parts) + "\n"


def _webhook() -> CollectorRegistry:
    """Give a registry in which every metric has been counted once, for its labels to be seen."""
    metrics = WebhookMetrics()
    small = a_container(limit="64Mi")
    admitted = handle(
        a_review(a_pod(small)), mutate, policy=Policy(), read_config_maps=read_nothing
    )
    metrics.admitted("mutate", admitted, seconds=0.001)
    metrics.client_error("mutate", status=400)
    metrics.read_config_maps([ReadOutcome.READ], seconds=0.001)
    metrics.serves_policy(Policy(), sha256="")
    metrics.watch_readiness(lambda: True, lambda: False)
    metrics.watch_certificate(lambda: None)
    metrics.watch_connections(lambda: 0)
    return metrics.registry


def _certs() -> CollectorRegistry:
    """Give a registry that has seen a CA and a serving certificate, for their labels to be seen."""
    metrics, signer = CertsMetrics(), ca()
    metrics.saw(state(TrustedCAs(signer=signer), serving(signer)))
    return metrics.registry


def _audit() -> CollectorRegistry:
    registry = CollectorRegistry()
    AuditMetrics(registry).taken(_REPORT, 1.0)
    return registry


def _table(
    registry: CollectorRegistry, counted: Mapping[str, Sequence[str]] | None = None
) -> Iterator[str]:
    """List the metrics; those `counted` have these labels, also where nothing was counted."""
    yield "| metric | type | labels | tells |"
    yield "|---|---|---|---|"
    for metric in sorted(_ours(registry.collect()), key=lambda each: each.name):
        name = f"{metric.name}_total" if metric.type == "counter" else metric.name
        labels = ", ".join(f"`{label}`" for label in (counted or {}).get(name, _labels(metric)))
        yield f"| `{name}` | {metric.type} | {labels} | {metric.documentation} |"


def _ours(metrics: Iterable[Metric]) -> Iterator[Metric]:
    return (metric for metric in metrics if metric.name.startswith(_PREFIX))


def _labels(metric: Metric) -> list[str]:
    names = (name for sample in metric.samples for name in sample.labels)
    return [name for name in dict.fromkeys(names) if name not in _OF_ONE_SAMPLE]
