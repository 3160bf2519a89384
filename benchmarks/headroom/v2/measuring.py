"""From cases to results, with as few machines as it takes."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from benchmarks.headroom.v2.cases import Case
from benchmarks.headroom.v2.guest.case import Report
from benchmarks.headroom.v2.image import build_image
from benchmarks.headroom.v2.machine import run_cases
from benchmarks.headroom.v2.results import Result, make_result

_A_BOOT = 20
"""So many cases run in a machine before the next one is booted."""


def measure(cases: Sequence[Case]) -> Iterator[tuple[Result, Report]]:
    """Run cases in their order, and give each as soon as it is over.

    Raises ClusterError where the machine cannot be built, MachineError where it fails.
    """
    image = build_image()
    for first in range(0, len(cases), _A_BOOT):
        lot = {str(number): case for number, case in enumerate(cases[first : first + _A_BOOT])}
        guests = [case.for_guest(name) for name, case in lot.items()]
        for report in run_cases(image, guests):
            result = make_result(lot[report.name], report, today=datetime.now(UTC).date())
            yield result, report
