"""Results as lines of CSV, which later runs skip."""

import csv
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from cattrs import Converter

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Line = TypeVar("_Line", bound="DataclassInstance")


def read_lines(path: Path, kind: type[_Line]) -> tuple[_Line, ...]:
    """Read the results of earlier runs; none where there is no file."""
    if not path.exists():
        return ()
    converter = Converter()
    with path.open(newline="") as file:
        return tuple(converter.structure(row, kind) for row in csv.DictReader(file))


def append_lines(path: Path, lines: Sequence[_Line]) -> None:
    """Add results of one kind to the file, with a heading where it is new."""
    names = [field.name for line in lines[:1] for field in fields(line)]
    is_new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerows(map(asdict, lines))
