"""A text with parts of it blanked out, so that the rest can be searched at its own offsets."""

from collections.abc import Iterable

from webhook.domain.shell.command import Span


def without(text: str, spans: Iterable[Span]) -> str:
    """Put blanks for the spans, which may lie within one another."""
    pieces: list[str] = []
    position = 0
    for span in sorted(spans, key=lambda each: each.start):
        if span.end > position:
            start = max(position, span.start)
            pieces += (text[position:start], " " * (span.end - start))
            position = span.end
    return "".join((*pieces, text[position:]))
