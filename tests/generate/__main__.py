"""Write the generated file of the chart: `make generate`."""

from tests.chart.rendering import CHART
from tests.generate.match_conditions import render_template

(CHART / "templates" / "_match-conditions.tpl").write_text(render_template())
