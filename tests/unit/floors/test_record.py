"""What is kept of durable servers, for how long, and of how many."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.harness.builders import MEBI
from webhook.domain.policy.floors import ServerName
from webhook.floors.record import MOST_SERVERS, NOTHING, Held, Sighting, floors_at, remember

NOW = datetime(2026, 3, 4, 3, 30, tzinfo=UTC)
TODAY = NOW.date()
HOURS = timedelta(hours=1)


def server(name: str = "orders", namespace: str = "shop") -> ServerName:
    return ServerName(namespace=namespace, kind="StatefulSet", name=name, container="redis")


def sighting(used: int, name: ServerName | None = None, computed: int = 200) -> Sighting:
    return Sighting(name=name or server(), used=used, computed=computed)


def test_one_that_holds_more_than_its_rule_gives_is_kept():
    kept = remember(NOTHING, [sighting(201)], NOW)

    assert kept == {server(): Held(seen=NOW, days={TODAY: 201})}
    assert floors_at(kept, NOW) == {server(): 201}


def test_one_that_fits_is_not():
    assert remember(NOTHING, [sighting(200)], NOW) == NOTHING


def test_the_most_of_a_day_counts():
    morning = remember(NOTHING, [sighting(300)], NOW)

    assert remember(morning, [sighting(250)], NOW + HOURS) == {
        server(): Held(seen=NOW + HOURS, days={TODAY: 300})
    }


def test_the_most_of_several_pods_counts():
    kept = remember(NOTHING, [sighting(300), sighting(250)], NOW)

    assert floors_at(kept, NOW) == {server(): 300}


@pytest.mark.parametrize(("age", "most"), [(13, 900), (14, 300)])
def test_it_is_the_most_of_14_days(age: int, most: int):
    days = {TODAY - timedelta(days=age): 900}
    before = {server(): Held(seen=NOW - HOURS, days=days)}

    assert floors_at(remember(before, [sighting(300)], NOW), NOW) == {server(): most}


def test_one_that_fits_again_stays_while_it_did_not_within_14_days():
    yesterday = {TODAY - timedelta(days=1): 900}
    before = {server(): Held(seen=NOW - HOURS, days=yesterday)}

    assert remember(before, [sighting(100)], NOW) == {
        server(): Held(seen=NOW, days={**yesterday, TODAY: 100})
    }
    assert remember(before, [sighting(100, computed=900)], NOW) == NOTHING


@pytest.mark.parametrize(("hours", "counts"), [(48, True), (49, False), (-48, True), (-49, False)])
def test_one_that_was_seen_within_48_hours_counts(hours: int, counts: bool):
    record = {server(): Held(seen=NOW - hours * HOURS, days={TODAY: 300})}

    assert floors_at(record, NOW) == ({server(): 300} if counts else {})


@pytest.mark.parametrize(("hours", "stays"), [(48, True), (49, False)])
def test_one_that_is_seen_no_more_goes_when_it_has_ceased_to_count(hours: int, stays: bool):
    record = {server(): Held(seen=NOW - hours * HOURS, days={TODAY: 300})}

    assert remember(record, [], NOW) == (record if stays else NOTHING)


def test_no_namespace_drives_out_another():
    many = [sighting(900 * MEBI, server(f"s{n}", "crowded")) for n in range(MOST_SERVERS + 100)]
    few = [sighting(201, server("a", "quiet")), sighting(202, server("b", "quiet"))]

    kept = remember(NOTHING, [*many, *few], NOW)

    assert len(kept) == MOST_SERVERS
    assert {server("a", "quiet"), server("b", "quiet")} <= kept.keys()


def test_one_that_nothing_is_known_of_held_nothing():
    assert Held(seen=NOW).most == 0
    assert Held(seen=NOW, days={date(2026, 3, 1): 7}).most == 7
