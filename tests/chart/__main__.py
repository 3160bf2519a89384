"""Write the generated file of the chart: `python -m tests.chart`."""

from tests.chart.match_conditions import render_template
from tests.chart.rendering import CHART

(CHART / "templates" / "_match-conditions.tpl").write_text(render_template())
