"""The examples at the end of a command's --help."""


def examples(*lines: str) -> str:
    """Write an epilog for click, whose lines stay as they are."""
    return "\n".join(("\b", "Examples:", *(f"  {line}" for line in lines)))
