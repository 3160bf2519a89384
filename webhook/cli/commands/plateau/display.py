"""What a person sees of two trials: their progress, and the table at the end."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from webhook.domain.kubernetes.quantity import format_bytes, format_mebibytes
from webhook.trials.history import History

_LINE_EVERY = 10.0

Show = Callable[[Mapping[str, History]], None]


@contextmanager
def progress(console: Console, *, seconds: int) -> Iterator[Show]:
    """Give what shows the histories: bars on a terminal, a line every ten seconds elsewhere."""
    if not console.is_terminal:
        yield _lines(console)
        return
    columns = (TextColumn("{task.description:9}"), BarColumn(), TextColumn("{task.fields[state]}"))
    with Progress(*columns, console=console, transient=True) as bars:
        time = bars.add_task("time", total=seconds, state="")
        memory = {}

        def show(histories: Mapping[str, History]) -> None:
            elapsed = _elapsed(histories)
            bars.update(time, completed=elapsed, state=f"{elapsed:.0f} of {seconds} s")
            for name, history in histories.items():
                if name not in memory:
                    memory[name] = bars.add_task(name, total=history.limit, state="")
                server = history.samples[-1].server if history.samples else None
                held = 0 if server is None else server.memory
                bars.update(memory[name], completed=held, state=_state(history))

        yield show


def result_table(histories: Mapping[str, History]) -> Table:
    """Lay the trials out side by side."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    table.add_column("")
    for heading in ("LIMIT", "MAXMEMORY", "PEAK", "EVICTIONS", "RESTARTS", "OOM KILLS"):
        table.add_column(heading, justify="right")
    for name, history in histories.items():
        table.add_row(name, *_cells(history))
    return table


def _cells(history: History) -> Iterator[str]:
    latest = history.latest
    yield format_bytes(history.limit)
    yield format_mebibytes(latest.maxmemory) if latest and latest.maxmemory else "none"
    yield "the limit" if history.oom_kills else format_mebibytes(history.peak)
    yield f"{history.evictions:,}"
    yield str(history.restarts)
    yield str(len(history.oom_kills))


def _lines(console: Console) -> Show:
    shown = -_LINE_EVERY

    def show(histories: Mapping[str, History]) -> None:
        nonlocal shown
        elapsed = _elapsed(histories)
        if elapsed < shown + _LINE_EVERY:
            return
        shown = elapsed
        states = "; ".join(f"{name} {_state(history)}" for name, history in histories.items())
        console.print(f"{elapsed:4.0f} s: {states}", soft_wrap=True)

    return show


def _elapsed(histories: Mapping[str, History]) -> float:
    return max((each.samples[-1].at for each in histories.values() if each.samples), default=0.0)


def _state(history: History) -> str:
    if not history.samples:
        return f"starting {history.waiting}".rstrip()
    server = history.samples[-1].server
    limit = format_bytes(history.limit)
    memory = "down" if server is None else f"{format_mebibytes(server.memory)} of {limit}"
    kills = len(history.oom_kills)
    return f"{memory}, {history.evictions:,} evicted, {kills} OOM kill{'s' * (kills != 1)}"
