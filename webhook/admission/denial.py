"""The message of a denial."""

from collections.abc import Sequence

from webhook.admission.printable import named, printable
from webhook.domain.evaluation.evidence import preview
from webhook.domain.evaluation.outcome import Outcome
from webhook.domain.evaluation.remedies import remedies


def denial(outcomes: Sequence[Outcome]) -> str:
    """Write the message of a denial: every refused container with its reason and its remedy.

    What the remedy would give comes last: where the message is cut, as an event is, the rest stays.
    """
    blocks = (
        f"{named(outcome.container)}: {printable(outcome.message)} ({outcome.reason}). "
        + "\n".join(printable(line) for text in remedies(outcome) for line in text.split("\n"))
        for outcome in outcomes
    )
    return "\n".join((*blocks, *preview(outcomes)))
