import pytest

from webhook.domain.kubernetes.quantity import (
    MAX_BYTES,
    QuantityError,
    format_bytes,
    format_mebibytes,
    parse_bytes,
)

MI = 1024 * 1024


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("-0", 0),
        ("1", 1),
        ("+1", 1),
        ("007", 7),
        ("512Mi", 512 * MI),
        ("1.5Gi", 1536 * MI),
        (".5Gi", 512 * MI),
        ("5.", 5),
        ("5.Ki", 5120),
        ("1Ki", 1024),
        ("1Ti", 1024**4),
        ("1Pi", 1024**5),
        ("1k", 1000),
        ("1M", 1000**2),
        ("1G", 1000**3),
        ("1T", 1000**4),
        ("1P", 1000**5),
        ("1E", 10**18),
        ("9E", 9 * 10**18),
        ("1e3", 1000),
        ("1E3", 1000),
        ("1E+3", 1000),
        ("1.5e3", 1500),
        ("12e-1", 2),
    ],
)
def test_every_legal_notation(text: str, expected: int) -> None:
    assert parse_bytes(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1000m", 1),
        ("1001m", 2),
        ("1n", 1),
        ("1u", 1),
        ("999999999n", 1),
        ("1000000001n", 2),
        ("0.0001", 1),
        ("0.1Ki", 103),
        ("0.125Ki", 128),
        ("0." + "0" * 90 + "1", 1),
    ],
)
def test_fractions_of_a_byte_round_up(text: str, expected: int) -> None:
    assert parse_bytes(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9223372036854775806", MAX_BYTES - 1),
        ("9223372036854775807", MAX_BYTES),
        ("9223372036854775808", MAX_BYTES),
        ("7Ei", 7 * 2**60),
        ("8Ei", MAX_BYTES),
        ("10E", MAX_BYTES),
        ("9" * 99 + "E", MAX_BYTES),
        ("1e999999999", MAX_BYTES),
        ("1e" + "9" * 90, MAX_BYTES),
        ("0e999999999", 0),
        ("1e-999999999", 1),
        ("0e-999999999", 0),
        ("9" * 80 + "e-80", 1),
        ("1" + "0" * 60 + "e-60", 1),
    ],
)
def test_the_cap_and_the_cost_of_exponents(text: str, expected: int) -> None:
    assert parse_bytes(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        (536870912, 536870912),
        pytest.param(10**5000, MAX_BYTES, id="an integer of 5001 digits"),
        (1.5, 2),
        (1e3, 1000),
        (1e22, MAX_BYTES),
        (1e-7, 1),
    ],
)
def test_numbers_of_yaml_and_json(value: object, expected: int) -> None:
    assert parse_bytes(value) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "not a quantity: ''"),
        (" ", "not a quantity: ' '"),
        ("1 ", "not a quantity: '1 '"),
        ("1\n", "not a quantity: '1\\n'"),
        ("Ki", "not a quantity: 'Ki'"),
        (".", "not a quantity: '.'"),
        ("+", "not a quantity: '+'"),
        ("e3", "not a quantity: 'e3'"),
        ("1e", "not a quantity: '1e'"),
        ("1e+", "not a quantity: '1e+'"),
        ("1e1.5", "not a quantity: '1e1.5'"),
        ("1.5.5", "not a quantity: '1.5.5'"),
        ("--1", "not a quantity: '--1'"),
        ("NaN", "not a quantity: 'NaN'"),
        ("Infinity", "not a quantity: 'Infinity'"),
        ("1_000", "not a quantity: '1_000'"),
        ("1,5Gi", "not a quantity: '1,5Gi'"),
        ("\N{FULLWIDTH DIGIT ONE}", "not a quantity: '\N{FULLWIDTH DIGIT ONE}'"),
        ("1\N{KELVIN SIGN}i", "not a quantity: '1\N{KELVIN SIGN}i'"),
        ("0x10", "not a quantity: '0x10'"),
        ("100%", "not a quantity: '100%'"),
        ("1GB", "not a quantity: '1GB' (did you mean 1G or 1Gi?)"),
        ("1.5gb", "not a quantity: '1.5gb' (did you mean 1.5G or 1.5Gi?)"),
        ("512K", "not a quantity: '512K' (did you mean 512k or 512Ki?)"),
        ("512 Mi", "not a quantity: '512 Mi' (did you mean 512Mi?)"),
        ("512MiB", "not a quantity: '512MiB' (did you mean 512Mi?)"),
        ("512ki", "not a quantity: '512ki' (did you mean 512Ki?)"),
        ("512B", "not a quantity: '512B' (did you mean 512?)"),
        ("1" * 101, "not a quantity: longer than 100 characters"),
        ("-1", "a quantity of memory is never negative: '-1'"),
        ("-1n", "a quantity of memory is never negative: '-1n'"),
        (-1, "a quantity of memory is never negative: '-1'"),
        pytest.param(
            -(10**5000),
            "a quantity of memory is never negative: '-9223372036854775807'",
            id="a negative integer of 5001 digits",
        ),
        (-0.5, "a quantity of memory is never negative: '-0.5'"),
        (float("nan"), "not a quantity: 'nan'"),
        (float("inf"), "not a quantity: 'inf'"),
        (True, "not a quantity: True"),
        (None, "not a quantity: None"),
        ([1], "not a quantity: a value of type list"),
    ],
)
def test_what_is_no_quantity_is_refused_with_its_text(value: object, message: str) -> None:
    with pytest.raises(QuantityError) as refused:
        parse_bytes(value)

    assert str(refused.value) == message


def test_a_hundred_characters_are_read() -> None:
    assert parse_bytes("0" * 99 + "1") == 1


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (1, "1"),
        (1023, "1023"),
        (1024, "1Ki"),
        (1025, "1025"),
        (1536 * MI, "1536Mi"),
        (400 * MI, "400Mi"),
        (400 * MI + 1, "419430401"),
        (2**30, "1Gi"),
        (2**60, "1Ei"),
        (MAX_BYTES, "9223372036854775807"),
    ],
)
def test_bytes_are_written_exactly(count: int, text: str) -> None:
    assert format_bytes(count) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (MI - 1, "1048575"),
        (MI - 1024, "1023Ki"),
        (MI, "1Mi"),
        (MI * 3 // 2, "1.5Mi"),
        (MI * 875 // 10, "87.5Mi"),
        (MI * 2 - 1, "1.9Mi"),
        (2**31, "2048Mi"),
    ],
)
def test_mebibytes_are_rounded_down_to_a_tenth(count: int, text: str) -> None:
    assert format_mebibytes(count) == text
