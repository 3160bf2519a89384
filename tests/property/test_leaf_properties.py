"""Laws of the modules that read single texts: quantities, images, configuration."""

import math
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kubernetes.utils import parse_quantity

from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.kubernetes.image_reference import ImageError, parse_image
from webhook.domain.kubernetes.quantity import (
    MAX_BYTES,
    QuantityError,
    format_bytes,
    format_mebibytes,
    parse_bytes,
)
from webhook.domain.redis.arguments import quote_argument, split_arguments
from webhook.domain.redis.command_line import parse_options
from webhook.domain.redis.directives import DirectiveError, parse_config, parse_memory, save_points

SUFFIXES = ("", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
exponents = st.builds("{}{}".format, st.sampled_from("eE"), st.integers(-30, 30))
numbers = st.from_regex(r"\+?([0-9]{1,25}(\.[0-9]{0,12})?|\.[0-9]{1,12})", fullmatch=True)
quantities = st.builds("{}{}".format, numbers, st.sampled_from(SUFFIXES) | exponents)
near_quantities = st.text(alphabet="0123456789.+-eEnumkKMGTPi ", max_size=12)
near_images = st.text(alphabet="aB0.:/@_-[]", max_size=30)
near_lines = st.text(alphabet=" \t\n\v\"'\\x41asve#-" + UNKNOWN, max_size=30)
tokens = st.one_of(
    near_lines,
    st.text(max_size=8),
    st.sampled_from(["-", "--", "--save", "--sentinel", "--maxmemory", "1mb", "", UNKNOWN]),
)
MEBI = 1024 * 1024
# A busy machine is no failure.
unhurried = settings(deadline=None)


@unhurried
@given(quantities)
@example("0.1Ki")
@example("9E")
@example("9E9")
def test_a_legal_quantity_is_what_the_kubernetes_client_reads_rounded_up(text: str) -> None:
    assert parse_bytes(text) == min(math.ceil(parse_quantity(text)), MAX_BYTES)


@unhurried
@given(near_quantities | st.text() | st.integers() | st.floats() | st.none() | st.binary())
def test_whatever_is_given_is_bytes_or_a_quantity_error(value: object) -> None:
    try:
        count = parse_bytes(value)
    except QuantityError:
        return

    assert 0 <= count <= MAX_BYTES


@unhurried
@given(st.integers(0, MAX_BYTES) | st.integers(0, 2**43 - 1).map(MEBI.__mul__))
def test_bytes_come_back_from_their_text(count: int) -> None:
    text = format_bytes(count)

    assert parse_bytes(text) == count
    assert len(text) <= len(str(count))


@unhurried
@given(st.integers(0, MAX_BYTES))
def test_mebibytes_are_at_most_a_tenth_too_few(count: int) -> None:
    shown = parse_bytes(format_mebibytes(count))

    # Parsing rounds up to a byte what writing rounded down to a tenth of a mebibyte.
    assert -1 <= count - shown <= MEBI // 10 + 1


@st.composite
def references(draw: st.DrawFn) -> str:
    host = draw(
        st.from_regex(
            r"([a-zA-Z0-9]{1,9}(-{1,3}[a-z0-9]{1,9})?(\.[a-zA-Z]{1,5}){0,2}(:[0-9]{1,5})?/)?",
            fullmatch=True,
        )
    )
    # No dot in the first component: without a host it would be read as one.
    path = draw(
        st.from_regex(
            r"[a-z0-9]{1,9}((_|__|-{1,3})[a-z0-9]{1,9}){0,3}(/[a-z]{1,9}(\.[0-9])?){0,2}",
            fullmatch=True,
        )
    )
    tag = draw(st.from_regex(r"(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,9})?", fullmatch=True))
    digest = draw(st.sampled_from(["", "@sha256:" + "0f" * 32, "@sha512:" + "e1" * 64]))
    return host + path + tag + digest


@unhurried
@given(references())
@example("A/a")
@example("docker.io./redis")
@example("INDEX.DOCKER.IO/redis")
def test_the_text_of_an_image_parses_to_the_same_image(text: str) -> None:
    image = parse_image(text)

    assert parse_image(str(image)) == image


@unhurried
@given(near_images | st.text())
def test_whatever_is_given_is_an_image_that_comes_back_or_an_image_error(text: str) -> None:
    try:
        image = parse_image(text)
    except ImageError:
        return

    assert parse_image(str(image)) == image


@unhurried
@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]))))
def test_quoted_arguments_come_back(arguments: list[str]) -> None:
    line = " ".join(map(quote_argument, arguments))

    assert split_arguments(line) == tuple(arguments)
    assert "\n" not in line


