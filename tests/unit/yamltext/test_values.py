"""The values are those of sigs.k8s.io/yaml, which kubectl reads manifests with."""

import math

import pytest

from webhook.yamltext.documents import compose
from webhook.yamltext.values import YamlError, construct, repeated_keys


def read(text: str) -> object:
    node = compose(text)
    assert node is not None
    return construct(node)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("y", True),
        ("Yes", True),
        ("on", True),
        ("TRUE", True),
        ("N", False),
        ("off", False),
        ("yEs", "yEs"),
        ("'yes'", "yes"),
        ("!!str yes", "yes"),
        ("~", None),
        ("Null", None),
        ("nULL", "nULL"),
        ("0", 0),
        ("-0", 0),
        ("0644", 420),
        ("0o17", 15),
        ("08", 8),
        ("0x1F", 31),
        ("-0b11", -3),
        ("1_000", 1000),
        ("18446744073709551616", 18446744073709551616),
        ("1e3", 1000),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e-7", 1e-7),
        (f"1{'0' * 80}", 1e80),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("1.2.3", "1.2.3"),
        ("22:22", "22:22"),
        ("2026-01-01", "2026-01-01"),
        ("256mb", "256mb"),
        ("0x", "0x"),
        ("=", "="),
        ("!Ref name", "name"),
        ("{1: a, true: b, 1.5: c}", {"1": "a", "true": "b", "1.5": "c"}),
        ("{no: a}", {"false": "a"}),
        ("{a: 1, a: 2}", {"a": 2}),
        ("[&x {a: 1}, *x]", [{"a": 1}, {"a": 1}]),
        ("{b: &x {a: 1, c: 1}, d: {c: 2, <<: *x}}", {"b": {"a": 1, "c": 1}, "d": {"a": 1, "c": 2}}),
        ("{<<: [{a: 1}, {a: 2, b: 2}]}", {"a": 1, "b": 2}),
        ("[<<]", ["<<"]),
    ],
)
def test_a_value_is_what_kubectl_makes_of_it(text: str, value: object):
    read_value = read(text)

    assert (read_value, type(read_value)) == (value, type(value))


def test_not_a_number_is_a_number():
    assert str(read(".nan")) == "nan"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\n? [b]\n: c", "line 2: a key must be a plain value, not a collection"),
        ("~: a", "line 1: a key must not be null"),
        ("\n<<: 3", "line 2: '<<' takes a mapping or a list of mappings"),
        ("<<: [3]", "line 1: '<<' takes a mapping or a list of mappings"),
        ("!!int seven", "line 1: not a number: 'seven'"),
        ("!!float seven", "line 1: not a number: 'seven'"),
    ],
)
def test_what_has_no_value_is_refused(text: str, problem: str):
    with pytest.raises(YamlError) as raised:
        read(text)

    assert str(raised.value) == problem


def test_repeated_keys_are_found_at_every_depth_and_once_per_anchor():
    node = compose("a: &x\n  - {b: 1, b: 2}\nc: *x\na: 3\n<<: {}\n<<: {}\n")
    assert node is not None

    repeated = repeated_keys(node)

    assert repeated == ((2, "b"), (4, "a"))
