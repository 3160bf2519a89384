import pytest

from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.redis.command_line import ServerOptions, is_sentinel, parse_options
from webhook.domain.redis.directives import Directive, DirectiveError


def directive(name: str, *values: str | None, source: str = "args") -> Directive:
    return Directive(name=name, values=values, source=source)


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ((), ServerOptions()),
        (("--maxmemory", "1mb"), ServerOptions(directives=(directive("maxmemory", "1mb"),))),
        (
            ("--MaxMemory 1mb",),
            ServerOptions(joined=True, directives=(directive("maxmemory", "1mb"),)),
        ),
        (
            ("--maxmemory=1mb",),
            ServerOptions(directives=(directive("maxmemory=1mb"),), waiting="maxmemory=1mb"),
        ),
        (("-maxmemory", "1mb"), ServerOptions(directives=(directive("-maxmemory", "1mb"),))),
        (("/r.conf",), ServerOptions(config_file="/r.conf")),
        (("",), ServerOptions(config_file="")),
        (
            ("/r.conf", "--save", "60", "1", "x y"),
            ServerOptions(config_file="/r.conf", directives=(directive("save", "60", "1", "x y"),)),
        ),
        (
            ("--a", "1", "/r.conf"),
            ServerOptions(directives=(directive("a", "1", "/r.conf"),)),
        ),
        (
            ("--a 1\nb 2", "3", "--c", "4\n5"),
            ServerOptions(
                joined=True,
                directives=(directive("a", "1"), directive("b", "2", "3"), directive("c", "4\n5")),
            ),
        ),
        (("--#a", "1", "--b", "2"), ServerOptions(directives=(directive("b", "2"),))),
    ],
)
def test_options_become_directives(tokens: tuple[str, ...], expected: ServerOptions) -> None:
    assert parse_options(tokens) == expected


@pytest.mark.parametrize(
    ("tokens", "directives", "waiting"),
    [
        (("--save", ""), (directive("save", ""),), None),
        (("--save",), (directive("save", ""),), None),
        (("--SAVE", "--a", "1"), (directive("save", ""), directive("a", "1")), None),
        (("--save", "60 1"), (directive("save", "60 1"),), None),
        (("--save 60", "1"), (directive("save", "60", "1"),), None),
        (("--save ", "--a", "1"), (directive("save", "--a", "1"),), None),
        (("--requirepass",), (directive("requirepass"),), "requirepass"),
        (("--RequirePass ",), (directive("requirepass"),), "requirepass"),
        (("--requirepass", "--a", "1"), (directive("requirepass", "--a", "1"),), None),
        (("--requirepass", "--a", "--b"), (directive("requirepass", "--a"), directive("b")), "b"),
        (("--",), (), "--"),
        (("--", "--a", "1"), (directive("--a", "1"),), None),
    ],
)
def test_options_wait_for_their_value(
    tokens: tuple[str, ...], directives: tuple[Directive, ...], waiting: str | None
) -> None:
    options = parse_options(tokens)

    assert (options.directives, options.waiting) == (directives, waiting)


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (("-",), ServerOptions(stdin=True)),
        (("-", "--a", "1"), ServerOptions(stdin=True, directives=(directive("a", "1"),))),
        (("r", "-"), ServerOptions(stdin=True, config_file="r")),
        (("--a", "1", "-"), ServerOptions(stdin=True, directives=(directive("a", "1"),))),
        (("--a", "-"), ServerOptions(stdin=True, directives=(directive("a"),), waiting="a")),
        (("--a", "-", "1"), ServerOptions(directives=(directive("a", "-", "1"),))),
    ],
)
def test_standard_input_is_read_when_the_dash_is_first_or_last(
    tokens: tuple[str, ...], expected: ServerOptions
) -> None:
    assert parse_options(tokens) == expected


@pytest.mark.parametrize(
    ("token", "special"),
    [
        ("-v", "version"),
        ("--version", "version"),
        ("-h", "help"),
        ("--help", "help"),
        ("--test-memory", "test-memory"),
        ("--check-system", "check-system"),
        ("--Version", None),
    ],
)
def test_special_arguments_count_in_first_place_only(token: str, special: str | None) -> None:
    assert parse_options([token, "--a", "1"]).special == special
    assert parse_options(["r.conf", token, "--a", "1"]).special is None


@pytest.mark.parametrize(
    ("tokens", "expected", "directives"),
    [
        (("s.conf", "--sentinel"), True, (directive("sentinel"),)),
        (("--sentinel", "--a", "1"), True, (directive("sentinel"), directive("a", "1"))),
        (
            ("--sentinel", "x", "--Sentinel"),
            True,
            (directive("sentinel", "x"), directive("sentinel")),
        ),
        (("--a", "--sentinel"), True, (directive("a", "--sentinel"),)),
        (("--Sentinel",), False, (directive("sentinel"),)),
    ],
)
def test_sentinel_is_told_by_the_very_word(
    tokens: tuple[str, ...], expected: bool, directives: tuple[Directive, ...]
) -> None:
    assert is_sentinel(tokens) is expected
    assert parse_options(tokens).directives == directives


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (("--a", UNKNOWN), ServerOptions(directives=(directive("a", None),))),
        ((f"--a {UNKNOWN}",), ServerOptions(joined=True, directives=(directive("a", None),))),
        ((f"/etc/{UNKNOWN}.conf",), ServerOptions(config_file=f"/etc/{UNKNOWN}.conf")),
        (("--a", "1", f"x{UNKNOWN}"), ServerOptions(directives=(directive("a", "1", None),))),
        ((UNKNOWN,), ServerOptions(opaque=True, directives=(directive(UNKNOWN),))),
        (
            (f"-{UNKNOWN}", "1"),
            ServerOptions(opaque=True, directives=(directive(f"-{UNKNOWN}", "1"),)),
        ),
        (
            ("--a", "1", UNKNOWN),
            ServerOptions(opaque=True, directives=(directive("a", "1", None),)),
        ),
        (
            (f"--max{UNKNOWN}", "1"),
            ServerOptions(opaque=True, directives=(directive(f"max{UNKNOWN}", "1"),)),
        ),
    ],
)
def test_an_unseen_option_makes_all_opaque_and_an_unseen_value_does_not(
    tokens: tuple[str, ...], expected: ServerOptions
) -> None:
    assert parse_options(tokens) == expected


def test_options_name_their_source() -> None:
    assert parse_options(["--a", "1"], source="REDIS_ARGS").directives == (
        directive("a", "1", source="REDIS_ARGS"),
    )
    with pytest.raises(DirectiveError) as refused:
        parse_options(["--a", "1", '--requirepass "secret'], source="REDIS_ARGS")

    assert str(refused.value) == "REDIS_ARGS, line 3: unbalanced quotes"
