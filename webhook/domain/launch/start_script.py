"""The wrapper that runs a start script with options added to its server's line.

The Bitnami charts start their servers by scripts that take neither args nor variables. The wrapper
edits the script's text on its way to the shell: each line that is nothing but a start of the server
gets the options at its end; a script without such a line runs as it is.
"""

import re
from dataclasses import dataclass
from posixpath import basename

from webhook.domain.images.catalog import SERVER_PROGRAMS
from webhook.domain.shell import Program
from webhook.domain.shell.visible import without

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
    r"t=\$\(sed -e '/\^.*?/ s/\$/(?P<options>(?: [^/']+)?)/' \"\$0\"\)"
    r".* exec (?P<shell>bash|dash|ash|sh) -c .*"
)
_PROGRAMS = (*sorted(SERVER_PROGRAMS), "redis-stack-server", "run.sh", "run-redis")
"""What a line may call that the wrapper extends."""
_LINE = re.compile(
    r"^[^\S\n]*(?:exec[^\S\n]+)?(?:[^\s;|&<>#]*/)?(?P<program>[a-z][a-z.-]*)(?=\s|$)"
    r"[^;|&<>#\\\n]*$",
    re.MULTILINE | re.ASCII,
)
_SHEBANG = re.compile(
    r"^#![ \t]*(?:/usr/bin/env[ \t]+|/(?:usr/(?:local/)?)?bin/)"
    r"(?P<shell>bash|dash|ash|sh)[ \t]*$"
)
_SELF = re.compile(
    r"BASH_SOURCE|BASH_LINENO|BASH_ARGV0|BASH_EXECUTION_STRING|BASH_COMMAND|FUNCNAME|LINENO|SHLVL"
    r"|\bcaller\b|/proc/(?:self|\$)|\$\{?_(?![A-Za-z0-9_])|\$\{?-(?![A-Za-z0-9])"
)
_ZERO = re.compile(r"\$(?:0(?!\d)|\{[!#]?0\b)")
_DIRECTORY = re.compile(r"""\bdirname\s+(?:--\s+)?"?\$\{?0\}?"?(?=[)`])|\$\{0%/\*\}""")
_NAME = re.compile(r"""\bbasename\s+(?:--\s+)?"?\$\{?0\}?"?(?=[)`])|\$\{0##\*/\}""")


def wrapper_text(*, shell: str, program: str, options: str) -> str:
    """Write the text to be run as `sh -c TEXT PATH ARGUMENTS…`; options hold no `'` and no `/`."""
    pattern = _PATTERN.format(program=program.replace(".", r"\."))
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
    is_ours = any(
        text == wrapper_text(shell=shell, program=program, options=options) for program in _PROGRAMS
    )
    return Wrapped(shell=shell, options=options) if is_ours else None


def serves_by_chart(path: str) -> bool:
    """Tell whether a path is a Bitnami chart's start script of a data node."""
    directory, _, name = path.rpartition("/")
    return directory == CHART_SCRIPTS and name in _SERVING


def watches_by_chart(path: str) -> bool:
    """Tell whether a path is a Bitnami chart's start script of a Sentinel."""
    return path == f"{CHART_SCRIPTS}/start-sentinel.sh"


def extended_at(script: str, program: str) -> frozenset[int]:
    """Give the offsets at which the wrapper would extend the lines of a script."""
    return frozenset(
        line.start() + len(line[0].rstrip(" \t"))
        for line in _LINE.finditer(script)
        if line["program"] == program
    )


def knows_itself(script: str, path: str, program: Program) -> bool:
    """Tell whether a script asks how it was called, or runs or reads itself.

    A shell that gets the script's text as its argument answers that in another way, and a second
    call of the script's file would go round the wrapper. What is asked of `$0` alone, its
    directory or its name, comes out the same.
    """
    text = without(script, program.comments)
    if _SELF.search(text) is not None or basename(path) in text:
        return True
    text = without(text, program.quoted)
    asks_directory, asks_name = _DIRECTORY.search(text), _NAME.search(text)
    if asks_directory and asks_name:
        return True
    return _ZERO.search(_NAME.sub("", _DIRECTORY.sub("", text))) is not None


def interpreter_of(script: str) -> str | None:
    """Name the shell of a script's first line; None without one, or with options of its own."""
    match = _SHEBANG.match(script.partition("\n")[0])
    return None if match is None else match["shell"]
