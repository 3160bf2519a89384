"""Text for terminals that cannot steer them: names in manifests come from anyone."""


def printable(text: str) -> str:
    """Show control and other unprintable characters, except line ends, as escapes."""
    return "".join(
        character if character.isprintable() or character == "\n" else ascii(character)[1:-1]
        for character in text
    )
