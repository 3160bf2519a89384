"""The dashboard: five questions for Grafana, in queries that Prometheus understands."""

import json
from pathlib import Path
from typing import Any

import yaml

from tests.chart.rendering import promtool_program, render
from tests.generate.dashboard import ROWS
from tests.harness.command import run

ENABLED = {"dashboard": {"enabled": True}}


def dashboard() -> Any:
    data = render(ENABLED).one("ConfigMap", "-dashboard")["data"]
    return json.loads(data["redis-memory-guard.json"])


def test_there_is_none_by_default() -> None:
    names = [each["metadata"]["name"] for each in render().of("ConfigMap")]

    assert "guard-dashboard" not in names


def test_grafana_finds_it_by_its_label_and_its_folder_by_an_annotation() -> None:
    values = {
        "dashboard": {
            "enabled": True,
            "labels": {"team": "data"},
            "annotations": {"grafana_folder": "Redis"},
        }
    }

    metadata = render(values).one("ConfigMap", "-dashboard")["metadata"]

    assert metadata["annotations"] == {"grafana_folder": "Redis"}
    assert metadata["labels"].items() >= {"grafana_dashboard": "1", "team": "data"}.items()


def test_it_answers_five_questions() -> None:
    panels = dashboard()["panels"]

    assert [each["title"] for each in panels if each["type"] == "row"] == list(ROWS)
    assert len(ROWS) == 5


def test_no_two_panels_share_an_id_or_a_place() -> None:
    panels = dashboard()["panels"]

    cells = [
        (column, line)
        for each in panels
        for column in range(each["gridPos"]["x"], each["gridPos"]["x"] + each["gridPos"]["w"])
        for line in range(each["gridPos"]["y"], each["gridPos"]["y"] + each["gridPos"]["h"])
    ]
    assert len({each["id"] for each in panels}) == len(panels)
    assert len(set(cells)) == len(cells)


def test_prometheus_understands_each_query(tmp_path: Path) -> None:
    queries = [
        target["expr"] for panel in dashboard()["panels"] for target in panel.get("targets", ())
    ]
    rules = [
        {"record": f"query:{place}", "expr": query.replace("$__rate_interval", "1m")}
        for place, query in enumerate(queries)
    ]
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))

    said = run(promtool_program(), "check", "rules", str(file)).stdout

    assert f"{sum(len(panel.queries) for row in ROWS.values() for panel in row)} rules" in said
