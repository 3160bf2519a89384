"""The diagnosis as a whole: each check once, in order, with its heading."""

from pathlib import Path

import pytest

from tests.unit.doctor.installations import NOW, an_installation
from tests.unit.doctor.told import FORBIDDEN, check
from webhook.doctor.check import Check, CheckName, Status
from webhook.doctor.diagnose import diagnose, is_healthy

DOCS = Path(__file__).parents[3] / "docs"


def test_an_installation_in_order_has_every_check_in_order():
    checks = diagnose(an_installation(), now=NOW)

    assert [each.name for each in checks] == list(CheckName)
    assert {each.name: each.status for each in checks if each.status is not Status.OK} == {}
    assert {(each.remedy, each.see) for each in checks} == {("", "")}
    assert is_healthy(checks)


def test_a_warning_or_what_cannot_be_read_is_no_fault():
    unread = ("replicas", "endpoints", "mutating", "validating", "serving_chain", "policy_text")
    others = ("may_read_config_maps", "certificate_process", "audit", "trial")
    found = an_installation(**dict.fromkeys((*unread, *others), FORBIDDEN))

    checks = diagnose(found, now=NOW)

    statuses = {each.status for each in checks[1:]}
    assert (statuses, checks[0].status) == ({Status.UNKNOWN}, Status.OK)
    assert check(CheckName.REPLICAS, found).message == f"not checked: {FORBIDDEN.why}"
    assert is_healthy(checks)


@pytest.mark.parametrize("name", CheckName)
def test_every_check_has_its_heading(name: CheckName):
    _, _, behind = (DOCS / "troubleshooting.md").read_text().partition("\n## What doctor says\n")

    assert f"\n### {name}\n" in behind
    failed = Check(name=name, status=Status.FAILED, message="")
    assert failed.see.endswith(f"/docs/troubleshooting.md#{name}")
