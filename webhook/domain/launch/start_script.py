"""The wrapper that runs a start script with options added to its server's line.

The Bitnami charts start their servers by scripts that take neither args nor variables. The wrapper
edits the script's text on its way to the shell: each line that is nothing but a start of the server
gets the options at its end; a script without such a line runs as it is.
"""

import re
from dataclasses import dataclass

from webhook.domain.images.catalog import SERVER_PROGRAMS

CHART_SCRIPTS = "/opt/bitnami/scripts/start-scripts"
"""Where the Bitnami charts mount their start scripts."""

_SERVING = frozenset({"start-master.sh", "start-replica.sh", "start-primary.sh", "start-node.sh"})
_WRAPPER = (
    't=$(sed -e \'/{pattern}/ s/$/{options}/\' "$0") || exec "$0" "$@"; '
    'exec {shell} -c "$t" "$0" "$@"'
)
_PATTERN = (
    r"^[[:space:]]*\(exec[[:space:]]\{{1,\}}\)\{{0,1\}}"
    r"\([^[:space:];|&<>#]*\/\)\{{0,1\}}{program}\([[:space:]][^;|&<>#\\]*\)\{{0,1\}}$"
)
_LONGEST_WRAPPER = 1000
_OURS = re.compile(
    r"t=\$\(sed -e '/\^.*?(?P<program>[a-z]+-server)\\.*?"
    r"/ s/\$/(?P<options>(?: [^/']+)?)/' \"\$0\"\).* exec (?P<shell>bash|dash|ash|sh) -c .*"
)
_LINE = re.compile(
    r"^[ \t]*(?:exec[ \t]+)?(?:[^\s;|&<>#]*/)?(?P<program>[a-z]+-server)(?=\s|$)[^;|&<>#\\\n]*$",
    re.MULTILINE,
)
_SHEBANG = re.compile(r"^#!\s*(?:/usr/bin/env\s+)?(?:\S*/)?(?P<shell>bash|dash|ash|sh)\s*$")


def wrapper_text(*, shell: str, program: str, options: str) -> str:
    """Write the text to be run as `sh -c TEXT PATH ARGUMENTS…`; options hold no `'` and no `/`."""
    pattern = _PATTERN.format(program=program)
    added = f" {options}" if options else ""
    return _WRAPPER.format(pattern=pattern, options=added, shell=shell)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapped:
    """What a wrapper of ours says: the shell that runs the script, and the options it adds."""

    shell: str
    options: str


def read_wrapper(text: str) -> Wrapped | None:
    """Read a wrapper of ours, which is known to the letter; None for any other text."""
    match = _OURS.fullmatch(text) if len(text) < _LONGEST_WRAPPER else None
    if match is None:
        return None
    shell, options = match["shell"], match["options"].removeprefix(" ")
    is_ours = text == wrapper_text(shell=shell, program=match["program"], options=options)
    return Wrapped(shell=shell, options=options) if is_ours else None


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
