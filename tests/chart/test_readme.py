"""The chart's README has each value, and each value is described."""

from typing import Any

import pytest
import yaml

from tests.chart.rendering import CHART
from tests.generate.chart_readme import Row, UndescribedError, describe, render_readme


def test_it_is_up_to_date() -> None:
    assert (CHART / "README.md").read_text() == render_readme(CHART), "make generate"


def test_every_value_is_in_it() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    rows = {row.key: row.default for row in describe((CHART / "values.yaml").read_text())}

    assert _together(rows) == values


def test_no_description_would_break_its_table() -> None:
    rows = describe((CHART / "values.yaml").read_text())

    assert [row.key for row in rows if "|" in str(row)[2:-2].replace(" | ", "")] == []


def test_a_value_is_described_by_the_comment_above_it() -> None:
    rows = describe(
        """\
# Not of it.

# -- How many, and
# no more.
replicas: 2
image:
  # -- Which one.
  tag: ""
  # said in passing
  # -- Nobody's.
# -- Where it
#  runs.
selector:
  os: linux
# -- Seconds.
waits: [1, 2.5]
# -- Whether.
waiting: true
"""
    )

    assert rows == (
        Row(key="replicas", default=2, description="How many, and no more."),
        Row(key="image.tag", default="", description="Which one."),
        Row(key="selector", default={"os": "linux"}, description="Where it  runs."),
        Row(key="waits", default=[1, 2.5], description="Seconds."),
        Row(key="waiting", default=True, description="Whether."),
    )
    assert str(rows[0]) == "| replicas | int | `2` | How many, and no more. |"
    assert str(rows[1]) == '| image.tag | string | `""` | Which one. |'
    assert str(rows[2]) == '| selector | object | `{"os":"linux"}` | Where it  runs. |'
    assert str(rows[3]) == "| waits | list | `[1,2.5]` | Seconds. |"
    assert str(rows[4]) == "| waiting | bool | `true` | Whether. |"


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ("a: 1\n", "a"),
        ("# about a\na: 1\n", "a"),
        ("# -- About a.\na: 1\nb: {}\n", "b"),
        ("a:\n  # -- About b.\n  b: 1\n  c: 2\n", "a.c"),
    ],
)
def test_a_value_without_a_description_is_refused(values: str, key: str) -> None:
    with pytest.raises(UndescribedError) as raised:
        describe(values)

    assert str(raised.value) == key


def _together(rows: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, default in rows.items():
        *above, name = key.split(".")
        inner = values
        for each in above:
            inner = inner.setdefault(each, {})
        inner[name] = default
    return values
