"""The audit that goes on in the cluster: off by default, and with the rights that it was given."""

from typing import Any

import click
import pytest

from tests.chart.rendering import NAMESPACE, render
from tests.chart.test_permissions import rules
from webhook.cli.commands.observe.command import observe

ENABLED = {"audit": {"enabled": True}}


def rights(values: Any) -> dict[str, list[str]]:
    """The verbs of the audit's ServiceAccount by group and resource."""
    return {
        f"{group}/{resource}": rule["verbs"]
        for rule in rules(render(values), "guard-audit")
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


def container(values: Any) -> Any:
    (found,) = render(values).one("Deployment", "-audit")["spec"]["template"]["spec"]["containers"]
    return found


def test_nothing_of_it_is_there_by_default() -> None:
    names = {each["metadata"]["name"] for each in render().of("Deployment")}

    assert names == {"guard", "guard-certs"}
    assert rules(render(), "guard-audit") == []


def test_it_understands_its_options() -> None:
    values = {
        "audit": {"enabled": True, "intervalSeconds": 60, "live": True, "prometheus": "http://p"}
    }

    name, *options = container(values)["args"]

    context = click.Context(observe)
    observe.parse_args(context, options)
    assert name == "observe"
    taken = {key: context.params[key] for key in ("all_namespaces", "interval", "live", "policy")}
    assert taken == {
        "all_namespaces": True,
        "interval": 60.0,
        "live": "exec",
        "policy": f"cluster:{NAMESPACE}/guard-policy",
    }
    assert (context.params["prometheus"], context.params["reports"]) == ("http://p", True)


def test_it_listens_where_its_probes_and_metrics_are() -> None:
    found = container(ENABLED)

    options = {each.name: each.default for each in observe.params}
    assert [each["containerPort"] for each in found["ports"]] == [options["port"]]
    assert found["livenessProbe"]["httpGet"] == {"path": "/livez", "port": "metrics"}


def test_it_reads_and_writes_reports_and_events_only() -> None:
    found = rights(ENABLED)

    written = {name: verbs for name, verbs in found.items() if {*verbs} - {"get", "list"}}
    assert written == {
        "openreports.io/reports": ["list", "create", "update", "delete"],
        "/events": ["create"],
    }
    assert "/secrets" not in found
    assert found["/configmaps"] == ["get"]


@pytest.mark.parametrize("told_by", [{"live": True}, {"prometheus": "http://prometheus:9090"}])
def test_it_keeps_what_durable_servers_hold_where_that_is_told(told_by: Any) -> None:
    values = {"audit": {"enabled": True, **told_by}}
    rendered = render(values)
    pod = rendered.one("Deployment")["spec"]["template"]["spec"]
    (webhook,) = pod["containers"]
    (mount,) = (each for each in webhook["volumeMounts"] if each["name"] == "floors")
    (volume,) = (each for each in pod["volumes"] if each["name"] == "floors")

    assert "data" not in rendered.one("ConfigMap", "-floors")
    assert f"--floors={NAMESPACE}/guard-floors" in container(values)["args"]
    assert f"--floors={mount['mountPath']}/floors.json" in webhook["args"]
    assert volume["configMap"] == {"name": "guard-floors", "optional": True}
    assert {
        "apiGroups": [""],
        "resources": ["configmaps"],
        "resourceNames": ["guard-floors"],
        "verbs": ["get", "patch"],
    } in rules(rendered, "guard-audit")


@pytest.mark.parametrize("audit", [{"enabled": True}, {"enabled": False, "live": True}])
def test_where_nothing_tells_it_keeps_none(audit: Any) -> None:
    assert "floors" not in str(render({"audit": audit}).of("Deployment"))


def test_exec_takes_its_own_word() -> None:
    live = {"audit": {"enabled": True, "live": True}}

    assert "/pods/exec" not in rights(ENABLED)
    assert rights(live)["/pods/exec"] == ["create", "get"]


@pytest.mark.parametrize("name", ["reports", "events"])
def test_what_it_does_not_write_it_may_not_write(name: str) -> None:
    values = {"audit": {"enabled": True, name: False}}

    assert not [each for each in rights(values) if each.endswith(f"/{name}")]
    assert f"--{name}" not in container(values)["args"]


def test_the_network_lets_it_reach_the_api_server() -> None:
    egress = render(ENABLED).one("NetworkPolicy", "-audit")["spec"]["egress"]
    asking = {"audit": {"enabled": True, "prometheus": "http://prometheus.monitoring:9090"}}

    assert egress == [{"ports": [{"port": 443}, {"port": 6443}]}]
    assert render(asking).one("NetworkPolicy", "-audit")["spec"]["egress"] == [{}]


def test_the_namespace_of_its_metrics_is_that_of_the_servers() -> None:
    rendered = render({**ENABLED, "serviceMonitor": {"enabled": True}})

    (endpoint,) = rendered.one("ServiceMonitor")["spec"]["endpoints"]
    assert endpoint["honorLabels"] is True
