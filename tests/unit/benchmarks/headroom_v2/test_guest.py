"""What runs inside the virtual machine, as far as it decides anything."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from benchmarks.headroom.v2.guest.case import GuestCase, Load, decode_case, encode_case
from benchmarks.headroom.v2.guest.commands import Words, batches, command, get
from benchmarks.headroom.v2.guest.figures import Figures
from benchmarks.headroom.v2.guest.replies import Replies
from benchmarks.headroom.v2.guest.server import await_pong, replica_state


def a_load(**changes: object) -> Load:
    values = {"kind": "set", "clients": 1, "depth": 2, "least": 5, "most": 5, "keys": 9}
    return Load(**{**values, "enough": 1000, **changes})  # type: ignore[arg-type]


def test_a_case_crosses_the_wire_unchanged():
    case = GuestCase(
        name="7",
        server="redis-7.0",
        options=("--save", ""),
        limit=2**26,
        seconds=60,
        load=a_load(repeatedly="BGSAVE"),
        sysctls={"net.ipv4.tcp_rmem": "1 2 3"},
    )

    assert decode_case(json.loads(json.dumps(encode_case(case)))) == case


REPLIES = {
    b"+OK\r\n": 0,
    b":12\r\n": 0,
    b"$-1\r\n": 0,
    b"$0\r\n\r\n": 0,
    b"$4\r\n\r\n\r\n\r\n": 0,
    b"$11\r\nhello world\r\n": 0,
    b"-OOM command not allowed\r\n": 1,
}
"""A reply, and whether it is a refusal."""


@given(some.lists(some.sampled_from(sorted(REPLIES))), some.integers(min_value=1, max_value=9))
def test_replies_are_counted_however_they_are_cut(replies: list[bytes], piece: int):
    stream, counter = b"".join(replies), Replies()

    pieces = (stream[at : at + piece] for at in range(0, len(stream), piece))

    assert sum(map(counter.feed, pieces)) == len(replies)
    assert counter.errors == sum(REPLIES[reply] for reply in replies)


def test_a_command_is_an_array_of_bulk_strings():
    assert command(b"GET", b"") == b"*2\r\n$3\r\nGET\r\n$0\r\n\r\n"


@pytest.mark.parametrize("most", [5, 6])
def test_a_batch_is_as_many_sets_of_the_sizes_asked_for(most: int):
    load = a_load(most=most, depth=3)
    batch = batches(load, Words(load, seed=1))()

    assert batch.count(b"*3\r\n$3\r\nSET\r\n$14\r\nkey:00000000") == 3
    assert batch.count(b"\r\n$5\r\n") + batch.count(b"\r\n$6\r\n") == 3


def test_the_keys_of_the_next_batch_are_others():
    load = a_load(keys=10**9)
    make = batches(load, Words(load, seed=1))

    assert make() != make()


def test_a_reader_asks_for_keys_of_the_same_space():
    load = a_load(keys=1)

    assert get(Words(load, seed=1), 2) == command(b"GET", b"key:0000000000") * 2


def test_the_need_is_what_the_kernel_could_not_take_back():
    figures = Figures()
    look = {"anon": 100, "shmem": 1, "sock": 20, "kernel": 9, "slab_reclaimable": 4, "file": 50}

    figures.add(look, at=0)
    figures.add({**look, "anon": 90, "sock": 25}, at=0.5)
    figures.add({**look, "anon": 95}, at=1.25)

    assert figures.most == {"anon": 100, "sock": 25, "kernel": 9, "file": 50, "need": 126}
    assert figures.curve == [(0, 126), (1.2, 121)]


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"slave0": "ip=10.0.0.1,port=6379,state=online,offset=14,lag=0"}, "online"),
        ({"slave0": "ip=10.0.0.1,port=6379,state=wait_bgsave,offset=0,lag=0"}, "wait_bgsave"),
        ({"connected_slaves": "0"}, "absent"),
        ({}, "unknown"),
    ],
)
def test_how_far_a_replica_is_stands_in_its_masters_information(said: dict[str, str], state: str):
    assert replica_state(said) == state


def test_nobody_waits_for_a_server_that_is_gone():
    with pytest.raises(ConnectionRefusedError, match="it ended before its first PONG"):
        await_pong(("127.0.0.1", 1), is_gone=lambda: True)
