"""Each alert fires when it should and not before, and leads to its runbook."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.alert_cases import CASES, Case, Firing
from tests.chart.rendering import CHART, RefusedError, promtool_program, render
from tests.harness.command import run

RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks.md"
ALL = {"prometheusRule": {"enabled": True}, "audit": {"enabled": True}}
NAMES = tuple(dict.fromkeys(case.alert for case in CASES))
"""Of the cases, as what is tried is collected on a machine without helm, too."""
SECTIONS = ("Meaning", "First command", "Causes", "Mend", "Safe to ignore")


def alerts(values: Any = ALL) -> dict[str, Any]:
    (group,) = render(values).one("PrometheusRule")["spec"]["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def test_there_are_none_by_default() -> None:
    assert render().of("PrometheusRule") == ()


def test_each_alert_is_tried_both_ways() -> None:
    fires = {case.alert for case in CASES if case.fires}
    stays = {case.alert for case in CASES if not case.fires}

    assert fires == stays == set(alerts())


@pytest.mark.parametrize("alert", NAMES)
def test_an_alert_fires_when_it_should(alert: str, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(render(ALL).one("PrometheusRule")["spec"]))
    tests = tmp_path / "tests.yaml"
    tests.write_text(yaml.safe_dump(_promtool_tests([c for c in CASES if c.alert == alert])))

    run(promtool_program(), "test", "rules", str(tests))


def test_each_alert_leads_to_its_runbook() -> None:
    headings = re.findall(r"^## (\w+)$", RUNBOOKS.read_text(), re.MULTILINE)

    assert headings == list(alerts())
    for name, rule in alerts().items():
        assert rule["annotations"]["runbook_url"] == _runbook_url(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_runbook_says_what_to_do(name: str) -> None:
    section = RUNBOOKS.read_text().partition(f"\n## {name}\n")[2].partition("\n## ")[0]

    assert re.findall(r"^\*\*([A-Z][a-z ]+)[.:]\*\*", section, re.MULTILINE) == list(SECTIONS)


def test_what_the_certificates_are_is_what_is_watched() -> None:
    of_self = {"RedisMemoryGuardAuthorityExpires", "RedisMemoryGuardCertsStalled"}
    by_cert_manager = alerts({**ALL, "certificates": {"mode": "certManager"}})
    shorter = alerts({**ALL, "certificates": {"self": {"servingLifetime": "12d"}}})
    expression = "redis_memory_guard_certificate_expiry_timestamp_seconds - time() < "

    assert set(alerts()) - set(by_cert_manager) == of_self
    name = "RedisMemoryGuardCertificateExpires"
    assert shorter[name]["expr"] == f"{expression}{2 * 86400}"
    assert by_cert_manager[name]["expr"] == f"{expression}{15 * 86400}"


def test_one_replica_is_no_news_where_one_is_wanted() -> None:
    assert "RedisMemoryGuardOneReplica" not in alerts({**ALL, "webhook": {"replicas": 1}})


def test_what_only_an_audit_sees_is_no_alert_without_it() -> None:
    without = alerts({"prometheusRule": {"enabled": True}})

    assert set(alerts()) - set(without) == {"RedisUnguarded", "RedisMemoryGuardAuditStale"}
    assert "servers_oom_killed" not in without["GuardedRedisOOMKilled"]["expr"]


def test_alerts_are_labelled_and_left_out_as_the_values_say() -> None:
    values = {
        "enabled": True,
        "labels": {"release": "prometheus"},
        "alertLabels": {"team": "data", "severity": "page"},
        "disabled": ["RedisMemoryGuardDenies"],
        "runbooks": "https://wiki.example.com/guard",
    }

    rendered = render({"prometheusRule": values})

    rule = rendered.one("PrometheusRule")
    assert rule["metadata"]["labels"]["release"] == "prometheus"
    found = alerts({"prometheusRule": values})
    assert "RedisMemoryGuardDenies" not in found
    down = found["RedisMemoryGuardDown"]
    assert down["labels"] == {"team": "data", "severity": "page"}
    url = down["annotations"]["runbook_url"]
    assert url == "https://wiki.example.com/guard#redismemoryguarddown"


def test_only_an_alert_that_there_is_can_be_left_out() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    disabled = schema["properties"]["prometheusRule"]["properties"]["disabled"]

    assert disabled["items"]["enum"] == list(alerts())
    with pytest.raises(RefusedError, match="value must be one of"):
        render({"prometheusRule": {"disabled": ["RedisMemoryGuardDawn"]}})


def _runbook_url(alert: str) -> str:
    version = yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"]
    home = "https://github.com/redis-memory-guard/redis-memory-guard"
    return f"{home}/blob/v{version}/docs/runbooks.md#{alert.lower()}"


def _promtool_tests(cases: list[Case]) -> Any:
    return {"rule_files": ["rules.yaml"], "tests": [_promtool_test(case) for case in cases]}


def _promtool_test(case: Case) -> Any:
    return {
        "name": case.what,
        "interval": "1m",
        "input_series": [
            {"series": name, "values": values} for name, values in case.series.items()
        ],
        "alert_rule_test": [
            {
                "alertname": case.alert,
                "eval_time": case.at,
                "exp_alerts": [_expected(case.alert, each) for each in case.fires],
            }
        ],
    }


def _expected(alert: str, firing: Firing) -> Any:
    return {
        "exp_labels": {"severity": firing.severity, **firing.labels},
        "exp_annotations": {"summary": firing.summary, "runbook_url": _runbook_url(alert)},
    }
