"""What the audit log keeps of a decision."""

import json

import pytest

from tests.harness.builders import MEBI, a_container, a_pod, evaluated
from webhook.admission.audit_annotations import AUDIT_LENGTH
from webhook.admission.respond import respond
from webhook.domain.policy.settings import (
    Mode,
    NamespaceSettings,
    Policy,
)


def test_the_numbers_of_the_audit_annotations_are_bytes():
    pod = a_pod(a_container(name="a", limit="1Gi"), a_container(name="b"))

    annotations = respond(evaluated(pod)).audit_annotations

    assert annotations["limit"] == f"a={1024 * MEBI},b={512 * MEBI}"
    assert annotations["maxmemory"] == f"a={816 * MEBI},b={400 * MEBI}"


@pytest.mark.parametrize("mode", Mode)
def test_audit_annotations_are_printable_and_bounded(mode: Mode):
    hostile = "x\r\n\x1b[2K\u202e\x00"
    pods = [
        a_pod(a_container(name=hostile * 10_000, limit=limit, args=[hostile]))
        for limit in ("512Mi", None)
    ]

    answers = [
        respond(evaluated(pod, policy=Policy(defaults=NamespaceSettings(mode=mode))))
        for pod in pods
    ]

    for answer in answers:
        for value in answer.audit_annotations.values():
            assert all(line.isprintable() for line in value.split("\n"))
            assert len(value) <= AUDIT_LENGTH


def test_a_patch_that_is_too_long_is_not_cut():
    name = "c" * 60
    pods = [
        a_pod(*(a_container(name=f"{name}{number}") for number in range(count)))
        for count in (1, 60)
    ]
    audit = Policy(defaults=NamespaceSettings(mode=Mode.AUDIT))

    short, long = (respond(evaluated(pod, policy=audit)).audit_annotations["patch"] for pod in pods)

    assert json.loads(short)
    assert long.startswith("too long to be shown: ")
