import pytest

from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.redis.arguments import quote_argument, split_arguments
from webhook.domain.redis.directives import (
    Directive,
    DirectiveError,
    is_yes,
    last_directive,
    parse_config,
    parse_memory,
    save_points,
)


def directive(name: str, *values: str | None, source: str = "args") -> Directive:
    return Directive(name=name, values=values, source=source)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", ()),
        (" \t\v\f\r\n", ()),
        ("a", ("a",)),
        (" maxmemory\t100mb ", ("maxmemory", "100mb")),
        ('""', ("",)),
        ("'' a", ("", "a")),
        ('"a b" c', ("a b", "c")),
        ("'a b'\vc", ("a b", "c")),
        ('foo"bar"', ("foobar",)),
        ("foo'bar'", ("foobar",)),
        ('"\\n\\r\\t\\b\\a\\q\\"\\\\"', ('\n\r\t\b\aq"\\',)),
        ('"\\x41\\xzz\\x4"', ("Axzzx4",)),
        ("'\\'\\n'", ("'\\n",)),
        ("a\\b", ("a\\b",)),
        ("a\vb\fc", ("a\vb\fc",)),
        ("a\N{NO-BREAK SPACE}b", ("a\N{NO-BREAK SPACE}b",)),
    ],
)
def test_lines_split_as_the_server_splits_them(line: str, expected: tuple[str, ...]) -> None:
    assert split_arguments(line) == expected


@pytest.mark.parametrize(
    "line", ['"', "'", '"a', "'a\\'", '"a\\"', '"a\\', '"a"b', "'a'b", "a\"b''"]
)
def test_unbalanced_quotes_give_nothing(line: str) -> None:
    assert split_arguments(line) is None


def test_a_quoted_argument_is_one_line() -> None:
    assert quote_argument('a "b"\n\\\x7f') == '"a \\x22b\\x22\\x0a\\x5c\\x7f"'


def test_a_config_file_is_read_in_order() -> None:
    text = '# a\n\n \tMaxMemory "100mb"\r\n#b\nsave 60 1\ninclude /etc/x.conf\n\v\nsave'

    assert parse_config(text, "redis.conf") == (
        directive("maxmemory", "100mb", source="redis.conf"),
        directive("save", "60", "1", source="redis.conf"),
        directive("include", "/etc/x.conf", source="redis.conf"),
        directive("save", source="redis.conf"),
    )


def test_a_value_that_cannot_be_seen_is_none() -> None:
    text = f"maxmemory {UNKNOWN}mb\nsave 60 {UNKNOWN}\n{UNKNOWN} x"

    assert parse_config(text, "f") == (
        directive("maxmemory", None, source="f"),
        directive("save", "60", None, source="f"),
        directive(UNKNOWN, "x", source="f"),
    )


def test_a_malformed_line_is_named_and_its_secret_is_not() -> None:
    with pytest.raises(DirectiveError) as refused:
        parse_config('port 0\nrequirepass "secret', "/conf/redis.conf")

    assert str(refused.value) == "/conf/redis.conf, line 2: unbalanced quotes"


def test_the_last_directive_of_a_name_is_in_effect() -> None:
    directives = (directive("a", "1"), directive("b", "2"), directive("a", "3"))

    assert last_directive(directives, "a") == directive("a", "3")
    assert last_directive(directives, "c") is None


@pytest.mark.parametrize(("text", "expected"), [("yes", True), ("YES", True), ("no", False)])
def test_a_switch(text: str, expected: bool) -> None:
    assert is_yes(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("100", 100),
        ("100b", 100),
        ("100B", 100),
        ("1k", 1000),
        ("1kb", 1024),
        ("1m", 10**6),
        ("1MB", 2**20),
        ("1g", 10**9),
        ("1Gb", 2**30),
        ("0" * 126 + "1", 1),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", None),
        ("18014398509481983kb", (2**54 - 1) * 1024),
        ("18014398509481984kb", None),
        ("0" * 127 + "1", None),
        ("", None),
        ("mb", None),
        ("-1", None),
        ("+1", None),
        (" 1", None),
        ("1 mb", None),
        ("1\n", None),
        ("400Mi", None),
        ("50%", None),
        ("0.5gb", None),
        ("1t", None),
        ("1bb", None),
        ("\N{FULLWIDTH DIGIT ONE}mb", None),
        ("1\N{KELVIN SIGN}b", None),
    ],
)
def test_sizes(text: str, expected: int | None) -> None:
    assert parse_memory(text) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("", None),
        ("port 0", None),
        ("save 60 1", ("60 1",)),
        ("save 60 1 30 5", ("60 1", "30 5")),
        ('save "60 1 30 5"', ("60 1", "30 5")),
        ("save 60 1\nport 0\nsave 30 5", ("60 1", "30 5")),
        ('save ""', ()),
        ("save '\"\"'", ()),
        ("save", ()),
        ("save ' '", ()),
        ("save '\"60 1'", ()),
        ('save 60 1\nsave ""', ()),
        ("save 60 1\nsave", ("60 1",)),
        ('save ""\nsave 60 1', ("60 1",)),
        ("save 60", ("60",)),
        ("save 60 1 30", ("60 1", "30")),
        (f"save {UNKNOWN}", (UNKNOWN,)),
        (f"save 60 {UNKNOWN}\nsave 30 5", (UNKNOWN, "30 5")),
    ],
)
def test_save_points(lines: str, expected: tuple[str, ...] | None) -> None:
    assert save_points(parse_config(lines, "f")) == expected
