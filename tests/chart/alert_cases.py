"""For each alert what makes it fire, and what comes close and does not, as promtool's input."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Labels = Mapping[str, str]

_API = 'job="apiserver",instance="a",name="%s"'
_REJECTED = f'apiserver_admission_webhook_rejection_count{{{_API},error_type="%s"}}'
_VALIDATE = "validate.redis-memory-guard.dev"
_OPENED = f"apiserver_admission_webhook_fail_open_count{{{_API}}}"
_INJECT = "inject.redis-memory-guard.dev"
_UP = {'up{job="apiserver",instance="a"}': "1x120"}
_READY = 'redis_memory_guard_ready{instance="%s"}'
_OURS = "redis_memory_guard_review_duration_seconds_bucket"
_THEIRS = "apiserver_admission_webhook_admission_duration_seconds_bucket"
_CERTIFICATE = 'redis_memory_guard_certificate_expiry_timestamp_seconds{instance="a"}'
_CA = 'redis_memory_guard_certs_certificate_expiry_timestamp_seconds{certificate="%s"}'
_CERTS = "redis_memory_guard_certs_last_success_timestamp_seconds"
_HANDSHAKE = 'redis_memory_guard_tls_handshake_failures_total{cause="%s"}'
_BUGS = 'redis_memory_guard_internal_errors_total{webhook="mutate"}'
_READS = 'redis_memory_guard_config_map_reads_total{outcome="%s"}'
_POLICY = 'redis_memory_guard_policy_info{instance="%s",sha256="%s"}'
_REVIEWS = 'redis_memory_guard_reviews_total{webhook="mutate",allowed="%s",dry_run="%s"}'
_AUDIT = "redis_memory_guard_audit_last_success_timestamp_seconds"
_POD = 'namespace="shop",pod="cart-0"'
_KILLED = (
    f'kube_pod_container_status_last_terminated_reason{{{_POD},container="redis",reason="%s"}}'
)
_ENDED = f'kube_pod_container_status_terminated_reason{{{_POD},container="redis",reason="%s"}}'
_RESTARTS = f'kube_pod_container_status_restarts_total{{{_POD},container="redis"}}'
_LABELS = f'kube_pod_labels{{{_POD},label_redis_memory_guard_dev_guarded="true"}}'
_OTHER_LABELS = f"kube_pod_labels{{{_POD}}}"
_SEEN_KILLED = 'redis_memory_guard_servers_oom_killed{namespace="shop",guarded="%s"}'
_DAY = 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """One alert that fires: its labels beside the severity, and its summary."""

    severity: str
    labels: Labels = field(default_factory=dict)
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Series, a value a minute in promtool's notation, and what fires at that time of them."""

    alert: str
    what: str
    series: Mapping[str, str]
    at: str
    fires: tuple[Firing, ...] = ()


def _critical(summary: str, **labels: str) -> tuple[Firing, ...]:
    return (Firing(severity="critical", labels=labels, summary=summary),)


def _warning(summary: str, **labels: str) -> tuple[Firing, ...]:
    return (Firing(severity="warning", labels=labels, summary=summary),)


def _info(summary: str, **labels: str) -> tuple[Firing, ...]:
    return (Firing(severity="info", labels=labels, summary=summary),)


_BLOCKED = _critical(
    "The API server refuses Redis Pods, as validate.redis-memory-guard.dev cannot be called "
    "(calling_webhook_error).",
    name=_VALIDATE,
    error_type="calling_webhook_error",
)
_OPEN = _warning(
    "The API server goes on without inject.redis-memory-guard.dev, as nobody answers: Redis gets "
    "no ceiling.",
    name=_INJECT,
)
_KILL = _warning(
    "A Redis in shop (cart-0) was killed for memory in spite of its ceiling.",
    namespace="shop",
    pod="cart-0",
    container="redis",
)

