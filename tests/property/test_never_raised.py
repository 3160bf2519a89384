"""A ceiling that the Pod says, wherever it says it, is never raised."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.harness.builders import (
    MEBI,
    Files,
    Json,
    a_claim,
    a_config_map,
    a_container,
    a_mount,
    a_pod,
    evaluated,
)

PERSISTENCE = st.sampled_from(
    [(), ("--save", ""), ("--appendonly", "yes"), ("--save", "", "--appendonly", "no")]
)


def in_args(amount: int, args: tuple[str, ...]) -> tuple[Json, Files]:
    return {"args": ["--maxmemory", str(amount), *args]}, {}


def in_a_variable(amount: int, args: tuple[str, ...]) -> tuple[Json, Files]:
    env = [{"name": "SIZE", "value": str(amount)}]
    return {"args": ["--maxmemory", "$(SIZE)", *args], "env": env}, {}


def in_a_shell_text(amount: int, args: tuple[str, ...]) -> tuple[Json, Files]:
    options = " ".join(arg or "''" for arg in args)
    text = f"prepare\nexec redis-server --maxmemory {amount} {options}"
    return {"command": ["sh", "-c", text]}, {}


def in_a_file(amount: int, args: tuple[str, ...]) -> tuple[Json, Files]:
    return {"args": ["/conf/redis.conf", *args]}, {"m": {"redis.conf": f"maxmemory {amount}\n"}}


def in_a_file_that_is_copied(amount: int, args: tuple[str, ...]) -> tuple[Json, Files]:
    return {"args": ["/copy/redis.conf", *args]}, {"m": {"redis.conf": f"maxmemory {amount}\n"}}


def in_a_file_of_another_name(amount: int, args: tuple[str, ...]) -> tuple[Json, Files]:
    return {"args": ["/copy/redis.conf", *args]}, {"m": {"base": f"maxmemory {amount}\n"}}


def before_a_hidden_file(amount: int, args: tuple[str, ...]) -> tuple[Json, Files]:
    return {"args": ["--maxmemory", str(amount), *args, "--include", "/hidden.conf"]}, {}


PLACES: Any = st.sampled_from(
    [
        in_args,
        in_a_variable,
        in_a_shell_text,
        in_a_file,
        in_a_file_that_is_copied,
        in_a_file_of_another_name,
        before_a_hidden_file,
    ]
)


@given(
    amount=st.integers(1, 2048 * MEBI),
    limit=st.integers(32, 1024),
    place=PLACES,
    args=PERSISTENCE,
    on_claim=st.booleans(),
)
def test_it_is_respected_or_lowered(
    amount: int, limit: int, place: Any, args: tuple[str, ...], on_claim: bool
) -> None:
    fields, files = place(amount, args)
    mounts = [a_mount("/conf", "m"), *([a_mount("/data")] if on_claim else [])]
    pod = a_pod(
        a_container(limit=f"{limit}Mi", volumeMounts=mounts, **fields),
        volumes=[a_config_map("m"), a_claim()],
    )

    outcome = evaluated(pod, files=files).outcomes[0]

    assert outcome.sizing is not None
    assert outcome.sizing.maxmemory <= amount
