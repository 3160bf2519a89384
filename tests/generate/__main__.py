"""Write every file that is made from the program: `make generate`; `--check` only compares."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.generate.chart_readme import render_readme
from tests.generate.dashboard import render_dashboard
from tests.generate.decisions_index import render_index
from tests.generate.headroom_tables import render_tables
from tests.generate.match_conditions import render_template
from tests.generate.metrics_page import render_metrics
from tests.generate.reasons_page import render_reasons
from tests.generate.schema_enums import render_check_schema, render_values_schema
from tests.generate.version import render_chart_version

_ROOT = Path(__file__).parents[2]
_CHART = "charts/redis-memory-guard"
_FILES: Mapping[str, Callable[[str], str]] = {
    f"{_CHART}/Chart.yaml": render_chart_version,
    f"{_CHART}/README.md": lambda _: render_readme(_ROOT / _CHART),
    f"{_CHART}/files/dashboard.json": lambda _: render_dashboard(),
    f"{_CHART}/templates/_match-conditions.tpl": lambda _: render_template(),
    f"{_CHART}/values.schema.json": render_values_schema,
    "docs/decisions/README.md": lambda page: render_index(page, _ROOT / "docs/decisions"),
    "docs/headroom.md": render_tables,
    "docs/metrics.md": lambda _: render_metrics(),
    "docs/reasons.md": render_reasons,
    "webhook/cli/check-output.schema.json": render_check_schema,
}
"""Each file, and what makes it anew from the text that it has."""


def main(*arguments: str) -> int:
    """Write the files, or with `--check` name those that differ; 1 when one does."""
    differing = []
    for name, render in _FILES.items():
        file = _ROOT / name
        old = file.read_text()
        new = render(old)
        if new != old:
            differing.append(name)
            if "--check" not in arguments:
                file.write_text(new)
    for name in differing:
        print(f"{name}: {'differs: make generate' if '--check' in arguments else 'written'}")  # noqa: T201 - a tool
    return 1 if differing and "--check" in arguments else 0


sys.exit(main(*sys.argv[1:]))
