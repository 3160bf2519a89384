"""Text of a review's object as it may stand in a message."""

from webhook.domain.kubernetes.pod import Container


def named(container: Container) -> str:
    """Name a container as messages do."""
    return f'container "{printable(container.name)}"'


def printable(text: str) -> str:
    """Take out what a terminal obeys: names are not yet validated when a webhook sees them."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
