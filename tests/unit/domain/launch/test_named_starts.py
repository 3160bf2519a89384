"""Servers that a text names which cannot be scanned."""

import pytest

from webhook.domain.launch.named_starts import named_starts


@pytest.mark.parametrize(("commands", "seen"), [(16, 16), (17, 0), (50_000, 0)])
def test_no_more_commands_are_looked_at_than_can_be_at_once(commands: int, seen: int) -> None:
    assert len(named_starts("exec redis-server --port 1; " * commands)) == seen


def test_a_server_in_a_loop_has_as_many_copies_as_nobody_knows() -> None:
    (start,) = named_starts("for port in 1 2; do redis-server --port 1; done")

    assert (start.program, start.words, start.copies) == ("redis-server", ("--port", "1"), None)
