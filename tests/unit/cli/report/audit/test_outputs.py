import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
import yaml

from tests.harness.builders import MEBI, Json, a_container
from tests.unit.audit.fake_cluster import FakeCluster, a_running_pod, a_workload
from tests.unit.audit.live_servers import live
from tests.unit.cli.report.audit.audit_schema import SCHEMA, validate
from webhook.audit.asking import with_live
from webhook.audit.gathering import Gap
from webhook.audit.live import LiveServer, Silence
from webhook.audit.live_script import Question
from webhook.audit.look import AuditBasis, look_at
from webhook.audit.risks import Risk
from webhook.audit.server import AuditedServer
from webhook.cli.report.audit.outputs import OUTPUTS, parse_output_file, render
from webhook.cli.report.audit.report import AuditReport, chosen
from webhook.cluster.execution import ExecTarget
from webhook.domain.policy.settings import Mode, Policy

NOW = datetime(2026, 3, 4, 3, 30, tzinfo=UTC)
KILLED = {"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-03-02T03:00:00Z"}
SPEC: Json = {"containers": [a_container()]}
BARE: Json = {"containers": [a_container(limit=None, image="redis:8.2")]}
GAP = Gap(namespace="vault", what="Pods", why="the API server answers 403: no")
EVIL = "<script>alert(1)</script>"


def servers() -> tuple[AuditedServer, ...]:
    """A Deployment whose server was killed for memory, one that is refused, a Job's own name."""
    cart = a_workload("Deployment", "cart", SPEC, replicas=1)
    replicas = a_workload("ReplicaSet", "cart-7d", SPEC, cart)
    pod = a_running_pod("cart-7d-x", SPEC, replicas, lastState={"terminated": KILLED})
    argo = a_workload("Deployment", "argocd-redis", BARE, replicas=1)
    cluster = FakeCluster(objects=[cart, replicas, pod, argo])
    return look_at("shop", cluster, AuditBasis(policy=Policy())).servers


def a_report(*, gaps: Sequence[Gap] = (), found: tuple[AuditedServer, ...] = ()) -> AuditReport:
    everything = found or servers()
    return AuditReport(
        cluster="prod",
        version="v1.37.2",
        policy=Policy(),
        policy_source="built-in",
        assumed=Mode.ENFORCE,
        taken_at=NOW,
        servers=chosen(everything, (), "risk"),
        all_servers=everything,
        namespaces=17,
        pods_seen=41,
        gaps=tuple(gaps),
    )


def asked(answer: LiveServer | Silence) -> tuple[AuditedServer, ...]:
    def ask(_target: ExecTarget, _question: Question) -> LiveServer | Silence:
        return answer

    return tuple(with_live(servers(), ask))


def test_the_table_has_a_line_for_each_server_and_says_what_to_do():
    lines = [" ".join(line.split()) for line in render(a_report(), "table").splitlines()]

    assert lines == [
        "cluster prod (v1.37.2) · policy built-in, mode enforce",
        "NAMESPACE WORKLOAD PODS IMAGE LIMIT NOW WHEN RE-CREATED OOM USED/PEAK RISK",
        lines[2],
        "shop Deployment argocd-redis 0/1 redis:8.2 none not running REFUSED no-memory-limit - - "
        "refused",
        "shop Deployment cart 1/1 redis:7 512Mi no ceiling 400Mi allkeys-lru 2 d ago - -",
        "",
        "2 Redis servers in 2 workloads of 17 namespaces (40 other Pods): 1 would get a ceiling, "
        "1 refused.",
        "Nothing changes for what runs. A container that restarts keeps what it has; a new Pod is "
        "evaluated: kubectl rollout restart -n shop deployment/cart",
        "Before enforce:",
        "1. shop/argocd-redis: needs resources.limits.memory (redis.resources of the argo-cd "
        "chart)",
    ]


def test_what_a_server_holds_is_compared_with_its_next_ceiling():
    text = render(a_report(found=asked(live())), "table")

    assert "450Mi/500Mi" in text
    assert "data-over-ceiling, maybe-queue" in text
    assert "shop/cart: holds 450Mi, and its next ceiling is 400Mi: raise its memory limit" in text


def test_an_empty_server_is_said_to_hold_some_kibibytes():
    text = render(a_report(found=asked(live(used=976_752, peak=MEBI))), "table")

    assert "953Ki/1Mi" in text


@pytest.mark.parametrize("silence", [Silence.NOAUTH, Silence.TLS_ONLY, Silence.TIMEOUT])
def test_a_server_that_tells_nothing_says_why_in_its_column(silence: Silence):
    table = render(a_report(found=asked(silence)), "table")

    (line,) = (each for each in table.splitlines() if "Deployment cart" in each)
    assert str(silence) in line


def test_wide_tells_the_limit_that_keeps_the_peak():
    wide = render(a_report(found=asked(live())), "wide")

    (line,) = (each for each in wide.splitlines() if "Deployment cart" in each)
    assert line.split()[-1] == "640Mi"


def test_what_could_not_be_read_is_said_in_every_output():
    report = a_report(gaps=[GAP])

    for output in ("table", "wide", "markdown", "html", "csv", "json", "yaml", "junit"):
        assert "vault" in render(report, output), output
    assert "INCOMPLETE" in render(report, "table")
    assert json.loads(render(report, "json"))["incomplete"] == [
        {"namespace": "vault", "what": "Pods", "why": GAP.why}
    ]
    assert "redis_memory_guard_audit_gaps 1" in render(report, "prometheus")
    assert "last_success_timestamp_seconds 1" not in render(report, "prometheus")


