"""docs/reasons.md: the program's sentences and remedies, and around them what people wrote."""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from webhook.domain.reasons import EXPLANATIONS, FIRST_WARNING, Explanation, Reason

_WIDTH = 115
_REMEDY = "**What to do:** "
_SECTION = re.compile(r"^### `([a-z-]+)`\n(.*?)(?=^### |^## |\Z)", re.MULTILINE | re.DOTALL)


def render_reasons(page: str) -> str:
    """Write the page anew: every reason in the program's order, with its sentence and remedy.

    What else stands in a reason's section stays behind them; a new reason gets a section.
    """
    sections = dict(_SECTION.findall(page))
    head, _, behind = page.partition("\n## Verdicts\n")
    _, _, warnings = behind.partition("\n## Warnings\n")
    intro = warnings.partition("### ")[0].strip()
    reasons = list(Reason)
    first = reasons.index(FIRST_WARNING)
    parts = [
        head.strip(),
        "## Verdicts",
        *_sections(reasons[:first], sections),
        "## Warnings",
        *([intro] if intro else []),
        *_sections(reasons[first:], sections),
    ]
    return "\n\n".join(parts) + "\n"


def _sections(reasons: Sequence[Reason], sections: Mapping[str, str]) -> Iterator[str]:
    for reason in reasons:
        yield f"### `{reason}`"
        yield from _paragraphs(EXPLANATIONS[reason], sections.get(reason, ""))


def _paragraphs(explanation: Explanation, body: str) -> Iterator[str]:
    written = [each.strip("\n") for each in re.split(r"\n\s*\n", body) if each.strip()]
    verdicts = [each for each in written if each.startswith("Verdict: ")]
    yield from verdicts
    yield _wrapped(explanation.sentence)
    if explanation.remedy:
        yield _wrapped(_REMEDY + explanation.remedy)
    yield from _notes([each for each in written if each not in verdicts])


def _notes(written: Sequence[str]) -> Iterator[str]:
    """Leave out the sentence, which comes first, and the remedy: the program's stand in place."""
    for index, paragraph in enumerate(written):
        if index > 0 and not paragraph.startswith(_REMEDY):
            yield paragraph


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
