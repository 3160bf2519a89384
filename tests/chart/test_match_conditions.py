"""The match conditions of the chart are made from the families that the webhook evaluates by."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from tests.chart.rendering import CHART, render
from tests.generate.match_conditions import render_template
from webhook.admission.match_conditions import match_condition, validating_condition
from webhook.admission.namespace_condition import Handling
from webhook.domain.images.catalog import family_of
from webhook.domain.policy.settings import ImageFamily, Images, Policy
from webhook.policyfile import parse_policy

TEMPLATES = {
    "inject.redis-memory-guard.dev": "object.spec",
    "advise.redis-memory-guard.dev": "object.spec.template.spec",
    "advise-cronjobs.redis-memory-guard.dev": "object.spec.jobTemplate.spec.template.spec",
}
OWN = [
    (),
    ("registry.example.com/mirror/cache",),
    ("*/caches/c?che-*", "registry.example.com:5000/library/cach*", "docker.io/library/memory"),
    ("*.example.com/*/data.store", "plain/name", "*/in[0-9]/brackets"),
]


def test_the_generated_file_is_up_to_date() -> None:
    file = CHART / "templates" / "_match-conditions.tpl"

    assert file.read_text() == render_template(), "make generate"


@pytest.mark.parametrize("globs", OWN)
def test_they_are_what_the_webhook_would_ask_for(globs: tuple[str, ...]) -> None:
    images = Images(add=tuple(ImageFamily(repository=glob, family="redis") for glob in globs))

    webhooks = render(_with_images(globs)).webhooks()

    validating = webhooks.pop("validate.redis-memory-guard.dev")
    asked = {name: _expressions(webhook)["may-run-redis"] for name, webhook in webhooks.items()}
    assert asked == {
        name: match_condition(images, template=template).expression
        for name, template in TEMPLATES.items()
    }
    condition = validating_condition(Policy(images=images), Handling.ENFORCED)
    assert condition is not None
    assert _expressions(validating) == {condition.name: condition.expression}


POLICIES: tuple[Mapping[str, Any], ...] = (
    {},
    {"rules": [{"namespaces": ["dev-*"], "mode": "audit"}]},
    {"rules": [{"namespaces": ["dev-*", "test"], "mode": "audit"}, {"namespaces": ["qa-?"]}]},
    {"rules": [{"namespaces": ["dev-x"]}, {"namespaces": ["dev-*"], "mode": "audit"}]},
    {"rules": [{"namespaces": ["a"], "exempt": True}, {"namespaces": ["[!b]c"], "mode": "audit"}]},
    {"rules": [{"namespaces": ["*"], "mode": "audit"}]},
    {"rules": [{"namespaces": ["a"], "exempt": True}]},
    {"rules": [{"namespaces": ["shop"], "mode": "enforce"}]},
    {"headroom": {"explicitShare": "82.5%"}},
    {"headroom": {"explicitShare": "82.1234%"}},
    {"unenforceable": "deny"},
    {"rules": [{"namespaces": ["a"], "unenforceable": "deny"}]},
)


@pytest.mark.parametrize("mode", ["enforce", "audit"])
@pytest.mark.parametrize("settings", POLICIES)
def test_each_entry_is_called_for_the_namespaces_of_its_failure_policy(
    settings: Mapping[str, Any], mode: str
) -> None:
    policy = parse_policy(yaml.safe_dump({"mode": mode, **settings}), "policy")

    webhooks = render({"mode": mode, "policy": settings}).webhooks()

    enforced = validating_condition(policy, Handling.ENFORCED)
    audited = validating_condition(policy, Handling.AUDITED)
    is_split = enforced is not None and audited is not None
    expected = {
        "validate": (enforced, "Fail") if enforced else (audited, "Ignore"),
        **({"validate-audited": (audited, "Ignore")} if is_split else {}),
    }
    assert {
        name: (list(_expressions(webhook).values()), webhook["failurePolicy"])
        for name, webhook in webhooks.items()
        if name.startswith("validate")
    } == {
        f"{name}.redis-memory-guard.dev": ([condition.expression], failure_policy)
        for name, (condition, failure_policy) in expected.items()
        if condition is not None
    }


@pytest.mark.parametrize(
    ("chosen", "entries"),
    [
        ("Ignore", {"inject": "Ignore"}),
        ("Fail", {"inject": "Fail", "inject-audited": "Ignore"}),
    ],
)
def test_injection_is_split_only_where_it_may_fail(chosen: str, entries: Mapping[str, str]) -> None:
    values = {
        "mode": "enforce",
        "policy": {"rules": [{"namespaces": ["dev-*"], "mode": "audit"}]},
        "webhooks": {"mutating": {"failurePolicy": chosen}},
    }

    webhooks = render(values).webhooks()

    assert {
        name.partition(".")[0]: webhook["failurePolicy"]
        for name, webhook in webhooks.items()
        if name.startswith("inject")
    } == entries


def test_exempt_namespaces_are_not_called_about() -> None:
    webhooks = render({"policy": {"rules": [{"namespaces": ["a"], "exempt": True}]}}).webhooks()

    called = _expressions(webhooks["inject.redis-memory-guard.dev"])["may-run-redis"]
    assert called.startswith("(request.namespace.matches('^(a)$') ? 'exempt' : '")


@pytest.mark.parametrize(
    ("glob", "image"),
    [
        ("registry.example.com/mirror/cache", "registry.example.com/mirror/cache:7"),
        ("*/caches/c?che-*", "host:5000/caches/cache-eu@sha256:" + "0" * 64),
        ("docker.io/library/memory", "memory:1"),
        ("registry.example.com:5000/library/cach*", "registry.example.com:5000/library/cache"),
    ],
)
def test_an_image_of_the_administrators_own_is_called_for(glob: str, image: str) -> None:
    condition = _expressions(
        render(_with_images((glob,))).webhooks()["inject.redis-memory-guard.dev"]
    )
    (_known, own_pattern, *_) = re.findall(
        r"c\.image\.matches\(r'([^']*)'\)", condition["may-run-redis"]
    )

    own = ImageFamily(repository=glob, family="redis")
    assert family_of(image, Images(add=(own,))) is not None
    assert re.search(own_pattern, image)


def test_updates_are_asked_about_only_when_they_change_what_is_evaluated() -> None:
    conditions = {
        name: [condition["name"] for condition in webhook["matchConditions"]]
        for name, webhook in render().webhooks().items()
    }

    assert conditions == {
        "inject.redis-memory-guard.dev": ["may-run-redis"],
        "validate.redis-memory-guard.dev": ["may-run-unbounded-redis"],
        "advise.redis-memory-guard.dev": ["changes-template", "may-run-redis"],
        "advise-cronjobs.redis-memory-guard.dev": ["changes-template", "may-run-redis"],
    }


def _with_images(globs: tuple[str, ...]) -> Mapping[str, Any]:
    return {
        "policy": {"images": {"add": [{"repository": glob, "family": "redis"} for glob in globs]}}
    }


def _expressions(webhook: Mapping[str, Any]) -> Mapping[str, str]:
    return {each["name"]: each["expression"] for each in webhook["matchConditions"]}