@unhurried
@given(near_lines | st.text())
def test_whatever_is_given_is_a_configuration_or_a_directive_error(text: str) -> None:
    try:
        directives = parse_config(text, "f")
    except DirectiveError:
        return
    save_points(directives)

    assert all(UNKNOWN not in (value or "") for each in directives for value in each.values)


@unhurried
@given(st.lists(tokens, max_size=6))
def test_whatever_is_given_are_options_or_a_directive_error(arguments: list[str]) -> None:
    try:
        options = parse_options(arguments)
    except DirectiveError:
        return

    assert options.opaque or all(UNKNOWN not in each.name for each in options.directives)


@unhurried
@given(st.lists(tokens, max_size=6), st.integers(1, 2**63))
def test_an_option_appended_to_a_complete_command_line_wins(
    arguments: list[str], maxmemory: int
) -> None:
    try:
        options = parse_options(arguments)
        appended = parse_options([*arguments, "--maxmemory", str(maxmemory)])
    except DirectiveError:
        return
    if options.waiting is not None or options.special is not None or "-" in arguments:
        return

    assert appended.directives[-1].name == "maxmemory"
    assert appended.directives[-1].values == (str(maxmemory),)
    assert appended.directives[:-1] == options.directives


@unhurried
@given(st.integers(0, 2**33 - 1), st.sampled_from(["k", "m", "g"]), st.booleans())
def test_redis_and_kubernetes_agree_on_units(number: int, letter: str, upper: bool) -> None:
    prefix = {"k": "K", "m": "M", "g": "G"}[letter]
    unit = letter.upper() if upper else letter

    assert parse_memory(f"{number}{unit}b") == parse_bytes(f"{number}{prefix}i")
    assert parse_memory(f"{number}{unit}") == parse_bytes(f"{number}e{3 * 'kmg'.find(letter) + 3}")


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(lambda: parse_config("save " + "60 1 " * 50_000, "f"), id="values"),
        pytest.param(lambda: parse_config('save "' + '\\"' * 500_000, "f"), id="quotes"),
        pytest.param(lambda: save_points(parse_config("save 60 1\n" * 50_000, "f")), id="saves"),
        pytest.param(lambda: parse_options(["--save", *["60"] * 50_000]), id="elements"),
        pytest.param(lambda: parse_options(["--a b"] * 50_000), id="options"),
        pytest.param(lambda: parse_image("a-" * 500_000), id="components"),
        pytest.param(lambda: parse_image("a/" * 500_000), id="paths"),
        pytest.param(lambda: parse_image("a." * 500_000 + "/" + "a" * 500_000), id="labels"),
        pytest.param(lambda: parse_image("a@sha256:" + "0" * 1_000_000), id="digest"),
        pytest.param(lambda: parse_bytes("9" * 1_000_000), id="digits"),
        pytest.param(lambda: parse_bytes("1e999999999"), id="exponent"),
    ],
)
def test_long_hostile_text_is_read_in_linear_time(read: Callable[[], object]) -> None:
    started = time.process_time()
    with suppress(DirectiveError, ImageError, QuantityError):
        read()

    # Under a second, a few with coverage on; what is quadratic takes far longer.
    assert time.process_time() - started < 10
