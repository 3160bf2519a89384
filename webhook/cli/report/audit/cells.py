"""The words of an audit's columns, for every output that people read."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from webhook.audit.fate import Fate, fate_of, limit_for
from webhook.audit.live import LiveServer
from webhook.audit.risks import risks_of
from webhook.audit.server import AuditedServer, RunningServer
from webhook.cli.report.audit.report import AuditReport
from webhook.domain.evaluation.outcome import Outcome
from webhook.domain.kubernetes.image_reference import ImageError, parse_image
from webhook.domain.kubernetes.quantity import format_bytes, format_mebibytes
from webhook.domain.policy.settings import Policy

NOTHING = "-"
COLUMNS = (
    "NAMESPACE",
    "WORKLOAD",
    "PODS",
    "IMAGE",
    "LIMIT",
    "NOW",
    "WHEN RE-CREATED",
    "OOM",
    "USED/PEAK",
    "RISK",
)
WIDE_COLUMNS = (
    "CONTAINER",
    "NODE",
    "SNAPSHOTS",
    "LIVE",
    "RULE",
    "LIMIT FOR PEAK",
)
_LONGEST_IMAGE = 32
_KIBI = 1024


def cells_of(server: AuditedServer, report: AuditReport) -> Mapping[str, str]:
    """Give the text of every column, the wide ones too."""
    workload = server.workload
    own = str(workload) if server.owner is None else f"{workload} of {server.owner}"
    return {
        "NAMESPACE": workload.namespace,
        "WORKLOAD": own,
        "PODS": _pods(server),
        "IMAGE": _image(server.outcome.container.image),
        "LIMIT": _limit(server),
        "NOW": now(server),
        "WHEN RE-CREATED": when_recreated(server),
        "OOM": _oom(server, report.taken_at),
        "USED/PEAK": _used(server),
        "RISK": ", ".join(risks_of(server)) or NOTHING,
        "CONTAINER": server.outcome.container.name,
        "NODE": _listed(each.node for each in server.pods),
        "SNAPSHOTS": str(server.outcome.snapshots or NOTHING),
        "LIVE": _listed(_live(each) for each in server.pods),
        "RULE": _rule(report.policy, workload.namespace),
        "LIMIT FOR PEAK": _limit_for_peak(server, report.policy),
    }


def now(server: AuditedServer) -> str:
    """Say what holds the server's Pods now."""
    if not server.pods:
        return "not running"
    return _listed(_ceiling(each) for each in server.pods)


def when_recreated(server: AuditedServer) -> str:
    """Say what becomes of the server in its next Pod."""
    outcome = server.outcome
    match fate_of(server):
        case Fate.REFUSED:
            reasons = dict.fromkeys(str(each.reason) for each in server.evaluation.denied)
            return f"REFUSED {', '.join(reasons)}"
        case Fate.CEILING | Fate.RESPECTED if not server.is_enforced:
            return "as now (audit)"
        case Fate.CEILING:
            return _planned(outcome)
        case Fate.RESPECTED:
            return "respected"
        case Fate.UNREACHABLE:
            return f"no ceiling: {outcome.reason}"
        case Fate.EXEMPT:
            return f"exempt: {outcome.reason}"


def age(then: datetime, today: datetime) -> str:
    """Say how long ago something was, in its largest unit."""
    seconds = max(int((today - then).total_seconds()), 0)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _planned(outcome: Outcome) -> str:
    sizing = outcome.sizing
    if sizing is None:
        return NOTHING
    parts = [format_mebibytes(sizing.maxmemory), outcome.eviction_policy or "policy hidden"]
    return " ".join([*parts, *(["durable"] if outcome.forks else [])])


def _ceiling(pod: RunningServer) -> str:
    if pod.ceiling is None:
        return "no ceiling"
    return f"{format_mebibytes(pod.ceiling)} {pod.eviction_policy or 'noeviction'}"


def _pods(server: AuditedServer) -> str:
    if server.is_suspended:
        return "suspended"
    ready = sum(each.state.is_running for each in server.pods)
    if server.replicas is None:
        return str(ready)
    return f"{ready}/{server.replicas}"


def _image(reference: str) -> str:
    try:
        image = parse_image(reference)
    except ImageError:
        return reference or NOTHING
    name = image.repository.removeprefix("library/")
    if image.registry != "docker.io":
        name = f"{image.registry}/{name}"
    text = f"{name}:{image.tag}" if image.tag else name
    return text if len(text) <= _LONGEST_IMAGE else f"…{text[1 - _LONGEST_IMAGE :]}"


def _limit(server: AuditedServer) -> str:
    sizing = server.outcome.sizing
    limit = server.outcome.container.memory_limit if sizing is None else sizing.limit
    return "none" if limit is None else format_bytes(limit)


def _oom(server: AuditedServer, today: datetime) -> str:
    kills = [each.state.oom_killed_at for each in server.pods]
    latest = max((each for each in kills if each is not None), default=None)
    counted = server.usage.oom_kills if server.usage is not None else None
    if latest is not None:
        count = f"{counted}, " if counted else ""
        return f"{count}{age(latest, today)} ago"
    if counted:
        return str(counted)
    return "exit 137" if any(each.state.was_killed for each in server.pods) else NOTHING


def _used(server: AuditedServer) -> str:
    if server.used is None or server.peak is None:
        return _listed(
            str(each.live)
            for each in server.pods
            if each.live is not None and not isinstance(each.live, LiveServer)
        )
    return f"{_measured(server.used)}/{_measured(server.peak)}"


def _measured(count: int) -> str:
    """Write what was measured: whole kibibytes are exact enough for an empty server's."""
    return format_mebibytes(count - count % _KIBI)


def _live(pod: RunningServer) -> str:
    live = pod.live
    if live is None:
        return NOTHING
    if not isinstance(live, LiveServer):
        return str(live)
    expiring = f"{live.expiring} of {live.keys} keys expire"
    return f"{live.role} {live.version}, {expiring}, {live.evicted} evicted"


def _rule(policy: Policy, namespace: str) -> str:
    for number, rule in enumerate(policy.rules):
        if not rule.labels and rule.matches(namespace):
            return f"rules[{number}]"
    return "defaults"


def _limit_for_peak(server: AuditedServer, policy: Policy) -> str:
    sizing = server.outcome.sizing
    if server.peak is None or sizing is None:
        return NOTHING
    headroom = policy.headroom_for(server.workload.namespace, server.evaluation.pod.labels)
    limit = limit_for(server.peak, sizing.profile, headroom, volumes=sizing.volumes)
    return format_bytes(limit)


def _listed(texts: Iterable[str]) -> str:
    """Join different texts; the same of several Pods stands once."""
    different = dict.fromkeys(text for text in texts if text)
    return ", ".join(different) or NOTHING
