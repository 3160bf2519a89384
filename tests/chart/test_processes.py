"""The processes are started with options that they take, and end as slowly as they need."""

from typing import Any

import click
import pytest
import yaml

from certs.__main__ import main as certs_command
from tests.chart.rendering import CHART, CI_VALUES, IMAGE, NAMESPACE, certs_options, render
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


def test_a_command_in_the_pod_of_the_certificate_process_has_its_options() -> None:
    found = container(suffix="-certs")

    assert "args" not in found
    assert found["command"] == ["redis-memory-guard-certs"]
    assert {each["name"] for each in found["env"]} == {
        f"REDIS_MEMORY_GUARD_CERTS_{name}"
        for name in (
            *("NAMESPACE", "SERVICE", "CLUSTER_DOMAIN", "CA_SECRET", "SERVING_SECRET"),
            *("MUTATING", "VALIDATING", "CA_LIFETIME", "SERVING_LIFETIME"),
            *("BUNDLE_PROPAGATION", "SERVING_PROPAGATION"),
        )
    }


@pytest.mark.parametrize(
    ("webhook", "port", "metrics_port"),
    [({}, 8443, 8080), ({"port": 10250, "metricsPort": 9480}, 10250, 9480)],
)
def test_the_webhook_listens_where_it_is_called(webhook: Any, port: int, metrics_port: int) -> None:
    found = container({"webhook": webhook})

    settings = parse_settings(found["args"][1:], {})
    ports = {each["name"]: each["containerPort"] for each in found["ports"]}
    assert ports == {"https": port, "metrics": metrics_port}
    assert (settings.port, settings.health_port) == (port, metrics_port)


@pytest.mark.parametrize("suffix", ["", "-certs"])
def test_options_and_variables_of_the_administrators_come_last(suffix: str) -> None:
    variable = {"name": "TZ", "value": "UTC"}
    given = {"extraArgs": ["--a=b"], "extraEnv": [variable]}
    before = container(suffix=suffix)

    after = container(
        {"webhook": given} if not suffix else {"certificates": {"self": given}}, suffix
    )

    assert after == {
        **before,
        "args": [*before.get("args", []), "--a=b"],
        "env": [*before.get("env", []), variable],
    }


def test_the_certificate_process_understands_its_options() -> None:
    found = container(suffix="-certs")

    context = certs_command.make_context("certs", certs_options(found), resilient_parsing=True)
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
        "mode": given.get("mode", "audit"),
        **given.get("policy", {}),
    }
    assert parse_policy(text, "policy.yaml").defaults.mode == given.get("mode", "audit")


def test_a_changed_policy_rolls_the_pods() -> None:
    def annotations(values: Any) -> Any:
        return render(values).one("Deployment")["spec"]["template"]["metadata"]["annotations"]

    before, same, mode, rule = (
        annotations(values)["checksum/policy"]
        for values in (
            {},
            {"webhook": {"replicas": 3}},
            {"mode": "enforce"},
            {"policy": {"noLimit": "warn"}},
        )
    )

    assert before == same
    assert len({before, mode, rule}) == 3


VERSION = yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"]
DIGEST = "sha256:" + "0" * 64
OTHERS = "mirror.example.com:5000"


@pytest.mark.parametrize(
    ("values", "image"),
    [
        ({}, f"{IMAGE}:{VERSION}"),
        ({"image": {"tag": "1"}}, f"{IMAGE}:1"),
        ({"image": {"repository": "r/i", "tag": "1", "digest": DIGEST}}, f"r/i@{DIGEST}"),
        ({"image": {"registry": "r.example.com", "repository": "i"}}, f"r.example.com/i:{VERSION}"),
        (
            {"image": {"registry": "localhost:5000/", "repository": "i"}},
            f"localhost:5000/i:{VERSION}",
        ),
        (
            {"image": {"repository": "i"}, "global": {"imageRegistry": OTHERS}},
            f"{OTHERS}/i:{VERSION}",
        ),
        (
            {
                "image": {"registry": "r.example.com", "repository": "p/i"},
                "global": {"imageRegistry": OTHERS},
            },
            f"{OTHERS}/p/i:{VERSION}",
        ),
    ],
)
def test_an_image_is_named_by_registry_and_digest_before_tag_before_version(
    values: Any, image: str
) -> None:
    rendered = render(values)

    specs = [each["spec"]["template"]["spec"] for each in rendered.of("Deployment")]
    specs += [each["spec"] for each in rendered.of("Pod")]
    assert [each["containers"][0]["image"] for each in specs] == [image] * 3
