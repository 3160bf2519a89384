"""Programs that run another program: ``exec``, ``gosu``, ``tini`` and their like."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from getopt import GetoptError, getopt
from types import MappingProxyType

_UNKNOWN = "\ue000"  # what getopt sees of a word whose value is not known: no option
_CHANGES_DIRECTORY = re.compile(r"-[A-Za-z]*[CD]|--chd?i?r?")
_ASSIGNMENT = re.compile(r"[^=]+=|-\Z")  # to env, a lone "-" is "-i"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wrapper:
    """How the words of a wrapper itself look, with its options as getopt(3) notes them.

    ``operands`` words stand between the options and the program; ``assigns`` tells that any number
    of ``NAME=value`` may follow. Without one of ``needs`` the words mean something else, and with
    one of ``reports`` the wrapper runs nothing.
    """

    short: str = ""
    long: str = ""
    operands: int = 0
    assigns: bool = False
    needs: frozenset[str] = frozenset()
    reports: frozenset[str] = frozenset()

    @property
    def takes_options(self) -> bool:
        """Whether an unknown word in front may be one."""
        return bool(self.short or self.long)


_ONE_OPERAND = _Wrapper(operands=1)
_TINI = _Wrapper(short="svwge:p:")
# These run a program too, in a way that is not read here.
_OPAQUE = frozenset({
    "catchsegv", "chroot", "flock", "gdb", "ltrace", "nsenter", "parallel", "perf", "prlimit",
    "script", "start-stop-daemon", "strace", "su", "systemd-run", "unshare", "valgrind", "watch",
    "xargs",
})  # fmt: skip

# From each program's manual. Left out are options that print something, or that start a login
# shell or a string of words: behind those the program cannot be told.
_WRAPPERS: Mapping[str, _Wrapper] = MappingProxyType(
    {
        "busybox": _Wrapper(),
        "catatonit": _Wrapper(short="g"),
        "chpst": _Wrapper(short="vP012u:U:b:e:C:n:l:L:m:d:o:p:f:c:r:t:"),
        "chrt": _Wrapper(
            short="abdfiorRvT:P:D:",
            long="all-tasks batch deadline fifo idle other rr reset-on-fork verbose "
            "sched-runtime= sched-period= sched-deadline=",
            operands=1,
        ),
        "command": _Wrapper(short="pvV", reports=frozenset({"-v", "-V"})),
        "docker-init": _TINI,
        "dumb-init": _Wrapper(short="cvr:", long="single-child verbose rewrite="),
        "env": _Wrapper(
            short="ivu:C:", long="ignore-environment debug unset= chdir=", assigns=True
        ),
        "exec": _Wrapper(short="cla:"),
        "gosu": _ONE_OPERAND,
        "ionice": _Wrapper(short="tc:n:", long="ignore class= classdata="),
        "nice": _Wrapper(short="n:0123456789", long="adjustment="),
        "nohup": _Wrapper(),
        "numactl": _Wrapper(
            short="ablm:i:p:C:N:",
            long="all balancing localalloc interleave= preferred= membind= cpunodebind= "
            "physcpubind=",
        ),
        "runuser": _Wrapper(
            short="u:g:G:",
            long="user= group= supp-group=",
            needs=frozenset({"-u", "--user"}),
        ),
        "s6-setuidgid": _ONE_OPERAND,
        "setpriv": _Wrapper(
            long="nnp no-new-privs clear-groups keep-groups init-groups reset-env "
            "reuid= ruid= euid= regid= rgid= egid= groups= inh-caps= ambient-caps= bounding-set= "
            "securebits= pdeathsig= selinux-label= apparmor-profile="
        ),
        "setsid": _Wrapper(short="cfw", long="ctty fork wait"),
        "stdbuf": _Wrapper(short="i:o:e:", long="input= output= error="),
        "su-exec": _ONE_OPERAND,
        "sudo": _Wrapper(
            short="AbBEHkNnPSC:D:g:h:p:R:T:u:",
            long="askpass background bell preserve-env set-home reset-timestamp no-update "
            "non-interactive preserve-groups stdin close-from= chdir= group= host= prompt= "
            "command-timeout= user=",
            assigns=True,
        ),
        "taskset": _Wrapper(short="ac", long="all-tasks cpu-list", operands=1),
        "time": _Wrapper(
            short="apqvf:o:", long="append portability quiet verbose format= output=", assigns=True
        ),
        "timeout": _Wrapper(
            short="fpvk:s:",
            long="foreground preserve-status verbose kill-after= signal=",
            operands=1,
        ),
        "tini": _TINI,
        "tini-static": _TINI,
    }
)


# No launch stands behind more words than these; getopt takes quadratic time.
_REACH = 100


def program_index(words: Sequence[str | None]) -> int | None:
    """Return the index of the program that the words come to run, behind any wrappers.

    A word is None when its value is not known. The answer is None when the program cannot be told:
    an option that is not known, an unknown word where it would decide, or no program at all. Of
    ``command -v NAME``, which only looks NAME up, the program is ``command``.
    """
    reach = words[:_REACH]
    index = 0
    while index < len(reach):
        program = reach[index]
        if program is None:
            return None
        name = program.rpartition("/")[2]
        if name in _OPAQUE:
            return None
        wrapper = _WRAPPERS.get(name)
        if wrapper is None:
            return index
        behind = _read_options(wrapper, reach[index + 1 :])
        if behind is None:
            return None
        if behind.options & wrapper.reports:
            return index
        index = len(reach) - len(_behind_operands(wrapper, behind.rest))
    return None


def may_change_directory(words: Sequence[str | None]) -> bool:
    """Tell whether wrappers may start their program elsewhere: `env -C DIR`, `sudo --chdir=DIR`."""
    return any(word is None or _CHANGES_DIRECTORY.match(word) is not None for word in words)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Behind:
    options: frozenset[str]
    rest: tuple[str, ...]


def _read_options(wrapper: _Wrapper, words: Sequence[str | None]) -> _Behind | None:
    texts = [_UNKNOWN if word is None else word for word in words]
    try:
        pairs, rest = getopt(texts, wrapper.short, wrapper.long.split())
    except GetoptError:
        return None
    options = frozenset(option for option, _ in pairs)
    if wrapper.needs and not options & wrapper.needs:
        return None
    if wrapper.operands and wrapper.takes_options and rest[:1] == [_UNKNOWN]:
        return None
    return _Behind(options=options, rest=tuple(rest))


def _behind_operands(wrapper: _Wrapper, rest: tuple[str, ...]) -> tuple[str, ...]:
    first = wrapper.operands
    while wrapper.assigns and first < len(rest) and _ASSIGNMENT.match(rest[first]):
        first += 1
    return rest[first:]
