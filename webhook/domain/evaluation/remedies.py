"""What to do about an evaluation, as text and as YAML to paste."""

from collections.abc import Iterator

from webhook.domain.evaluation.outcome import Outcome
from webhook.domain.kubernetes.image_reference import Image, ImageError, parse_image
from webhook.domain.kubernetes.pod import Container
from webhook.domain.reasons import EXPLANATIONS, Reason


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


def unreachable_remedy(container: Container, reason: Reason) -> str:
    """Say what to do about a server out of reach: for an unknown image what the policy needs."""
    if reason is not Reason.UNKNOWN_IMAGE:
        return EXPLANATIONS[reason].remedy
    try:
        image = parse_image(container.image)
    except ImageError:
        return EXPLANATIONS[reason].remedy
    return "\n".join(_policy_of_image(image))


def _policy_of_image(image: Image) -> Iterator[str]:
    if image.repository.startswith("library/"):
        yield f"Where {image.registry} mirrors Docker Hub, in the policy:"
        yield from ("images:", "  mirrors:", f"  - {image.registry}")
    family = next((make for make in ("valkey", "keydb") if make in image.repository), "redis")
    yield "Where the image starts its server as the official one does:"
    yield from ("images:", "  add:", f"  - repository: {image.registry}/{image.repository}")
    yield f"    family: {family}"


def remedies(outcome: Outcome) -> Iterator[str]:
    """Give the reason's remedy, what to paste, and what that would give, as far as there is any."""
    general = EXPLANATIONS[outcome.reason].remedy
    for text in dict.fromkeys((general, outcome.remedy, outcome.chart_settings)):
        if text:
            yield text
    if outcome.remedied is not None:
        yield f"With that limit, {outcome.remedied.message}."
