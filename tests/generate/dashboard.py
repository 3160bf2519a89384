"""The chart's Grafana dashboard: five questions, a row each, and the panels that answer them.

Sources: Grafana, Dashboard JSON model; the metrics are ours (docs/metrics.md), kube-apiserver's,
kube-state-metrics' and, for evictions and refused writes, redis_exporter's.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

_DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
_COLUMNS = 24
_PANELS_BESIDE = 3
_HEIGHT = 8

_OURS = 'name=~"[a-z-]+[.]redis-memory-guard[.]dev"'
_GUARDED = 'kube_pod_labels{label_redis_memory_guard_dev_guarded="true"}'
_REDIS = 'kube_pod_container_info{image=~".*(redis|valkey|keydb).*"}'
_KILLED = (
    "max by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total[1h]))"
    " and on (namespace, pod, container)"
    ' kube_pod_container_status_last_terminated_reason{reason="OOMKilled"} == 1'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A graph: each query by the legend of its series; `unit` is Grafana's name for it."""

    title: str
    queries: Mapping[str, str]
    unit: str = "short"
    tells: str = ""


ROWS: Mapping[str, tuple[Panel, ...]] = {
    "Is it in the way?": (
        Panel(
            title="Ready replicas",
            queries={
                "ready": "sum(redis_memory_guard_ready)",
                "draining": "sum(redis_memory_guard_draining)",
            },
        ),
        Panel(
            title="Redis Pods refused because nobody answered",
            queries={
                "{{name}} {{error_type}}": "sum by (name, error_type) (increase("
                f'apiserver_admission_webhook_rejection_count{{{_OURS}, error_type!="no_error"}}'
                "[$__rate_interval]))",
            },
            tells="As the API server counts it. Anything but zero holds up Pods.",
        ),
        Panel(
            title="Redis Pods let through because nobody answered",
            queries={
                "{{name}}": "sum by (name) (increase("
                f"apiserver_admission_webhook_fail_open_count{{{_OURS}}}[$__rate_interval]))",
            },
        ),
        Panel(
            title="What a Pod's create waits, as the API server sees it",
            unit="s",
            queries={
                f"{{{{name}}}} p{share}": f"histogram_quantile(0.{share}, sum by (name, le) (rate("
                f"apiserver_admission_webhook_admission_duration_seconds_bucket{{{_OURS}}}"
                "[$__rate_interval])))"
                for share in (50, 99)
            },
        ),
        Panel(
            title="Pods refused by us",
            queries={
                "{{webhook}}": "sum by (webhook) (increase(redis_memory_guard_reviews_total"
                '{allowed="false", dry_run="false"}[$__rate_interval]))',
            },
        ),
        Panel(
            title="Bugs",
            queries={
                "{{webhook}}": "sum by (webhook) (increase("
                "redis_memory_guard_internal_errors_total[$__rate_interval]))",
            },
        ),
    ),
    "What becomes of Redis?": (
        Panel(
            title="Verdicts on new Pods",
            queries={
                "{{verdict}}": "sum by (verdict) (increase(redis_memory_guard_decisions_total"
                '{webhook="mutate"}[$__rate_interval]))',
            },
        ),
        Panel(
            title="Reasons of what got no ceiling",
            queries={
                "{{reason}}": "sum by (reason) (increase(redis_memory_guard_decisions_total"
                '{webhook="mutate", verdict=~"deny|unenforceable|exempt"}[$__rate_interval])) > 0'
                " or vector(0)",
            },
        ),
        Panel(
            title="Warnings",
            queries={
                "{{reason}}": "sum by (reason) (increase(redis_memory_guard_warnings_total"
                '{webhook="mutate"}[$__rate_interval])) > 0 or vector(0)',
            },
        ),
        Panel(
            title="Servers of the cluster, by what becomes of their next Pod",
            queries={"{{state}}": "sum by (state) (redis_memory_guard_servers)"},
            tells="With audit.enabled.",
        ),
        Panel(
            title="Servers at risk",
            queries={"{{risk}}": "sum by (risk) (redis_memory_guard_servers_at_risk)"},
            tells="With audit.enabled.",
        ),
        Panel(
            title="Policies in force",
            queries={
                "{{mode}}, {{rules}} rules, {{sha256}}": "count by (sha256, mode, rules) ("
                "redis_memory_guard_policy_info)",
            },
            tells="More than one for longer than a roll-out: the replicas differ.",
        ),
    ),
    "What does it cost?": (
        Panel(
            title="Reviews a second",
            unit="reqps",
            queries={
                "{{webhook}}": "sum by (webhook) (rate(redis_memory_guard_reviews_total"
                "[$__rate_interval]))",
            },
        ),
        Panel(
            title="Time of a review",
            unit="s",
            queries={
                f"{{{{webhook}}}} p{share}": f"histogram_quantile(0.{share}, sum by (webhook, le) ("
                "rate(redis_memory_guard_review_duration_seconds_bucket[$__rate_interval])))"
                for share in (50, 99)
            },
        ),
        Panel(
            title="Reads of ConfigMaps",
            queries={
                "{{outcome}}": "sum by (outcome) (increase("
                "redis_memory_guard_config_map_reads_total[$__rate_interval]))",
            },
        ),
        Panel(
            title="Memory of a replica",
            unit="bytes",
            queries={
                "{{pod}}": "process_resident_memory_bytes"
                " * on (job, instance) group_left () redis_memory_guard_build_info",
            },
        ),
        Panel(
            title="CPU of a replica",
            unit="percentunit",
            queries={
                "{{pod}}": "rate(process_cpu_seconds_total[$__rate_interval])"
                " * on (job, instance) group_left () redis_memory_guard_build_info",
            },
        ),
        Panel(
            title="Connections and reviews in flight",
            queries={
                "connections": "sum(redis_memory_guard_connections)",
                "reviews": "sum(redis_memory_guard_reviews_in_flight)",
            },
        ),
    ),
    "Are the certificates in order?": (
        Panel(
            title="Days left",
            unit="d",
            queries={
                "served by {{pod}}": "(redis_memory_guard_certificate_expiry_timestamp_seconds"
                " - time()) / 86400",
                "{{certificate}}": "(redis_memory_guard_certs_certificate_expiry_timestamp_seconds"
                " - time()) / 86400",
            },
        ),
        Panel(
            title="Since the certificate process found all in order",
            unit="s",
            queries={
                "since": "time() - redis_memory_guard_certs_last_success_timestamp_seconds",
            },
        ),
        Panel(
            title="What stood in its way, and what it wrote",
            queries={
                "{{error}}": "sum by (error) (increase("
                "redis_memory_guard_certs_errors_total[$__rate_interval]))",
                "{{action}}": "sum by (action) (increase("
                "redis_memory_guard_certs_writes_total[$__rate_interval]))",
            },
        ),
        Panel(
            title="TLS handshakes that came to nothing",
            queries={
                "{{cause}}": "sum by (cause) (increase("
                "redis_memory_guard_tls_handshake_failures_total[$__rate_interval]))",
            },
        ),
    ),
    "Does it help?": (
        Panel(
            title="Kills for memory within an hour, guarded and not",
            queries={
                "guarded": f"sum({_KILLED} and on (namespace, pod) {_GUARDED}) or vector(0)",
                "without a ceiling of ours": f"sum({_KILLED} and on (namespace, pod, container)"
                f" {_REDIS} unless on (namespace, pod) {_GUARDED}) or vector(0)",
            },
            tells="From kube-state-metrics, with "
            "--metric-labels-allowlist=pods=[redis-memory-guard.dev/guarded].",
        ),
        Panel(
            title="Servers without a ceiling now",
            queries={"{{namespace}}": "redis_memory_guard_servers_unguarded"},
            tells="With audit.enabled.",
        ),
        Panel(
            title="Servers whose last end was a kill for memory",
            queries={
                "guarded: {{guarded}}": "sum by (guarded) (redis_memory_guard_servers_oom_killed)",
            },
            tells="With audit.enabled.",
        ),
        Panel(
            title="Used of the ceiling",
            unit="percentunit",
            queries={
                "{{namespace}}/{{pod}}": "redis_memory_used_bytes / (redis_memory_max_bytes > 0)",
            },
            tells="From redis_exporter.",
        ),
        Panel(
            title="Evicted keys a second",
            queries={"evicted": "sum(rate(redis_evicted_keys_total[$__rate_interval]))"},
            tells="From redis_exporter.",
        ),
        Panel(
            title="Refused writes a second",
            queries={
                "refused": 'sum(rate(redis_errors_total{err="OOM"}[$__rate_interval]))'
                " or vector(0)",
            },
            tells="From redis_exporter: commands answered with OOM.",
        ),
    ),
}
"""The panels by the question that they answer."""


