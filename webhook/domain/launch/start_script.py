"""The wrapper that runs a start script with options added to its server's line.

The Bitnami charts start their servers by scripts that take neither args nor variables. The wrapper
edits the script's text on its way to the shell: each line that is nothing but a start of the server
gets the options at its end; a script without such a line runs as it is.
"""

import re

from webhook.domain.families import SERVER_PROGRAMS

CHART_SCRIPTS = "/opt/bitnami/scripts/start-scripts"
"""Where the Bitnami charts mount their start scripts."""

_SERVING = frozenset({"start-master.sh", "start-replica.sh", "start-primary.sh", "start-node.sh"})
_WRAPPER = (
    't=$(sed -e \'/{pattern}/ s/$/ {options}/\' "$0") || exec "$0" "$@"; '
    'exec {shell} -c "$t" "$0" "$@"'
)
_PATTERN = (
    r"^[[:space:]]*\(exec[[:space:]]\{{1,\}}\)\{{0,1\}}"
    r"\([^[:space:];|&<>#]*\/\)\{{0,1\}}{program}[^;|&<>#\\]*$"
)
_OURS = re.compile(
    r"^t=\$\(sed -e '/\^.*?(?P<program>[a-z]+-server)\[.*?/ s/\$/ (?P<options>[^/']*)/' \"\$0\"\)"
)
_LINE = re.compile(
    r"^[ \t]*(?:exec[ \t]+)?(?:[^\s;|&<>#]*/)?(?P<program>[a-z]+-server)(?=\s|$)[^;|&<>#\\\n]*$",
    re.MULTILINE,
)
_SHEBANG = re.compile(r"^#!\s*(?:/usr/bin/env\s+)?(?:\S*/)?(?P<shell>bash|dash|ash|sh)\s*$")


def wrapper_text(*, shell: str, program: str, options: str) -> str:
    """Write the text to be run as `sh -c TEXT PATH ARGUMENTS…`; options hold no `'` and no `/`."""
    pattern = _PATTERN.format(program=program)
    return _WRAPPER.format(pattern=pattern, options=options, shell=shell)


def is_wrapper(text: str) -> bool:
    """Tell whether a shell text is a wrapper of ours, to the letter."""
    match = _OURS.match(text)
    if match is None:
        return False
    program, options = match["program"], match["options"]
    return any(
        text == wrapper_text(shell=shell, program=program, options=options)
        for shell in ("bash", "sh", "dash", "ash")
    )


def serves_by_chart(path: str) -> bool:
    """Tell whether a path is a Bitnami chart's start script of a data node."""
    directory, _, name = path.rpartition("/")
    return directory == CHART_SCRIPTS and name in _SERVING


def watches_by_chart(path: str) -> bool:
    """Tell whether a path is a Bitnami chart's start script of a Sentinel."""
    return path == f"{CHART_SCRIPTS}/start-sentinel.sh"


def editable_lines(script: str) -> int:
    """Count the lines of a script that the wrapper would extend."""
    return sum(1 for line in _LINE.finditer(script) if line["program"] in SERVER_PROGRAMS)


def interpreter_of(script: str) -> str | None:
    """Name the shell of a script's first line; None without one, or with options of its own."""
    match = _SHEBANG.match(script.partition("\n")[0])
    return None if match is None else match["shell"]
