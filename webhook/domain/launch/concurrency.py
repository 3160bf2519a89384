"""How many of the servers that a launch starts run at one time."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webhook.domain.launch.launch import ServerStart
from webhook.domain.shell import Block, Kind, Program, SimpleCommand
from webhook.domain.starts.commands import ServerCommand
from webhook.domain.starts.functions import mentions

_DEEPEST = 20
_DETACHING = frozenset({"setsid", "-b", "--background", "--fork"})


def most_at_once(starts: Sequence[ServerStart], stays: Sequence[bool]) -> int | None:
    """Count the servers that run side by side at most, None where that cannot be counted.

    `stays` tells of each start whether its server goes on when the next command is run. Of those
    that do not, one runs at a time; of the branches of one `if` or `case`, one is taken.
    """
    staying = [start for start, stay in zip(starts, stays, strict=True) if stay]
    counted = [(each.branches, each.copies) for each in staying if each.copies is not None]
    if len(counted) < len(staying):
        return None
    return max(1, _weigh(counted) + (1 if len(staying) < len(starts) else 0))


def starts_of(
    servers: Sequence[ServerCommand], text: str, program: Program
) -> tuple[ServerStart, ...]:
    """Say of a text's servers how often each may be started, and beside which others."""
    counter = _Counter(text, program)
    return tuple(_start_of(server, counter) for server in servers)


def _start_of(server: ServerCommand, counter: "_Counter") -> ServerStart:
    command = server.command
    times = counter.count(command)
    copies = times.copies
    is_constant = all(word.value is not None for word in command.words)
    if copies is None and is_constant and not times.is_beside:
        copies = 1  # The same server anew, on the same port.
    return ServerStart(
        program=server.program,
        words=server.words,
        beside_others=times.is_beside,
        copies=copies,
        branches=tuple(block for block in command.blocks if block.kind is Kind.BRANCH),
        is_exec=server.is_exec,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Times:
    """How often a command is run, None where that cannot be told, and whether beside others."""

    copies: int | None
    is_beside: bool


_UNKNOWN_TIMES = _Times(copies=None, is_beside=False)


class _Counter:
    """Counts how often commands are run, through the functions that they stand in."""

    def __init__(self, text: str, program: Program) -> None:
        self._functions: dict[str, _Times] = {}
        self._named = mentions(text, program) if program.functions else Counter[str]()
        for span in program.functions:
            self._named[span.name] -= 1
        self._calls: dict[str, list[SimpleCommand]] = {}
        for command in program.commands if program.functions else ():
            for value in {word.value for word in command.words if word.value is not None}:
                self._calls.setdefault(value, []).append(command)

    def count(self, command: SimpleCommand, depth: int = 0) -> _Times:
        """Count how often a command is run; `depth` functions further on it counts a server."""
        is_beside = command.background or command.piped or _detaches(command)
        copies = _rounds(command.blocks)
        if command.function is None:
            return _Times(copies=copies, is_beside=is_beside)
        calls = self._count_calls(command.function, depth)
        return _Times(
            copies=None if copies is None or calls.copies is None else copies * calls.copies,
            is_beside=is_beside or calls.is_beside,
        )

    def _count_calls(self, name: str, depth: int) -> _Times:
        if depth == _DEEPEST:
            return _UNKNOWN_TIMES
        if name not in self._functions:
            self._functions[name] = _UNKNOWN_TIMES  # for a function that calls itself
            calls = self._calls.get(name, ())
            times = [self.count(call, depth + 1) for call in calls]
            counted = [each.copies for each in times if each.copies is not None]
            is_seen = bool(calls) and self._named[name] == len(calls) == len(counted)
            self._functions[name] = _Times(
                copies=sum(counted) if is_seen else None,
                is_beside=any(each.is_beside for each in times),
            )
        return self._functions[name]


def _rounds(blocks: Iterable[Block]) -> int | None:
    rounds = 1
    for block in blocks:
        if block.kind is Kind.LOOP:
            if block.rounds is None:
                return None
            rounds *= block.rounds
    return rounds


def _detaches(command: SimpleCommand) -> bool:
    """Tell what hands the shell back before its program ends."""
    return any(
        word.value in ("setsid", "-b", "--background", "--fork") for word in command.words[:4]
    )


def _weigh(starts: Iterable[tuple[tuple[Block, ...], int]]) -> int:
    """Sum the copies, of the branches of one construct only the largest."""
    total = 0
    constructs: dict[int, dict[int, list[tuple[tuple[Block, ...], int]]]] = {}
    for branches, copies in starts:
        if not branches:
            total += copies
            continue
        first, *rest = branches
        parts = constructs.setdefault(first.at, {})
        parts.setdefault(first.branch, []).append((tuple(rest), copies))
    for parts in constructs.values():
        weights = {branch: _weigh(part) for branch, part in parts.items()}
        total += weights.pop(0, 0) + max(weights.values(), default=0)
    return total
