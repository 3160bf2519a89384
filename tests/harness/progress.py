"""One line on standard error for each step that takes longer than a glance."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import click


def say(line: str) -> None:
    click.echo(f"cluster: {line}", err=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Announce `what`, then say how many seconds it took."""
    say(f"{what} ...")
    start = time.monotonic()
    yield
    say(f"{what}: {time.monotonic() - start:.1f} s")
