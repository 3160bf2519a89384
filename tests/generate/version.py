"""The version, which webhook/__init__.py alone says: the chart's, and whether a tag is it.

`python -m tests.generate.version --tag v0.1.0` ends with 1 where the tag is another version's.
"""

import re
import sys

from webhook import __version__

_LINES = re.compile(r"^(version|appVersion): .*$", re.MULTILINE)


def render_chart_version(text: str) -> str:
    """Write Chart.yaml with the version of the program."""
    return _LINES.sub(lambda line: f'{line[1]}: "{__version__}"', text)


def main(*arguments: str) -> int:
    """Compare a tag with the version; 1 where they differ."""
    if arguments != ("--tag", f"v{__version__}"):
        print(f"the version is {__version__}; asked: {' '.join(arguments)}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
