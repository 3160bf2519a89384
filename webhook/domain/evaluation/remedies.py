"""What to do about an evaluation, as text and as YAML to paste."""

from collections.abc import Iterator

from webhook.domain.evaluation.outcome import Outcome
from webhook.domain.kubernetes.pod import Container
from webhook.domain.reasons import EXPLANATIONS


def limit_remedy(container: Container, amount: str) -> str:
    """Write the YAML that gives a container a memory limit."""
    return (
        "spec:\n"
        f"  {container.list}:\n"
        f"  - name: {container.name}\n"
        "    resources:\n"
        "      limits:\n"
        f"        memory: {amount}"
    )


def remedies(outcome: Outcome) -> Iterator[str]:
    """Give the reason's remedy, what to paste, and what that would give, as far as there is any."""
    for text in dict.fromkeys((EXPLANATIONS[outcome.reason].remedy, outcome.remedy)):
        if text:
            yield text
    if outcome.remedied is not None:
        yield f"With that limit, {outcome.remedied.message}."
