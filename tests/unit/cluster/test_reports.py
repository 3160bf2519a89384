"""Which Reports an audit creates, replaces and deletes."""

from typing import Any

from webhook.cluster.reports import ReportChanges, plan_reports


def a_report(namespace: str, *, name: str = "cart", said: str = "bounded") -> dict[str, Any]:
    return {"metadata": {"namespace": namespace, "name": name}, "results": [said]}


def stored(report: dict[str, Any], version: str = "7") -> dict[str, Any]:
    """As the API server keeps it: with what it and others add."""
    metadata = {**report["metadata"], "resourceVersion": version, "uid": "1-2-3"}
    return {**report, "metadata": metadata, "status": {}}


def test_what_is_new_is_created():
    new = a_report("shop")

    assert plan_reports([], [new], ["shop"]) == ReportChanges(
        created=(new,), replaced=(), deleted=()
    )


def test_what_says_the_same_is_left_alone():
    report = a_report("shop")

    assert plan_reports([stored(report)], [report], ["shop"]) == ReportChanges(
        created=(), replaced=(), deleted=()
    )


def test_what_says_something_else_is_replaced_in_the_version_that_was_seen():
    old, new = a_report("shop", said="refused"), a_report("shop", said="bounded")
    metadata = {"namespace": "shop", "name": "cart", "resourceVersion": "7"}

    assert plan_reports([stored(old)], [new], ["shop"]) == ReportChanges(
        created=(), replaced=({"metadata": metadata, "results": ["bounded"]},), deleted=()
    )


def test_what_is_gone_is_deleted_where_it_was_looked_at_and_nowhere_else():
    seen, unseen = stored(a_report("shop")), stored(a_report("bank"))

    assert plan_reports([seen, unseen], [], ["shop"]) == ReportChanges(
        created=(), replaced=(), deleted=(("shop", "cart"),)
    )
