"""A history as curves: one for each life of its server, and the times between them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from webhook.trials.history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Memory in bytes, `at` seconds from the beginning."""

    at: float
    memory: int


Curve = tuple[Point, ...]


def pieces(history: History) -> tuple[Curve, ...]:
    """Cut a history where the server was away or started anew.

    A life that the kernel ended goes up to the limit, where that is what happened. A server's own
    figure counts pages of its program that other containers share: it is cut off at the limit.
    """
    return tuple(_ended(history, life) for life in _lives(history))


def down_times(history: History) -> tuple[tuple[float, float], ...]:
    """Give the times between a kill and the next life, or the end of the samples."""
    curves = pieces(history)
    ends = [history.seconds_of(each) for each in history.oom_kills]
    last = history.samples[-1].at if history.samples else 0.0
    return tuple(
        (end, next((curve[0].at for curve in curves if curve[0].at > end), last)) for end in ends
    )


def ceilings_set(history: History) -> tuple[tuple[float, int], ...]:
    """Give when a running server was first seen with another ceiling, and that in bytes."""
    return tuple(
        (sample.at, sample.server.maxmemory)
        for before, sample in pairwise(history.samples)
        if before.server is not None
        and sample.server is not None
        and sample.server.uptime >= before.server.uptime
        and sample.server.maxmemory != before.server.maxmemory
    )


def _lives(history: History) -> Iterator[Curve]:
    life: list[Point] = []
    uptime = 0
    for sample in history.samples:
        server = sample.server
        if life and (server is None or server.uptime < uptime):
            yield tuple(life)
            life = []
        if server is not None:
            uptime = server.uptime
            life.append(Point(at=sample.at, memory=min(server.memory, history.limit)))
    if life:
        yield tuple(life)


def _ended(history: History, life: Curve) -> Curve:
    """Add the kill that follows a life's last sample within a few seconds."""
    last = life[-1].at
    for termination in history.oom_kills:
        at = history.seconds_of(termination)
        # The kubelet's clock has whole seconds, the loader's began within one.
        if life[0].at < at and last - 2 <= at <= last + 4:
            return (*life, Point(at=max(at, last), memory=history.limit))
    return life
