"""The match conditions of the chart are made from the families that the webhook evaluates by."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.chart.rendering import CHART, render
from tests.generate.match_conditions import render_template
from webhook.admission.match_conditions import match_condition
from webhook.domain.images.catalog import family_of
from webhook.domain.policy.settings import ImageFamily, Images

TEMPLATES = {
    "inject.redis-memory-guard.dev": "object.spec",
    "validate.redis-memory-guard.dev": "object.spec",
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

    asked = {name: _expressions(webhook)["may-run-redis"] for name, webhook in webhooks.items()}
    assert asked == {
        name: match_condition(images, template=template).expression
        for name, template in TEMPLATES.items()
    }


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
        "validate.redis-memory-guard.dev": ["changes-images-or-resources", "may-run-redis"],
        "advise.redis-memory-guard.dev": ["changes-template", "may-run-redis"],
        "advise-cronjobs.redis-memory-guard.dev": ["changes-template", "may-run-redis"],
    }


def _with_images(globs: tuple[str, ...]) -> Mapping[str, Any]:
    return {
        "policy": {"images": {"add": [{"repository": glob, "family": "redis"} for glob in globs]}}
    }


def _expressions(webhook: Mapping[str, Any]) -> Mapping[str, str]:
    return {each["name"]: each["expression"] for each in webhook["matchConditions"]}
