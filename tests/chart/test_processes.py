"""The processes are started with options that they take, and end as slowly as they need."""

from typing import Any

import click
import pytest
import yaml

from certs.__main__ import main as certs_command
from tests.chart.rendering import CHART, CI_VALUES, NAMESPACE, render
from webhook.policyfile import parse_policy
from webhook.server.gunicorn.worker import REQUEST_SECONDS
from webhook.server.settings import parse_settings


def container(values: Any = None, suffix: str = "") -> Any:
    deployment = render(values).one("Deployment", suffix)
    (found,) = deployment["spec"]["template"]["spec"]["containers"]
    return found


def test_the_webhook_understands_its_options() -> None:
    webhook = {"connections": 64, "drainSeconds": 9, "logLevel": "debug"}
    ca = {"configMap": "api-server", "key": "ca.crt"}

    first, *options = container({"webhook": {**webhook, "clientCA": ca}})["args"]

    settings = parse_settings(options, {})
    assert first == "serve"
    assert (settings.connections, settings.drain_seconds, settings.log_level) == (64, 9, "debug")
    mounts = {
        mount["mountPath"] for mount in container({"webhook": {"clientCA": ca}})["volumeMounts"]
    }
    assert settings.policy is not None
    assert settings.client_ca is not None
    files = (settings.policy, settings.cert, settings.key, settings.client_ca)
    assert {str(file.parent) for file in files} == mounts


def test_the_webhook_listens_where_it_is_called() -> None:
    settings = parse_settings([], {})
    ports = {port["name"]: port["containerPort"] for port in container()["ports"]}

    assert ports == {"https": settings.port, "metrics": settings.health_port}


def test_the_certificate_process_understands_its_options() -> None:
    found = container(suffix="-certs")

    context = certs_command.make_context("certs", [*found["args"]], resilient_parsing=True)
    assert isinstance(certs_command, click.Group)
    assert context.params["namespace"] == NAMESPACE
    assert context.params["mutating"] == context.params["validating"] == ("guard",)
    assert (context.params["ca_secret"], context.params["serving_secret"]) == (
        "guard-ca",
        "guard-tls",
    )
    assert [port["containerPort"] for port in found["ports"]] == [context.params["listen_port"]]


@pytest.mark.parametrize("seconds", [0, 5, 300])
def test_a_pod_is_killed_only_after_its_drain(seconds: int) -> None:
    deployment = render({"webhook": {"drainSeconds": seconds}}).one("Deployment")

    grace = deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    # gunicorn's own bound, webhook/server/gunicorn/config.py, and some seconds beyond it
    assert grace >= seconds + REQUEST_SECONDS + 5 + 5


@pytest.mark.parametrize("values", [None, *CI_VALUES], ids=lambda path: path and path.stem)
def test_the_policy_file_is_one_that_the_webhook_takes(values: Any) -> None:
    rendered = render(values)

    text = rendered.one("ConfigMap", "-policy")["data"]["policy.yaml"]

    given = {} if values is None else yaml.safe_load(values.read_text())
    assert yaml.safe_load(text) == {
        "mode": given.get("mode", "enforce"),
        **given.get("policy", {}),
    }
    assert parse_policy(text, "policy.yaml").defaults.mode == given.get("mode", "enforce")


def test_a_changed_policy_rolls_the_pods() -> None:
    def annotations(values: Any) -> Any:
        return render(values).one("Deployment")["spec"]["template"]["metadata"]["annotations"]

    before, same, mode, rule = (
        annotations(values)["checksum/policy"]
        for values in (
            {},
            {"webhook": {"replicas": 3}},
            {"mode": "audit"},
            {"policy": {"noLimit": "warn"}},
        )
    )

    assert before == same
    assert len({before, mode, rule}) == 3


def test_an_image_is_named_by_digest_before_tag_before_version() -> None:
    version = yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"]
    digest = "sha256:" + "0" * 64

    assert container()["image"] == f"redis-memory-guard:{version}"
    assert container({"image": {"tag": "1"}})["image"] == "redis-memory-guard:1"
    named = container({"image": {"repository": "r/i", "tag": "1", "digest": digest}})
    assert named["image"] == f"r/i@{digest}"
