"""The evaluation of containers, written out for people."""

import json
from collections.abc import Iterator, Sequence

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from webhook.cli.report.finding import Finding
from webhook.cli.report.verdict_text import verdict_text
from webhook.cli.terminal.console import captured, make_console, styled
from webhook.domain.evaluation.evidence import DOCUMENT, read_evidence
from webhook.domain.evaluation.outcome import Outcome
from webhook.domain.evaluation.remedies import remedies
from webhook.domain.kubernetes.quantity import format_bytes

_BOLD = "bold"


def render_explanation(findings: Sequence[Finding]) -> str:
    """Write what was seen of each container, what follows from it, and what becomes of it."""
    console = make_console()
    return captured(console, (part for finding in findings for part in _container(finding)))


def _container(finding: Finding) -> Iterator[Text | Table | Padding]:
    outcome = finding.outcome
    yield Text.assemble(styled(finding.location, "dim"), " ", styled(finding.title, _BOLD))
    yield styled(f"image {outcome.container.image or '(none)'}")
    yield Text()
    yield _steps(outcome.steps)
    yield Text()
    yield Text.assemble("Verdict: ", verdict_text(finding), f" ({outcome.reason})")
    yield _indented(styled(_sentence(outcome.message)))
    for warning in finding.warnings:
        yield Text.assemble(styled("Warning", "yellow"), f" ({warning.reason})")
        yield _indented(styled(_sentence(warning.message)))
    if remedy := tuple(remedies(outcome)):
        yield styled("Remedy:")
        yield from (_indented(styled(text)) for text in remedy)
    yield from _sizing(finding)
    yield from _survival(outcome.remedied or outcome)
    if finding.patch:
        yield styled("The patch on the Pod:")
        yield from (_unbroken(json.dumps(operation)) for operation in finding.patch)
    yield Text()


def _steps(steps: Sequence[str]) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for number, step in enumerate(steps, 1):
        table.add_row(f"{number}.", styled(_sentence(step)))
    return table


def _sizing(finding: Finding) -> Iterator[Text | Table | Padding]:
    sizing = finding.outcome.sizing
    if sizing is None:
        return
    yield styled("Sizes:")
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    table.add_column(justify="right")
    rows = (
        ("memory limit", sizing.limit),
        ("headroom", sizing.headroom),
        ("maxmemory", sizing.maxmemory),
    )
    for name, size in rows:
        table.add_row(name, format_bytes(size), f"{100 * size / sizing.limit:.1f}%")
    yield _indented(table)
    yield _indented(styled(f"profile {sizing.profile}: {sizing.because}"))


def _survival(outcome: Outcome) -> Iterator[Text | Padding]:
    found = read_evidence(outcome)
    if found is None:
        return
    yield styled("What the ceiling survives:")
    yield from (_indented(styled(sentence)) for sentence in found.sentences)
    yield styled(f"What no headroom covers ({DOCUMENT}):")
    yield from (_indented(styled(_sentence(f"{gap.words}: {gap.because}"))) for gap in found.gaps)


def _unbroken(line: str) -> Text:
    """Keep a line whole, to be copied."""
    text = styled(f"  {line}")
    text.no_wrap = True
    return text


def _indented(inner: Text | Table) -> Padding:
    return Padding(inner, (0, 0, 0, 2))


def _sentence(text: str) -> str:
    """Start as a sentence does; programs and directives keep their letters."""
    first = text.split(" ", 1)[0]
    is_name = first == "maxmemory" or any(character in first for character in ":-=.")
    return text if is_name else text[:1].upper() + text[1:]
