"""The record as the text of a ConfigMap."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.domain.policy.floors import ServerName
from webhook.floors.record import MOST_SERVERS, Held, Record
from webhook.floors.text import MAX_BYTES, RecordError, encode_record, parse_record

NAMES = st.builds(
    ServerName, namespace=st.text(), kind=st.text(), name=st.text(), container=st.text()
)
TIMES = st.integers(0, 2**31).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
DAYS = st.dictionaries(st.dates(), st.integers(0, 2**60), max_size=14)
RECORDS = st.dictionaries(NAMES, st.builds(Held, seen=TIMES, days=DAYS), max_size=5)


@given(RECORDS)
def test_what_is_written_is_read(record: Record):
    text = encode_record(record)

    assert parse_record(text) == record
    assert parse_record(text.encode()) == record


def test_the_largest_takes_a_part_of_a_config_map():
    first = date(2026, 1, 1)
    days = {first + timedelta(days=n): 2**40 for n in range(14)}
    held = Held(seen=datetime(2026, 1, 15, tzinfo=UTC), days=days)
    record = {
        ServerName(
            namespace="n" * 63,
            kind="StatefulSet",
            name=f"{n:03}".ljust(253, "x"),
            container="c" * 63,
        ): held
        for n in range(MOST_SERVERS)
    }

    assert len(encode_record(record)) < MAX_BYTES // 2


def one(**fields: object) -> str:
    server = {
        "namespace": "shop",
        "kind": "StatefulSet",
        "name": "orders",
        "container": "redis",
        "seen": "2026-03-04T03:30:00+00:00",
        "days": {"2026-03-04": 300},
        **fields,
    }
    return json.dumps({"version": 1, "servers": [server]})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "is no record of version 1"),
        ('{"version": 2, "servers": []}', "is no record of version 1"),
        ('{"version": 1}', "servers: expected a list of at most 500"),
        (
            json.dumps({"version": 1, "servers": [{}] * 501}),
            "servers: expected a list of at most 500",
        ),
        ('{"version": 1, "servers": [7]}', "servers[0]: is no server of a record"),
        ('{"version": 1, "servers": [{}]}', "servers[0]: is no server of a record"),
        (one(days=[]), "servers[0]: is no server of a record"),
        (one(days={"today": 1}), "servers[0]: is no server of a record"),
        (one(seen="now"), "servers[0]: is no server of a record"),
        (one(name=7), "servers[0]: expected texts as names"),
        (one(days={"2026-03-04": -1}), "servers[0].days: expected whole numbers of bytes"),
        (one(days={"2026-03-04": True}), "servers[0].days: expected whole numbers of bytes"),
        (one(days={"2026-03-04": "300"}), "servers[0].days: expected whole numbers of bytes"),
        (one(seen="2026-03-04T03:30:00"), "servers[0].seen: expected a time with its zone"),
        (" " * (MAX_BYTES + 1), "is over 1 MiB"),
    ],
)
def test_what_is_no_record_is_told(text: str, problem: str):
    with pytest.raises(RecordError) as raised:
        parse_record(text)

    assert str(raised.value) == problem


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_nothing_else_comes_out(value: object):
    for text in (json.dumps(value), json.dumps({"version": 1, "servers": value})):
        try:
            parse_record(text)
        except RecordError:
            continue
