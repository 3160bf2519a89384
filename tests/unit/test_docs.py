"""The pages for users say what the program says."""

import re
from pathlib import Path

import pytest

from webhook.domain.families import FAMILIES
from webhook.domain.family import ByVariable
from webhook.domain.reasons import EXPLANATIONS, Reason

DOCS = Path(__file__).parents[2] / "docs"
REASONS = (DOCS / "reasons.md").read_text()
LAUNCHES = (DOCS / "launches.md").read_text()
WHAT_TO_DO = "**What to do:** "


def section(reason: Reason) -> tuple[str, ...]:
    """The paragraphs of a reason's section, each as one line."""
    _, _, behind = REASONS.partition(f"\n### `{reason}`\n")
    text, *_ = re.split(r"\n##", behind)
    return tuple(" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n"))


def test_every_reason_has_its_heading_in_the_programs_order():
    assert re.findall(r"^### `(.*)`$", REASONS, re.MULTILINE) == list(Reason)


def test_every_reason_has_its_explanation():
    assert set(EXPLANATIONS) == set(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_has_exactly_its_sentence(reason: Reason):
    paragraphs = [each for each in section(reason) if not each.startswith("Verdict: ")]

    assert paragraphs[0] == EXPLANATIONS[reason].sentence


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_has_exactly_its_remedy(reason: Reason):
    told = [each for each in section(reason) if each.startswith(WHAT_TO_DO)]

    remedy = EXPLANATIONS[reason].remedy
    assert told == ([WHAT_TO_DO + remedy] if remedy else [])


@pytest.mark.parametrize("family", [each for each in FAMILIES if each != "unlisted"])
def test_every_image_family_is_listed(family: str):
    names = [glob.removeprefix("*/").partition("/")[2] for glob in FAMILIES[family].repositories]
    paths = [glob.removeprefix("*/") for glob in FAMILIES[family].repositories]

    assert any(text in LAUNCHES for text in (*names, *paths) if text)


@pytest.mark.parametrize(
    "variable",
    {each.start.variable for each in FAMILIES.values() if isinstance(each.start, ByVariable)},
)
def test_every_variable_is_listed(variable: str):
    assert f"`{variable}`" in LAUNCHES
