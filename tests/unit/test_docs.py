"""The pages for users say what the program says."""

import re
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from webhook.domain.ceiling.sizing import Limit, ProfileName, size
from webhook.domain.evaluation.evidence import GAPS, MEASURED
from webhook.domain.images.catalog import FAMILIES
from webhook.domain.images.family import ByVariable
from webhook.domain.kubernetes.quantity import parse_bytes
from webhook.domain.policy.profile import Headroom
from webhook.domain.reasons import EXPLANATIONS, Reason

TESTS = Path(__file__).parents[1]
DOCS = TESTS.parent / "docs"
PAGES = {page.name: page.read_text() for page in sorted(DOCS.rglob("*.md"))}
DEFINED = Counter(
    name
    for file in TESTS.rglob("test_*.py")
    for name in re.findall(r"^ *def (test_\w+)\(", file.read_text(), re.MULTILINE)
)
ATTEMPTS = re.findall(
    r"^\| (\d+) \| (?:[^|]*\| ){2}([^|]*) \|$", PAGES["security.md"], re.MULTILINE
)
"""The number of each way around it, and what the page says of its tests."""
REASONS, LAUNCHES, HEADROOM = (PAGES[f"{name}.md"] for name in ("reasons", "launches", "headroom"))
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
    globs = [glob.removeprefix("*/") for glob in FAMILIES[family].repositories]

    told = re.findall(r"`([^`|]+)`", LAUNCHES)
    assert any(fnmatchcase(name, glob) for name in told for glob in globs)


@pytest.mark.parametrize(
    "variable",
    sorted(
        {each.start.variable for each in FAMILIES.values() if isinstance(each.start, ByVariable)}
    ),
)
def test_every_variable_is_listed(variable: str):
    assert f"`{variable}`" in LAUNCHES


def headroom_section(heading: str) -> str:
    _, _, behind = HEADROOM.partition(f"\n## {heading}\n")
    return behind.partition("\n## ")[0]


def test_what_each_profile_survived_is_told_in_the_programs_words():
    section = headroom_section("What each profile survived")
    quoted = re.findall(r"(?:^> .*\n)+", section, re.MULTILINE)

    told = [" ".join(quote.replace("> ", "").split()) for quote in quoted]
    assert told == [measured.survived for measured in MEASURED.values()]


def test_what_no_headroom_covers_is_the_programs_list():
    section = headroom_section("What no headroom covers")

    leads = re.findall(r"^- \*\*(.*?)\.?\*\*", section, re.MULTILINE)
    told = [lead.replace("`", "") for lead in leads]
    assert told == [f"{gap.words[0].upper()}{gap.words[1:]}" for gap in GAPS]


def test_the_cache_profile_is_within_every_share_that_survived():
    header, _, *rows = re.findall(r"^\|(.*)\|$", headroom_section("A cache"), re.MULTILINE)
    limits = [parse_bytes(cell.strip()) for cell in header.split("|")[1:]]
    *workloads, profile = [[cell.strip() for cell in row.split("|")[1:]] for row in rows]

    for limit, share, *survived in zip(limits, profile, *workloads, strict=True):
        given = size(Limit(amount=limit), Headroom(), ProfileName.CACHE, "").maxmemory / limit
        assert abs(given - float(share)) <= 0.005
        assert given <= min(float(cell) for cell in survived if cell)


def test_every_way_around_it_has_its_row():
    assert [int(number) for number, _ in ATTEMPTS] == list(range(1, len(ATTEMPTS) + 1))


@pytest.mark.parametrize(("number", "tests"), ATTEMPTS, ids=[number for number, _ in ATTEMPTS])
def test_a_way_around_it_names_its_tests_or_says_why_there_are_none(number: str, tests: str):
    assert re.fullmatch(r"`test_\w+`(, `test_\w+`)*|none: .+", tests)


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_a_page_names_is_there_and_no_other_is_called_so(page: str):
    named = set(re.findall(r"`(test_\w+)", PAGES[page]))

    assert {name: DEFINED[name] for name in named} == dict.fromkeys(named, 1)


LINKING = sorted([*DOCS.rglob("*.md"), *DOCS.parent.glob("*.md")])


@pytest.mark.parametrize("page", LINKING, ids=lambda page: str(page.relative_to(DOCS.parent)))
def test_every_link_between_files_leads_somewhere(page: Path):
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)

    local = [target for target in targets if not re.match(r"[a-z]+:", target)]
    assert [target for target in local if not (page.parent / target).exists()] == []
