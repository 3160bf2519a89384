"""Verdicts as people read them."""

from rich.text import Text

from webhook.cli.report.finding import Finding
from webhook.cli.terminal.console import styled
from webhook.domain.evaluation.outcome import Verdict

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
    if not finding.outcome.denied:
        return styled(verdict, _STYLES[verdict])
    return styled(verdict if verdict is Verdict.DENY else f"{verdict}, deny", "bold red")
