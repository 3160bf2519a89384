"""The question to a running server: a POSIX shell script for `pods/exec`, and how it reaches it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from webhook.domain.kubernetes.pod import Container

_SCRIPT = r"""
port=$1 tls_port=$2 secret=$3
shift 3
say() { printf '@redis-memory-guard %s\n' "$1"; }
for client in redis-cli valkey-cli keydb-cli ''; do
    command -v "$client" >/dev/null 2>&1 && break
done
if [ -z "$client" ]; then say no-client; say end; exit 0; fi
case $secret in
stdin) IFS= read -r REDISCLI_AUTH ;;
?*) eval "REDISCLI_AUTH=\${$secret-}" ;;
esac
for file in "${REDIS_PASSWORD_FILE-}" "${VALKEY_PASSWORD_FILE-}"; do
    if [ -z "${REDISCLI_AUTH-}" ] && [ -n "$file" ] && [ -r "$file" ]; then
        REDISCLI_AUTH=$(cat "$file")
    fi
done
: "${REDISCLI_AUTH:=${REDIS_PASSWORD:-${VALKEY_PASSWORD:-${KEYDB_PASSWORD:-}}}}"
if [ -n "$REDISCLI_AUTH" ]; then
    VALKEYCLI_AUTH=$REDISCLI_AUTH
    export REDISCLI_AUTH VALKEYCLI_AUTH
else
    unset REDISCLI_AUTH
fi
tls=
ask() {
    if [ -n "$tls" ]; then
        "$client" -p "$port" --tls --insecure "$@" </dev/null
    else
        "$client" -p "$port" "$@" </dev/null
    fi
}
answers() {
    case $(ask PING 2>&1) in
    *PONG* | *NOAUTH* | *NOPERM* | *WRONGPASS*) ;;
    *) return 1 ;;
    esac
}
if ! answers; then
    heard=$(ask PING 2>&1)
    tls=yes
    if [ -n "$tls_port" ]; then port=$tls_port; fi
    if ! answers; then
        case $tls_port$heard in
        '' | *refused*) if [ -n "$tls_port" ]; then say tls-only; else say no-answer; fi ;;
        *) say tls-only ;;
        esac
        say end
        exit 0
    fi
fi
while [ $# -gt 1 ]; do
    say "set $1"
    heard=$(ask CONFIG SET "$1" "$2" 2>/dev/null)
    printf '%s\n' "$heard"
    if [ "$heard" != OK ]; then break; fi
    shift 2
done
say info
ask INFO 2>/dev/null
say save
ask CONFIG GET save 2>/dev/null
say end
"""

_WORD = re.compile(r"""["']?(?:\$\((\w+)\)|\$\{?(\w+)\}?|([^\s"'$]+))["']?""")
_DEFAULT_PORT = "6379"
_LITERAL = "stdin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A command for `pods/exec`, and the line that it reads, where it reads one.

    A password that stands in the Pod itself goes by that line, and so into no audit log; one in the
    container's environment never leaves the container.
    """

    command: tuple[str, ...]
    line: str | None = None


def question(container: Container, settings: Sequence[tuple[str, str]] = ()) -> Question:
    """Ask a server for what it says of itself, after setting directives by CONFIG SET."""
    text = " ".join((*container.command, *container.args))
    variable, literal = _password(text)
    secret = _LITERAL if literal else variable
    pairs = tuple(part for pair in settings for part in pair)
    port, tls_port = _number(text, "--port"), _number(text, "--tls-port")
    if port == "0" and tls_port:
        port = tls_port
    words = ("sh", "-c", _SCRIPT, "redis-memory-guard", port or _DEFAULT_PORT, tls_port, secret)
    return Question(command=(*words, *pairs), line=literal or None)


def _number(text: str, option: str) -> str:
    found = re.findall(rf"(?:^|\s){option}[\s=]+[\"']?([0-9]{{1,5}})\b", text)
    return found[-1] if found else ""


def _password(text: str) -> tuple[str, str]:
    """Find a visible requirepass: the variable that holds it, or the word itself."""
    places = [match.end() for match in re.finditer(r"(?:^|\s)--requirepass\s+", text)]
    found = _WORD.match(text, places[-1]) if places else None
    if found is None:
        return "", ""
    return found[1] or found[2] or "", found[3] or ""