def render_dashboard() -> str:
    """Write the dashboard for Grafana to import."""
    dashboard = {
        "uid": "redis-memory-guard",
        "title": "redis-memory-guard",
        "tags": ["redis", "admission"],
        "schemaVersion": 39,
        "editable": True,
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "1m",
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]
        },
        "panels": list(_panels()),
    }
    return json.dumps(dashboard, indent=2) + "\n"


def _panels() -> Iterator[Mapping[str, Any]]:
    ids = count(1)
    top = 0
    for question, panels in ROWS.items():
        yield {
            "id": next(ids),
            "type": "row",
            "title": question,
            "collapsed": False,
            "gridPos": {"x": 0, "y": top, "w": _COLUMNS, "h": 1},
            "panels": [],
        }
        for place, panel in enumerate(panels):
            down, right = divmod(place, _PANELS_BESIDE)
            width = _COLUMNS // _PANELS_BESIDE
            corner = {"x": right * width, "y": top + 1 + down * _HEIGHT, "w": width, "h": _HEIGHT}
            yield {"id": next(ids), "gridPos": corner, **_graph(panel)}
        top += 1 + -(-len(panels) // _PANELS_BESIDE) * _HEIGHT


def _graph(panel: Panel) -> Mapping[str, Any]:
    return {
        "type": "timeseries",
        "title": panel.title,
        "description": panel.tells,
        "datasource": _DATASOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}},
        "targets": [
            {
                "refId": chr(ord("A") + place),
                "datasource": _DATASOURCE,
                "expr": expression,
                "legendFormat": legend,
            }
            for place, (legend, expression) in enumerate(panel.queries.items())
        ],
    }
