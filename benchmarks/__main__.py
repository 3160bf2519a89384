"""`python -m benchmarks [core|cost|server] [--quick]`: all of them when none is named."""

import argparse
from collections.abc import Callable, Mapping

from benchmarks.core import measure_core
from benchmarks.cost import measure_cost
from benchmarks.server import measure_server

_BENCHMARKS: Mapping[str, Callable[..., None]] = {
    "core": measure_core,
    "cost": measure_cost,
    "server": measure_server,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="|".join(_BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, rough figures")
    given = parser.parse_args()
    if unknown := set(given.names) - set(_BENCHMARKS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    for name in given.names or _BENCHMARKS:
        _BENCHMARKS[name](quick=given.quick)


if __name__ == "__main__":
    main()
