"""Shell texts and scripts with everything in them that an injection could disturb.

Each is made of lines that people write before a server, and of ways to start one; the calls of the
server are recorded. None of them runs for ever.
"""

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.property.shell_programs import programs

_BEFORE = [
    "set -eu", "set -e -o pipefail", "cd /tmp", "exec 3>&1", "umask 077", "S=redis-server",
    'DIR="$(cd "$(dirname "$0")" && pwd)"', 'DIR="$(dirname "${BASH_SOURCE[0]}")"',
    'me="$(basename "$0")"; [ "$me" = start.sh ] || exit 3', 'echo "$LINENO"', "caller || exit 4",
    '[ "$LINENO" -lt 4 ] || exit 5', 'case "$-" in *c*) exit 6 ;; esac',
    'log() { echo "$1 $#"; }; log up', 'if [ $# -gt 0 ]; then exec "$@"; fi',
    "[ $# -eq 0 ] || exit 7", "[ $# -lt 3 ] || exit 8", "port=${1:-6379}",
    'last="${2:-none}"; [ "$last" = none ] || exit 9', "shift", '[ $# -eq 0 ] || shift',
    'for a in "$@"; do [ "$a" != --maxmemory ] || exit 10; done',
    "for a; do case $a in --max*) exit 11 ;; esac; done",
    "while getopts p: o; do [ $o = p ] || exit 12; done",
    "while [ $# -gt 0 ]; do case $1 in -p) shift 2 ;; *) break ;; esac; done",
    "set -- redis-server --port 7", 'set -- "$@" --x y', 'set -- redis-server "$@"', "set -- a b",
    '[ -n "${X:-}" ] && set -- redis-server /r', '[ $# -gt 0 ] || set -- redis-server --default',
    "A='--port 7'", 'export A="--port 7"', "eval A=--port", 'cmd="redis-cli ping"; eval "$cmd"',
    'eval "redis-server --evaluated"', 'c="redis-server --evaluated"; eval "$c"',
    'run() { "$@"; }', 'start() { redis-server --in-function "$@"; }',
    "f() { set -- redis-server; \"$@\"; }", 'main() { exec redis-server --main "$@"; }',
    'trap "redis-server --trapped" EXIT', "trap 'echo bye' EXIT",
    "cat >/dev/null <<EOF\nredis-server --heredoc\nEOF", "cat >/dev/null <<'EOF'\nx\nEOF",
    '. "$(dirname "$0")/lib.sh"', "( set -- x; redis-server --subshell )",
    'if [ -z "${AGAIN:-}" ]; then AGAIN=1; export AGAIN; exec "$0" "$@"; fi',
    'if [ -z "${AGAIN:-}" ]; then export AGAIN=1; exec gosu redis "$0" "$@"; fi',
    "echo '\nredis-server --quoted\n'", 'echo "\nredis-server --quoted\n"',
    "# redis-server --comment", 'sed -n "s/^#run //p" "$0" | sh',
    "#run redis-server --from-itself", "alias r=redis-server", "redis-server --version",
    "redis-cli ping || true", "x=1 y='a b'", "$(true)", "sleep 0 &",
    "sh -c 'redis-server --nested'", 'n=0; while [ $n -lt 2 ]; do n=$((n+1)); done',
]  # fmt: skip
_STARTS = [
    "redis-server", "exec redis-server --port 1", 'redis-server "$@"',
    'exec redis-server /r "$@"', 'exec "$@"', '"$@"', '[ "$0" != zero ] || "$0" "$@"', "exec $@",
    "exec $*", '"$1" "${2:-}"', "$S --port 1", '"$S"', 'main "$@"', "main a b", "start 1",
    "start 1; start 2", 'run redis-server --run', 'run "$@"', "f", "redis-server & wait",
    "redis-server | cat", "( redis-server )", "{ redis-server; } 2>&1",
    "for p in 1 2; do redis-server --port $p & done; wait",
    'for p; do redis-server --port "$p"; done', "g() { redis-server --g \"$1\"; }; g 1; g 2; g 3",
    "redis-server $A", 'redis-server "$A" x',
    'if [ $# = 0 ]; then redis-server --none; else redis-server --some "$@"; fi',
    'case "${1:-}" in a) exec redis-server --a ;; *) redis-server --star ;; esac',
    'sh -c "redis-server --nested"', "$(echo redis-server) --substituted", "`echo redis-server`",
    'set -- redis-server x; exec "$@"', 'set -- redis-server; "$@" & wait',
    "redis-server >/dev/null 2>&1", "redis-server \\\n  --port 1", '"redis-server" --quoted',
    "command redis-server", "exec env X=1 redis-server", "! redis-server",
    "redis-server; redis-server", "redis-server && redis-server --second",
    "redis-server --port 1 # comment", "  exec redis-server --indented",
    "exec gosu redis redis-server --port 1", "exec gosu redis \"$@\"", "redis-server --a;",
    "n=0; until [ $n = 2 ]; do redis-server --n $n; n=$((n+1)); done", "redis-server --port 1\r",
    "exec redis-server \"$@\" --behind", "[ -e /none ] || redis-server --or",
    "if true; then\n  exec redis-server --port 1\nfi",
    "redis-server --daemonize yes; redis-server --port 2",
]  # fmt: skip
_ARGUMENTS = [
    (), (), ("redis-server",), ("redis-server", "--port", "1"), ("--port", "1"), ("a",), ("true",),
    ("-p", "1", "redis-server"), ("sh", "-c", "redis-server --in-arguments"), ("/r.conf",),
]  # fmt: skip
SHELLS = ("dash", "bash", "ash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A container's start: a text for a shell, or a script of that text called in some way."""

    shell: str
    text: str
    form: str
    arguments: tuple[str, ...]

    def launch(self, script: str) -> dict[str, list[str]]:
        """Give its command and args; the script is called by this path."""
        match self.form:
            case "text":
                return {"command": [self.shell, "-c"], "args": [self.text, "zero", *self.arguments]}
            case "program":
                return {"command": [script], "args": list(self.arguments)}
            case "operand":
                return {"command": [self.shell, script, *self.arguments]}
            case _:
                return {"command": [self.shell, "-c", script]}


@st.composite
def starts(draw: st.DrawFn) -> Start:
    """Draw a start; mostly of lines that lie in each other's way, else of random grammar."""
    shell = draw(st.sampled_from(SHELLS))
    lines = st.lists(st.sampled_from(_BEFORE), max_size=4).flatmap(
        lambda before: st.lists(st.sampled_from(_STARTS), min_size=1, max_size=2).map(
            lambda servers: "\n".join((*before, *servers, ""))
        )
    )
    grammar = programs(bash=False).map(lambda text: text.replace("record", "redis-server"))
    text = draw(st.one_of(lines, lines, lines, grammar))
    form = draw(st.sampled_from(["text", "text", "program", "operand", "call"]))
    if form in ("program", "call") and shell == "ash":
        form = "operand"  # No such file as /bin/ash need be here.
    return Start(
        shell=shell,
        text=text if form == "text" else f"#!/bin/{shell}\n{text}",
        form=form,
        arguments=draw(st.sampled_from(_ARGUMENTS)),
    )
