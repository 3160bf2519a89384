"""A ceiling that the Pod says, wherever it says it, is never raised."""

from typing import Any

from hypothesis import given, settings
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
    holding,
    owned,
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


def in_an_included_file(amount: int, args: tuple[str, ...]) -> tuple[Json, Files]:
    files = {
        "redis.conf": "port 7000\ninclude /conf/more.conf\n",
        "more.conf": f"maxmemory {amount}",
    }
    return {"args": ["/conf/redis.conf", *args]}, {"m": files}


def in_env_from(amount: int, args: tuple[str, ...]) -> tuple[Json, Files]:
    source = [{"prefix": "REDIS_", "configMapRef": {"name": "m"}}]
    return {"args": ["--maxmemory", "$(REDIS_SIZE)", *args], "envFrom": source}, {
        "m": {"SIZE": str(amount)}
    }


def in_a_key_of_a_config_map(amount: int, args: tuple[str, ...]) -> tuple[Json, Files]:
    env = [{"name": "SIZE", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "size"}}}]
    return {"args": ["--maxmemory", "$(SIZE)", *args], "env": env}, {"m": {"size": str(amount)}}


def in_the_memory_request(amount: int, args: tuple[str, ...]) -> tuple[Json, Files]:
    env = [{"name": "SIZE", "valueFrom": {"resourceFieldRef": {"resource": "requests.memory"}}}]
    requests = {"memory": str(amount)}
    return {"args": ["--maxmemory", "$(SIZE)", *args], "env": env, "requests": requests}, {}


def in_an_annotation(amount: int, args: tuple[str, ...]) -> tuple[Json, Files]:
    field = {"fieldPath": "metadata.annotations['redis-memory-guard.dev/x-own-size']"}
    env = [{"name": "SIZE", "valueFrom": {"fieldRef": field}}]
    own = {"x-own-size": str(amount)}
    return {"args": ["--maxmemory", "$(SIZE)", *args], "env": env, "annotations": own}, {}


def in_shell(prelude: str, word: str) -> Any:
    """A place in shell text, in which AMOUNT stands for the ceiling."""

    def place(amount: int, args: tuple[str, ...]) -> tuple[Json, Files]:
        options = " ".join(arg or "''" for arg in args)
        text = f"{prelude}\nexec redis-server --maxmemory {word} {options}"
        return {"command": ["sh", "-c", text.replace("AMOUNT", str(amount))]}, {}

    return place


def in_a_file_that_a_shell_variable_names(amount: int, args: tuple[str, ...]) -> tuple[Json, Files]:
    options = " ".join(arg or "''" for arg in args)
    text = f'DIR=/conf\nCONF="$DIR/redis.conf"\nexec redis-server "$CONF" {options}'
    return {"command": ["sh", "-c", text]}, {"m": {"redis.conf": f"maxmemory {amount}\n"}}


def in_a_text_that_writes_the_file(amount: int, args: tuple[str, ...]) -> tuple[Json, Files]:
    options = " ".join(arg or "''" for arg in args)
    text = f"SIZE={amount}; echo maxmemory $SIZE > /tmp/r.conf; redis-server /tmp/r.conf {options}"
    return {"command": ["sh", "-c", text]}, {}


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
        in_an_included_file,
        in_env_from,
        in_a_key_of_a_config_map,
        in_the_memory_request,
        in_an_annotation,
        in_shell("SIZE=AMOUNT", "$SIZE"),
        in_shell("", "${SIZE:-AMOUNT}"),
        in_shell("SIZE=${SIZE:-AMOUNT}", '"$SIZE"'),
        in_shell("", "$((AMOUNT * 2 / 2))"),
        in_a_file_that_a_shell_variable_names,
        in_a_text_that_writes_the_file,
        before_a_hidden_file,
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    amount=st.integers(1, 2048 * MEBI),
    limit=st.integers(32, 1024),
    place=PLACES,
    args=PERSISTENCE,
    on_claim=st.booleans(),
    by_init=st.booleans(),
    held=st.integers(0, 2048 * MEBI),
)
def test_it_is_respected_or_lowered(
    *,
    amount: int,
    limit: int,
    place: Any,
    args: tuple[str, ...],
    on_claim: bool,
    by_init: bool,
    held: int,
) -> None:
    fields, files = place(amount, args)
    annotations, requests = fields.pop("annotations", None), fields.pop("requests", None)
    mounts = [a_mount("/conf", "m"), *([a_mount("/data")] if on_claim else [])]
    container = a_container(limit=f"{limit}Mi", volumeMounts=mounts, **fields)
    if requests is not None:
        container["resources"]["requests"] = requests
    pod = a_pod(container, annotations=annotations, volumes=[a_config_map("m"), a_claim()])
    if by_init and "/copy" in str(fields.get("args")):
        container["volumeMounts"] = mounts[1:]
        init = a_container(name="init", image="busybox", command=["cp", "/conf/*", "/copy"])
        pod["spec"]["initContainers"] = [{**init, "volumeMounts": mounts[:1]}]

    outcome = evaluated(owned(pod), files=files, floors=holding(held)).outcomes[0]

    assert outcome.sizing is not None
    assert outcome.sizing.maxmemory <= amount
