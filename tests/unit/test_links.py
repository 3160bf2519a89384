"""The links of the pages lead somewhere."""

import re
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).parents[2]
_PAGES = sorted(
    page
    for pattern in ("*.md", ".github/**/*.md", "charts/**/*.md", "docs/**/*.md")
    for page in _REPOSITORY.glob(pattern)
)


def text_of(page: Path) -> str:
    return re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The names of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", text_of(page), re.MULTILINE)
    shown = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading) for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in shown}


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: str(page.relative_to(_REPOSITORY)))
def test_every_link_into_the_repository_leads_somewhere(page: Path):
    lost = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        file, _, anchor = link.partition("#")
        target = page.parent / file if file else page
        if ":" not in link and (not target.exists() or (anchor and anchor not in anchors(target))):
            lost.append(link)

    assert lost == []


def test_every_page_is_linked_from_the_readme_or_a_page_of_its_table():
    linked = {
        (_REPOSITORY / page / ".." / link.partition("#")[0]).resolve()
        for page in ("README.md", "docs/decisions/README.md")
        for link in re.findall(r"\]\(([^)\s]+)\)", (_REPOSITORY / page).read_text())
    }

    assert {*(_REPOSITORY / "docs").rglob("*.md")} - linked == set()
