"""Verdicts and remedies as people read them."""

from rich.text import Text

from webhook.cli.console import styled
from webhook.cli.report import Finding
from webhook.domain.outcome import Outcome, Verdict
from webhook.domain.reasons import EXPLANATIONS

_STYLES = {
    Verdict.INJECT: "green",
    Verdict.ADJUST: "yellow",
    Verdict.RESPECT: "green",
    Verdict.DENY: "yellow",
    Verdict.UNENFORCEABLE: "yellow",
    Verdict.EXEMPT: "dim",
    Verdict.IGNORE: "dim",
}


def verdict_text(finding: Finding) -> Text:
    """Name the verdict; one for which the Pod would be denied says so."""
    verdict = finding.outcome.verdict
    if not finding.outcome.refused:
        return styled(verdict, _STYLES[verdict])
    return styled(verdict if verdict is Verdict.DENY else f"{verdict}, deny", "bold red")


def remedies(outcome: Outcome) -> tuple[str, ...]:
    """Give the reason's remedy and the YAML to paste, as far as there is either."""
    texts = dict.fromkeys((EXPLANATIONS[outcome.reason].remedy, outcome.remedy))
    return tuple(text for text in texts if text)
