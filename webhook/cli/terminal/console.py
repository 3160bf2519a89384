"""The console that people read: as wide as its terminal, coloured only there."""

from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.text import Text

from webhook.cli.terminal.printable import printable

_WIDTH_OF_A_PIPE = 120


def make_console() -> Console:
    """Make a console on standard output; colours only on a terminal, and never with NO_COLOR."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _WIDTH_OF_A_PIPE
    return console


def captured(console: Console, parts: Iterable[RenderableType]) -> str:
    """Render parts one below the other, without the spaces that rich fills lines with."""
    with console.capture() as capture:
        for part in parts:
            console.print(part, soft_wrap=isinstance(part, Text) and bool(part.no_wrap))
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def styled(text: object, style: str = "") -> Text:
    """Give a text for the console, made printable."""
    return Text(printable(str(text)), style=style)