def test_json_tells_all_of_a_finding():
    output = json.loads(render(a_report(), "json"))

    finding = output["findings"][1]
    assert {name: finding[name] for name in list(finding)[:6]} == {
        "cluster": "prod",
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "namespace": "shop",
        "name": "cart",
        "container": "redis",
    }
    assert (finding["fate"], finding["risks"], finding["unguarded"]) == ("ceiling", [], True)
    assert (finding["maxmemoryBytes"], finding["replicas"]) == (400 * MEBI, 1)
    assert finding["pods"] == [
        {
            "name": "cart-7d-x",
            "node": "node-1",
            "created": "2026-03-01T10:00:00+00:00",
            "running": True,
            "restarts": 0,
            "oomKilledAt": "2026-03-02T03:00:00+00:00",
            "exit137": False,
            "ceilingBytes": None,
            "evictionPolicy": None,
            "drifted": False,
            "live": None,
        }
    ]
    assert output["summary"]["fates"] == {
        "ceiling": 1,
        "respected": 0,
        "refused": 1,
        "unreachable": 0,
        "exempt": 0,
    }
    assert output["takenAt"] == "2026-03-04T03:30:00+00:00"


@pytest.mark.parametrize("answer", [None, live(), live(saves=None), Silence.NOAUTH])
def test_json_is_what_its_schema_says(answer: LiveServer | Silence | None):
    found = servers() if answer is None else asked(answer)

    output = json.loads(render(a_report(found=found, gaps=[GAP]), "json"))

    validate(output)
    assert list(output["findings"][0]) == list(SCHEMA["$defs"]["finding"]["properties"])
    risks = SCHEMA["properties"]["summary"]["properties"]["risks"]["properties"]
    assert list(risks) == list(Risk)


def test_yaml_is_the_same_object():
    report = a_report()

    assert yaml.safe_load(render(report, "yaml")) == json.loads(render(report, "json"))


def test_csv_has_a_record_for_each_server():
    records = list(csv.DictReader(io.StringIO(render(a_report(), "csv"))))

    assert [each["WORKLOAD"] for each in records] == ["Deployment argocd-redis", "Deployment cart"]
    assert records[1]["WHEN RE-CREATED"] == "400Mi allkeys-lru"


def test_markdown_keeps_names_from_being_markup():
    text = render(a_report(), "markdown")

    assert (
        "| shop | Deployment cart | 1/1 | redis:7 | 512Mi | no ceiling | 400Mi allkeys-lru |"
        in text
    )
    assert "**2 Redis servers in 2 workloads" in text


def test_html_needs_nothing_else_and_escapes_names():
    evil = {"containers": [a_container(name="x", image=f"redis:7{EVIL}")]}
    cluster = FakeCluster(objects=[a_workload("Deployment", EVIL, evil)])
    found = look_at("shop", cluster, AuditBasis(policy=Policy())).servers

    page = render(a_report(found=(*servers(), *found)), "html")

    assert EVIL not in page
    assert "src=" not in page
    assert "href=" not in page
    assert "so it starts with --maxmemory 419430400" in page


def test_sarif_has_the_object_as_its_place():
    run = json.loads(render(a_report(), "sarif"))["runs"][0]

    places = [
        (each["level"], each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        for each in run["results"]
    ]
    assert places[0] == ("error", "prod/shop/Deployment/argocd-redis")
    assert ("note", "prod/shop/Deployment/cart") in places


def test_junit_fails_what_is_at_risk():
    suite = fromstring(render(a_report(gaps=[GAP]), "junit"))[0]  # noqa: S314 - our own

    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "3",
        "failures": "1",
        "errors": "1",
        "skipped": "0",
    }


def test_prometheus_counts_by_namespace():
    lines = render(a_report(), "prometheus").splitlines()

    assert 'redis_memory_guard_servers{namespace="shop",state="refused"} 1' in lines
    killed = 'redis_memory_guard_servers_oom_killed{namespace="shop",guarded="false"} 1'
    assert killed in lines
    assert 'redis_memory_guard_servers_unguarded{namespace="shop"} 1' in lines
    assert (
        f"redis_memory_guard_audit_last_success_timestamp_seconds {int(NOW.timestamp())}" in lines
    )


def test_a_report_of_openreports_is_one_for_each_workload():
    reports = list(yaml.safe_load_all(render(a_report(), "openreports")))

    assert [(each["scope"]["name"], each["summary"]["fail"]) for each in reports] == [
        ("argocd-redis", 1),
        ("cart", 0),
    ]
    assert reports[1]["results"][0]["result"] == "pass"
    assert reports[0]["results"][0]["rule"] == "no-memory-limit"


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_cluster_without_redis_has_a_report_too(output: str):
    report = AuditReport(
        cluster="prod",
        version="v1.37.2",
        policy=Policy(),
        policy_source="built-in",
        assumed=Mode.ENFORCE,
        taken_at=NOW,
        servers=(),
        all_servers=(),
        namespaces=1,
        pods_seen=9,
    )

    assert isinstance(render(report, output), str)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.html", ("html", Path("a.html"))),
        ("dir/a.xml", ("junit", Path("dir/a.xml"))),
        ("openreports=a.yaml", ("openreports", Path("a.yaml"))),
        ("a=b.json", ("json", Path("a=b.json"))),
    ],
)
def test_an_output_file_says_its_format(text: str, expected: tuple[str, Path]):
    assert parse_output_file(text) == expected


@pytest.mark.parametrize("text", ["report", "report.doc", "json="])
def test_an_output_file_without_a_format_is_refused(text: str):
    with pytest.raises(ValueError, match="tells no format"):
        parse_output_file(text)
