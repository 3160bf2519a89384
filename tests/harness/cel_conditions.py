"""Match conditions, evaluated over many Pods by the API server's own CEL library."""

import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.harness.build import GoMissingError, cel_program

Json = dict[str, Any]


def conditions_over(
    expressions: Mapping[str, str], pods: Iterable[Json], *, namespace: str = "shop"
) -> Sequence[Mapping[str, Any]]:
    """Give for each Pod what each expression says of it: `value`, `error`, `cost`."""
    lines = "\n".join(json.dumps({"pod": pod, "namespace": namespace}) for pod in pods)
    with TemporaryDirectory() as directory:
        file = Path(directory) / "expressions.json"
        file.write_text(json.dumps(expressions))
        done = subprocess.run(
            (str(_program()), str(file)), input=lines, capture_output=True, text=True, check=True
        )
    return [json.loads(line) for line in done.stdout.splitlines()]


def _program() -> Path:
    try:
        return cel_program()
    except GoMissingError as missing:
        if os.environ.get("CI") == "true":
            raise
        return pytest.skip(f"needs Go to build the API server's CEL library: {missing}")
