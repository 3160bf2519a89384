"""docs/decisions/README.md: one row a decision, by its number and title."""

import re
from collections.abc import Iterator
from pathlib import Path

_DECISION = re.compile(r"# (\d+)\. (.+)")


def render_index(page: str, directory: Path) -> str:
    """Write the page's table anew; what stands above it stays."""
    head, _, _ = page.partition("| | |\n")
    return f"{head}| | |\n|---|---|\n" + "".join(_rows(directory))


def _rows(directory: Path) -> Iterator[str]:
    for file in sorted(directory.glob("[0-9]*.md")):
        title = _DECISION.match(file.read_text())
        if title is None or int(title[1]) != int(file.name[:4]):
            raise ValueError(f"{file}: must begin with `# N. Title`, N as in its name")
        yield f"| [{title[1]}]({file.name}) | {title[2]} |\n"