CASES = (
    Case(
        alert="RedisMemoryGuardBlocksRedis",
        what="one more rejection",
        series={**_UP, _REJECTED % (_VALIDATE, "calling_webhook_error"): "3x20 4x40"},
        at="25m",
        fires=_BLOCKED,
    ),
    Case(
        alert="RedisMemoryGuardBlocksRedis",
        what="the first rejection ever",
        series={**_UP, _REJECTED % (_VALIDATE, "calling_webhook_error"): "_x20 1x40"},
        at="25m",
        fires=_BLOCKED,
    ),
    Case(
        alert="RedisMemoryGuardBlocksRedis",
        what="none within ten minutes",
        series={**_UP, _REJECTED % (_VALIDATE, "calling_webhook_error"): "3x20 4x40"},
        at="33m",
    ),
    Case(
        alert="RedisMemoryGuardBlocksRedis",
        what="an API server that was not scraped before",
        series={
            'up{job="apiserver",instance="a"}': "_x20 1x40",
            _REJECTED % (_VALIDATE, "calling_webhook_error"): "_x20 1x40",
        },
        at="25m",
    ),
    Case(
        alert="RedisMemoryGuardBlocksRedis",
        what="a denial of ours",
        series={**_UP, _REJECTED % (_VALIDATE, "no_error"): "0+1x60"},
        at="25m",
    ),
    Case(
        alert="RedisMemoryGuardBlocksRedis",
        what="somebody else's webhook",
        series={**_UP, _REJECTED % ("validate.example.com", "calling_webhook_error"): "0+1x60"},
        at="25m",
    ),
    Case(
        alert="RedisMemoryGuardFailsOpen",
        what="one more",
        series={**_UP, _OPENED % _INJECT: "3x20 4x40"},
        at="25m",
        fires=_OPEN,
    ),
    Case(
        alert="RedisMemoryGuardFailsOpen",
        what="the first ever",
        series={**_UP, _OPENED % _INJECT: "_x20 1x40"},
        at="25m",
        fires=_OPEN,
    ),
    Case(
        alert="RedisMemoryGuardFailsOpen",
        what="none within ten minutes",
        series={**_UP, _OPENED % _INJECT: "3x20 4x40"},
        at="33m",
    ),
    Case(
        alert="RedisMemoryGuardFailsOpen",
        what="somebody else's webhook",
        series={**_UP, _OPENED % "inject.example.com": "0+1x60"},
        at="25m",
    ),
    Case(
        alert="RedisMemoryGuardDown",
        what="no replica is ready for five minutes",
        series={_READY % "a": "1x10 0x20", _READY % "b": "0x30"},
        at="16m",
        fires=_critical("No replica of the webhook is ready, or none is scraped."),
    ),
    Case(
        alert="RedisMemoryGuardDown",
        what="for less",
        series={_READY % "a": "1x10 0x20", _READY % "b": "0x30"},
        at="15m",
    ),
    Case(
        alert="RedisMemoryGuardDown",
        what="one is",
        series={_READY % "a": "1x30", _READY % "b": "0x30"},
        at="20m",
    ),
    Case(
        alert="RedisMemoryGuardOneReplica",
        what="one is left for a quarter of an hour",
        series={_READY % "a": "1x30", _READY % "b": "0x30"},
        at="15m",
        fires=_warning("Only one replica of the webhook is ready, of 2."),
    ),
    Case(
        alert="RedisMemoryGuardOneReplica",
        what="a roll-out",
        series={_READY % "a": "1x30", _READY % "b": "0x13 1x17"},
        at="20m",
    ),
    Case(
        alert="RedisMemoryGuardSlow",
        what="two in a hundred take longer than 0.25 s in the process",
        series={
            f'{_OURS}{{webhook="mutate",le="0.25"}}': "0+98x60",
            f'{_OURS}{{webhook="mutate",le="1.0"}}': "0+100x60",
            f'{_OURS}{{webhook="mutate",le="+Inf"}}': "0+100x60",
        },
        at="30m",
        fires=_warning("One of a hundred calls of mutate takes 625ms or more.", webhook="mutate"),
    ),
    Case(
        alert="RedisMemoryGuardSlow",
        what="two in a hundred take longer than 0.5 s as the API server sees it",
        series={
            f'{_THEIRS}{{name="{_INJECT}",le="0.5"}}': "0+98x60",
            f'{_THEIRS}{{name="{_INJECT}",le="1"}}': "0+100x60",
            f'{_THEIRS}{{name="{_INJECT}",le="+Inf"}}': "0+100x60",
        },
        at="30m",
        fires=_warning(
            "One of a hundred calls of inject.redis-memory-guard.dev takes 750ms or more.",
            name=_INJECT,
        ),
    ),
    Case(
        alert="RedisMemoryGuardSlow",
        what="one in a hundred does",
        series={
            f'{_OURS}{{webhook="mutate",le="0.25"}}': "0+99x60",
            f'{_OURS}{{webhook="mutate",le="1.0"}}': "0+100x60",
            f'{_OURS}{{webhook="mutate",le="+Inf"}}': "0+100x60",
            f'{_THEIRS}{{name="{_INJECT}",le="0.5"}}': "0+99x60",
            f'{_THEIRS}{{name="{_INJECT}",le="1"}}': "0+100x60",
            f'{_THEIRS}{{name="{_INJECT}",le="+Inf"}}': "0+100x60",
        },
        at="30m",
    ),
    Case(
        alert="RedisMemoryGuardCertificateExpires",
        what="five of thirty days are left, less half an hour",
        series={_CERTIFICATE: f"{5 * _DAY}x60"},
        at="30m",
        fires=_critical("The certificate that a serves ends in 4d 23h 30m 0s.", instance="a"),
    ),
    Case(
        alert="RedisMemoryGuardCertificateExpires",
        what="five days are left",
        series={_CERTIFICATE: f"{5 * _DAY + 1800}x60"},
        at="30m",
    ),
    Case(
        alert="RedisMemoryGuardNoCertificate",
        what="a replica without one",
        series={
            _READY % "a": "0x30",
            _READY % "b": "1x30",
            _CERTIFICATE.replace('"a"', '"b"'): "1x30",
        },
        at="5m",
        fires=_critical("a has no certificate to serve with.", instance="a"),
    ),
    Case(
        alert="RedisMemoryGuardNoCertificate",
        what="it came within five minutes",
        series={_READY % "a": "0x30", _CERTIFICATE: "_x4 1x30"},
        at="6m",
    ),
    Case(
        alert="RedisMemoryGuardAuthorityExpires",
        what="a sixth of a year is left, less half an hour",
        series={_CA % "ca": f"{365 * _DAY // 6}x60"},
        at="30m",
        fires=_warning(
            "The CA that signs the webhook's certificate ends in 60d 19h 30m 0s, and is not "
            "rotated.",
            certificate="ca",
        ),
    ),
    Case(
        alert="RedisMemoryGuardAuthorityExpires",
        what="a sixth is left, and it is no matter of the serving certificate",
        series={_CA % "ca": f"{365 * _DAY // 6 + 1800}x60", _CA % "serving": "0x60"},
        at="30m",
    ),
    Case(
        alert="RedisMemoryGuardCertsStalled",
        what="nothing was in order since the beginning",
        series={_CERTS: "0x90"},
        at="76m",
        fires=_warning(
            "The certificate process has not found everything in order for an hour, or is not "
            "scraped."
        ),
    ),
    Case(
        alert="RedisMemoryGuardCertsStalled",
        what="for a little less",
        series={_CERTS: "0x90"},
        at="75m",
    ),
    Case(
        alert="RedisMemoryGuardCertsStalled",
        what="it is not scraped",
        series={_READY % "a": "1x30"},
        at="15m",
        fires=_warning(
            "The certificate process has not found everything in order for an hour, or is not "
            "scraped."
        ),
    ),
    Case(
        alert="RedisMemoryGuardCaBundleRefused",
        what="the API server closes each handshake",
        series={_HANDSHAKE % "refused-by-peer": "0x5 0+1x25"},
        at="15m",
        fires=_warning("Whoever calls the webhook does not accept its certificate."),
    ),
    Case(
        alert="RedisMemoryGuardCaBundleRefused",
        what="somebody speaks no TLS",
        series={_HANDSHAKE % "refused-by-peer": "0x30", _HANDSHAKE % "not-tls": "0+1x30"},
        at="15m",
    ),
    Case(
        alert="RedisMemoryGuardInternalError",
        what="the first bug",
        series={_BUGS: "0x10 1x20"},
        at="12m",
        fires=_warning("A bug was met (mutate); the log has its traceback.", webhook="mutate"),
    ),
    Case(
        alert="RedisMemoryGuardInternalError",
        what="a bug of a while ago",
        series={_BUGS: "0x10 1x20"},
        at="22m",
    ),
    Case(
        alert="RedisMemoryGuardConfigMapsUnreadable",
        what="the right is missing",
        series={_READS % "forbidden": "0x5 0+1x25"},
        at="15m",
        fires=_warning(
            "ConfigMaps that configure Redis cannot be read (forbidden): ceilings are chosen "
            "without them.",
            outcome="forbidden",
        ),
    ),
    Case(
        alert="RedisMemoryGuardConfigMapsUnreadable",
        what="a Pod names one that is not there, or too large",
        series={_READS % each: "0+1x30" for each in ("not-found", "read", "too-large")},
        at="15m",
    ),
    Case(
        alert="RedisMemoryGuardPolicyDiffers",
        what="for a quarter of an hour",
        series={_POLICY % ("a", "one"): "1x30", _POLICY % ("b", "two"): "1x30"},
        at="15m",
        fires=_warning("The replicas follow 2 different policies."),
    ),
    Case(
        alert="RedisMemoryGuardPolicyDiffers",
        what="the same",
        series={_POLICY % ("a", "one"): "1x30", _POLICY % ("b", "one"): "1x30"},
        at="15m",
    ),
    Case(
        alert="RedisMemoryGuardDenies",
        what="Pods are refused",
        series={_REVIEWS % ("false", "false"): "0x10 2x80"},
        at="60m",
        fires=_info("2 Redis Pods were refused within an hour (mutate).", webhook="mutate"),
    ),
    Case(
        alert="RedisMemoryGuardDenies",
        what="dry runs are, and others are admitted",
        series={
            _REVIEWS % ("false", "true"): "0+1x90",
            _REVIEWS % ("true", "false"): "0+1x90",
            _REVIEWS % ("false", "false"): "0x90",
        },
        at="60m",
    ),
    Case(
        alert="GuardedRedisOOMKilled",
        what="it was restarted",
        series={_KILLED % "OOMKilled": "_x10 1x20", _RESTARTS: "0x10 1x20", _LABELS: "1x30"},
        at="15m",
        fires=_KILL,
    ),
    Case(
        alert="GuardedRedisOOMKilled",
        what="it is not restarted",
        series={_ENDED % "OOMKilled": "1x30", _RESTARTS: "0x30", _LABELS: "1x30"},
        at="15m",
        fires=_KILL,
    ),
    Case(
        alert="GuardedRedisOOMKilled",
        what="the audit saw it, without kube-state-metrics",
        series={_SEEN_KILLED % "true": "1x30", _SEEN_KILLED % "false": "2x30"},
        at="15m",
        fires=_warning(
            "A Redis in shop () was killed for memory in spite of its ceiling.",
            namespace="shop",
            guarded="true",
        ),
    ),
    Case(
        alert="GuardedRedisOOMKilled",
        what="it ended otherwise",
        series={_KILLED % "Error": "_x10 1x20", _RESTARTS: "0x10 1x20", _LABELS: "1x30"},
        at="15m",
    ),
    Case(
        alert="GuardedRedisOOMKilled",
        what="the kill was long ago",
        series={_KILLED % "OOMKilled": "1x60", _RESTARTS: "1x60", _LABELS: "1x60"},
        at="30m",
    ),
    Case(
        alert="GuardedRedisOOMKilled",
        what="it has no ceiling of ours",
        series={
            _KILLED % "OOMKilled": "_x10 1x20",
            _RESTARTS: "0x10 1x20",
            _OTHER_LABELS: "1x30",
            _SEEN_KILLED % "false": "1x30",
        },
        at="15m",
    ),
    Case(
        alert="RedisUnguarded",
        what="for an hour",
        series={'redis_memory_guard_servers_unguarded{namespace="shop"}': "2x90"},
        at="60m",
        fires=_info("2 Redis servers in shop run without a ceiling.", namespace="shop"),
    ),
    Case(
        alert="RedisUnguarded",
        what="until they were made anew",
        series={'redis_memory_guard_servers_unguarded{namespace="shop"}': "2x50 0x40"},
        at="60m",
    ),
    Case(
        alert="RedisMemoryGuardAuditStale",
        what="for three intervals and half an hour",
        series={_AUDIT: "0x300"},
        at="211m",
        fires=_info("The audit has not looked at the whole cluster for three of its intervals."),
    ),
    Case(
        alert="RedisMemoryGuardAuditStale",
        what="for a little less",
        series={_AUDIT: "0x300"},
        at="210m",
    ),
    Case(
        alert="RedisMemoryGuardAuditStale",
        what="it is not scraped",
        series={_READY % "a": "1x60"},
        at="30m",
        fires=_info("The audit has not looked at the whole cluster for three of its intervals."),
    ),
)
