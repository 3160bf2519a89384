"""The picture: memory over time, guarded and not."""

from pathlib import Path
from typing import TYPE_CHECKING

from webhook.cli.commands.plateau.curve import ceilings_set, down_times, pieces
from webhook.cli.commands.plateau.verdict import Trials
from webhook.domain.kubernetes.quantity import format_mebibytes
from webhook.trials.history import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GUARDED, _UNGUARDED, _LIMIT, _INK = "#1a7f37", "#cf222e", "#57606a", "#24292f"
_KILL = _UNGUARDED
_INCHES, _DPI = (9.0, 4.5), 160
_PARTS = 4
_ROOM = 1.12
_NOTED_SHARE = 0.06


class PlottingMissingError(RuntimeError):
    """The plotting library is not installed; the text names the extra that brings it."""


def require_plotting() -> None:
    """Raise PlottingMissingError where matplotlib is not installed."""
    try:
        import matplotlib as mpl  # noqa: F401, PLC0415 - optional, and only a picture needs it
    except ImportError:
        raise PlottingMissingError(
            "a chart needs matplotlib: pip install 'redis-memory-guard[plot]'"
        ) from None


def draw(
    trials: Trials, directory: Path, *, subject: str, name: str = "plateau"
) -> tuple[Path, Path]:
    """Write `name`.png and `name`.svg; `subject` is what was run, for the title.

    Raises PlottingMissingError and OSError.
    """
    require_plotting()
    from matplotlib import rc_context  # noqa: PLC0415 - see require_plotting
    from matplotlib.figure import Figure  # noqa: PLC0415

    paths = directory / f"{name}.png", directory / f"{name}.svg"
    # The salt makes the same run the same file.
    with rc_context({"svg.hashsalt": "plateau", "font.size": 11, "text.color": _INK}):
        figure = Figure(figsize=_INCHES, dpi=_DPI, facecolor="white", layout="constrained")
        _compose(figure, trials, subject)
        for path in paths:
            metadata = {"Date": None} if path.suffix == ".svg" else None
            figure.savefig(path, metadata=metadata)
    return paths


def _compose(figure: "Figure", trials: Trials, subject: str) -> None:
    axes = figure.add_subplot()
    histories = [each for each in (trials.guarded, trials.unguarded) if each is not None]
    seconds = max((sample.at for each in histories for sample in each.samples), default=1.0)
    _frame(axes, trials.guarded, seconds)
    axes.set_title(subject, loc="left", fontsize=13, fontweight="bold", pad=26)
    if trials.unguarded is not None:
        _line(axes, trials.unguarded, _UNGUARDED, _unguarded_label(trials.unguarded))
    _line(axes, trials.guarded, _GUARDED, _guarded_label(trials.guarded))
    for history in histories:
        _kills(axes, history)
        _ceilings(axes, history)
    axes.legend(
        loc="lower left", bbox_to_anchor=(-0.01, 0.995), ncols=2, frameon=False, fontsize=10.5
    )


def _frame(axes: "Axes", history: History, seconds: float) -> None:
    limit = history.limit
    axes.set_xlim(0, seconds)
    axes.set_ylim(0, limit * _ROOM)
    ticks = [limit * part // _PARTS for part in range(_PARTS + 1)]
    axes.set_yticks(ticks, labels=[format_mebibytes(tick) for tick in ticks])
    axes.set_xlabel("seconds of writing", color=_INK)
    axes.set_ylabel("memory of the server", color=_INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#d0d7de", linewidth=0.6)
    axes.axhline(limit, color=_LIMIT, linewidth=1.6, linestyle=(0, (6, 3)))
    _note(axes, "memory limit", at=(0, limit), offset=(5, 6), color=_LIMIT, align="left")


def _unguarded_label(history: History) -> str:
    kills = len(history.oom_kills)
    return f"without a ceiling: OOM-killed {kills} time{'s' * (kills != 1)}"


def _guarded_label(history: History) -> str:
    latest = history.latest
    ceiling = format_mebibytes(latest.maxmemory) if latest else "unknown"
    return f"guarded, maxmemory {ceiling}: {history.evictions:,} evictions"


def _line(axes: "Axes", history: History, color: str, label: str) -> None:
    for number, curve in enumerate(pieces(history)):
        axes.plot(
            [point.at for point in curve],
            [point.memory for point in curve],
            color=color,
            linewidth=2.4,
            solid_capstyle="round",
            label=label if number == 0 else None,
        )


def _kills(axes: "Axes", history: History) -> None:
    for began, ended in down_times(history):
        axes.axvspan(began, ended, ymax=1 / _ROOM, color=_KILL, alpha=0.07, linewidth=0)
        if ended - began > _NOTED_SHARE * axes.get_xlim()[1]:
            middle = ((began + ended) / 2, history.limit / 2)
            _note(axes, "down", at=middle, offset=(0, 0), color=_KILL)
    for termination in history.oom_kills:
        at = (history.seconds_of(termination), history.limit)
        axes.plot(*at, marker="X", markersize=11, color=_KILL, markeredgecolor="white")
        _note(axes, "OOM kill", at=at, offset=(0, 10), color=_KILL)


def _ceilings(axes: "Axes", history: History) -> None:
    for at, ceiling in ceilings_set(history):
        axes.axvline(at, ymax=1 / _ROOM, color=_GUARDED, linewidth=1.4, linestyle=":")
        text = f"CONFIG SET\nmaxmemory {format_mebibytes(ceiling)}"
        # A curve that has come up to here leaves room below.
        _note(axes, text, at=(at, 0), offset=(-6, 8), color=_GUARDED, align="right")


def _note(
    axes: "Axes",
    text: str,
    *,
    at: tuple[float, float],
    offset: tuple[int, int],
    color: str,
    align: str = "center",
) -> None:
    axes.annotate(text, at, offset, textcoords="offset points", ha=align, color=color, fontsize=10)
