"""Evaluate a launch by the image's own start script, which takes options in ways of its own."""

from collections.abc import Iterable
from typing import assert_never

from webhook.domain.images.family import ByArguments, ByVariable, Family, LastFile, OutOfReach
from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.launch.calls import Call
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.injection_points import Arguments, InjectionPoint, Nowhere, Variable
from webhook.domain.launch.launch import (
    Launch,
    NoServer,
    ReachableServer,
    ServerStart,
    UnreachableServer,
)
from webhook.domain.reasons import Reason
from webhook.domain.redis.command_line import is_sentinel


def read_run_script(context: ContainerContext, family: Family, call: Call) -> Launch:
    """Evaluate a call of one of the family's `run_scripts`, as the command line's program.

    One in a shell text that hands its words on has been taken for its server's before.
    """
    match family.start:
        case OutOfReach(reason=reason):
            return UnreachableServer(reason=reason, detail=f"{call.path} takes no options")
        case ByVariable() as start if not (call.words and family.run_script_forwards):
            return read_variable(context, family, start)
        case ByVariable(variable=name) if variable_may_win(context, family):
            detail = f"{name} may come last in this version, behind the words of {call.path}"
            return UnreachableServer(reason=Reason.LAUNCH_UNDECIDABLE, detail=detail)
        case ByVariable() | ByArguments():
            return _reachable(
                run_script_start(context, family, call.words),
                Arguments(),
                f"the image's own {call.path} starts the server",
            )
        case _:
            assert_never(family.start)


def run_script_start(
    context: ContainerContext, family: Family, words: tuple[str, ...]
) -> ServerStart:
    """Give the server's start by a run script with words behind it, which the script hands on."""
    return _start(family, (*_variable_words(context, family), *words))


def variable_may_win(context: ContainerContext, family: Family) -> bool:
    """Tell whether options of a variable may come behind those that a call hands on."""
    match family.start:
        case ByVariable(first_since=since) if since is not None:
            is_old = context.version is not None and context.version < since
            return is_old and may_set_memory(_variable_words(context, family))
        case _:
            return False


def may_set_memory(words: Iterable[str]) -> bool:
    """Tell whether words may hold an option that we would set."""
    return any(UNKNOWN in word or "maxmemory" in word.lower() or "save" in word for word in words)


def read_default(context: ContainerContext, family: Family, arguments: tuple[str, ...]) -> Launch:
    """Evaluate an image that runs `arguments` when the Pod gives none."""
    return _reachable(
        run_script_start(context, family, ()),
        Arguments(prefix=arguments),
        "the image starts the server by default",
    )


def read_variable(context: ContainerContext, family: Family, start: ByVariable) -> Launch:
    """Evaluate an image whose start script adds the words of an environment variable."""
    name = start.variable
    value = (context.environment.get(name) or "").strip()
    if UNKNOWN in value and not context.sets(name):
        return _hidden(f"{name} may be set where it cannot be read")
    if start.overridden_by and context.environment.values.get(start.overridden_by):
        return _hidden(f"{start.overridden_by} is set, which makes {name} void")
    if start.overridden_by and "\n" in value:
        return _hidden(f"{name} has several lines, of which the image reads the first")
    return _reachable(
        _start(family, _variable_words(context, family)),
        Variable(name=name),
        f"the image's own script starts the server with the words of {name}",
    )


def read_last_file(
    context: ContainerContext, family: Family, file: LastFile, reason: Reason, detail: str
) -> Launch:
    """Evaluate an image that takes no options, and whose last word is a file of the Pod's."""
    path = context.environment.get(file.variable) or file.path
    start = ServerStart(program=family.program, words=(UNKNOWN, "--include", path))
    return _reachable(start, Nowhere(reason=reason, detail=detail), detail)


def _reachable(start: ServerStart, point: InjectionPoint, description: str) -> Launch:
    if is_sentinel(start.words):
        return NoServer(reason=Reason.SENTINEL, detail=f"{start.program} runs as a Sentinel")
    return ReachableServer(
        starts=(start,), injection_point=point, description=description, is_alone=True
    )


def _variable_words(context: ContainerContext, family: Family) -> tuple[str, ...]:
    match family.start:
        case ByVariable(variable=name):
            return tuple((context.environment.get(name) or "").split())
        case _:
            return _versioned_words(context, family)


def _versioned_words(context: ContainerContext, family: Family) -> tuple[str, ...]:
    variable = family.versioned_variable
    if variable is None or not (value := (context.environment.get(variable.name) or "").split()):
        return ()
    version = context.version
    if version is not None and version < variable.not_before:
        return ()
    is_read = version is not None and version >= variable.always_from
    return tuple(value) if is_read else (UNKNOWN,)


def _start(family: Family, words: tuple[str, ...]) -> ServerStart:
    config_file = () if family.config_file is None else (family.config_file,)
    return ServerStart(program=family.program, words=(*config_file, *words))


def _hidden(detail: str) -> UnreachableServer:
    return UnreachableServer(reason=Reason.OPTIONS_VARIABLE_HIDDEN, detail=detail)
