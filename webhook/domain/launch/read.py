"""Evaluate how a container comes to run its server; docs/launches.md is this room in words."""

import re
from dataclasses import replace
from posixpath import basename

from webhook.domain.images.catalog import (
    SENTINEL_PROGRAMS,
    SERVER_PROGRAMS,
    SERVER_SCRIPTS,
    is_entrypoint,
    through_server_script,
)
from webhook.domain.images.family import Family, OutOfReach
from webhook.domain.kubernetes.budget import Work
from webhook.domain.kubernetes.expansion import UNKNOWN, expand
from webhook.domain.launch.appended_variable import with_appended_variable
from webhook.domain.launch.context import CommandLine, ContainerContext
from webhook.domain.launch.entrypoints import (
    read_image_default,
    read_server_args,
    server_with_words,
    takes_for_server,
)
from webhook.domain.launch.injection_points import ShellText, Variable
from webhook.domain.launch.launch import (
    DelegatesTo,
    Launch,
    LeftAlone,
    NoServer,
    ReachableServer,
    UnreachableServer,
)
from webhook.domain.launch.scripts import read_script
from webhook.domain.launch.shell_text import read_shell_text
from webhook.domain.reasons import Reason
from webhook.domain.shell.exec_wrappers import may_change_directory, program_index
from webhook.domain.shell.interpreter import ShellCommandText, ShellScript, read_interpreter
from webhook.domain.starts.unscanned import names_server_command

_REFERENCE = re.compile(r"\$\([A-Za-z_][\w.-]*\)")
_NO = frozenset({"", "false", "no", "0"})


def read_launch(context: ContainerContext) -> Launch:
    """Tell what a container runs, and where options reach it.

    `command: [redis-server, /etc/redis.conf]` is a ReachableServer with one start, its words
    `/etc/redis.conf`, and Arguments as its injection point; `redis-cli ping` is NoServer.

    `command` replaces the image's entrypoint and drops its default arguments, `args` replace those
    only. Source: Kubernetes, Define a Command and Arguments for a Container. What cannot be
    followed starts the image's own server where that sizes itself.
    """
    launch = _read_launch(context)
    match launch:
        case UnreachableServer():
            return _of_own_make(context) or launch
        case _:
            return launch


def _of_own_make(context: ContainerContext) -> LeftAlone | None:
    match context.family:
        case Family(start=OutOfReach(reason=Reason.SIZES_ITSELF), program=program):
            return LeftAlone(reason=Reason.SIZES_ITSELF, detail=f"{program} sizes itself")
        case _:
            return None


def _read_launch(context: ContainerContext) -> Launch:
    container = context.container
    family = context.family
    line = _command_line(context)
    if container.command:
        return _follow(context, line, DelegatesTo(start=0, is_alone=True))
    if family is not None and _is_sentinel_by_variable(context, family):
        return NoServer(reason=Reason.SENTINEL, detail="the variable SENTINEL makes it a Sentinel")
    if container.args or family is None:
        return _follow(context, line, DelegatesTo(start=0, by_entrypoint=True, is_alone=True))
    return read_image_default(context, family)


def _command_line(context: ContainerContext) -> CommandLine:
    container, environment = context.container, context.environment
    raw = container.command + container.args
    expanded = (expand(each, environment.get, environment.budget).text for each in raw)
    words = tuple(_REFERENCE.sub(UNKNOWN, text) for text in expanded)
    return CommandLine(raw=raw, words=words, in_command=len(container.command))


def _is_sentinel_by_variable(context: ContainerContext, family: Family) -> bool:
    """Tell images that choose their role by variables, as the Kubernetes examples' do."""
    return (
        isinstance(family.start, OutOfReach)
        and context.environment.values.get("SENTINEL", "").lower() not in _NO
    )


def _follow(context: ContainerContext, line: CommandLine, delegation: DelegatesTo) -> Launch:
    """Read the command line from where `delegation` points; a script may point further on."""
    by_entrypoint, is_alone = delegation.by_entrypoint, delegation.is_alone
    is_closed = False
    launch = _read(context, line, delegation)
    while isinstance(launch, DelegatesTo):
        by_entrypoint = by_entrypoint or launch.by_entrypoint
        is_alone = is_alone and launch.is_alone
        is_closed = is_closed or launch.is_closed
        launch = _read(context, line, launch)
    if isinstance(launch, ReachableServer) and not is_alone:
        launch = replace(launch, is_alone=False)
    launch = with_appended_variable(context, launch) if by_entrypoint else launch
    return _closed(launch) if is_closed else launch


def _closed(launch: Launch) -> Launch:
    """Give a launch behind a script that looks at its parameters: none may be added."""
    if not isinstance(launch, ReachableServer):
        return launch
    if isinstance(launch.injection_point, ShellText | Variable):
        return launch
    detail = "a script before the server looks at its parameters, which options would be"
    return UnreachableServer(reason=Reason.LAUNCH_UNDECIDABLE, detail=detail, is_certain=False)


def _read(
    context: ContainerContext, line: CommandLine, delegation: DelegatesTo
) -> Launch | DelegatesTo:
    if delegation.start >= len(line.words):
        return context.no_server("nothing is run")
    context.environment.budget.spend(Work.ELEMENTS, len(line.words) - delegation.start)
    family = context.family
    if (
        family
        and delegation.by_entrypoint
        and takes_for_server(family, line.words[delegation.start])
    ):
        return read_server_args(context, family, line.words[delegation.start :])
    index = program_index(line.known(delegation.start))
    if index is None:
        return _undecidable(context, line, delegation.start)
    launch = _program(context, line, delegation.start + index)
    wrappers = line.known(delegation.start)[:index]
    if isinstance(launch, ReachableServer) and may_change_directory(wrappers):
        return replace(launch, changes_directory=True)
    return launch


def _program(context: ContainerContext, line: CommandLine, at: int) -> Launch | DelegatesTo:
    program = basename(line.words[at])
    if program in SERVER_PROGRAMS:
        if context.family is None and not line.in_command and "/" not in line.words[at]:
            # It may as well be the name of a host, handed to a program that the image starts.
            detail = f"what an unknown image does with the argument {program} is not known"
            return UnreachableServer(reason=Reason.UNKNOWN_IMAGE, detail=detail, is_certain=False)
        return server_with_words(
            context, program, line.words[at + 1 :], "the command line starts the server"
        )
    if program in SENTINEL_PROGRAMS:
        return NoServer(reason=Reason.SENTINEL, detail=f"{program} is started")
    if program in SERVER_SCRIPTS:
        server, words = SERVER_SCRIPTS[program], through_server_script(line.words[at + 1 :])
        return server_with_words(context, server, words, f"{program} starts the server")
    if is_entrypoint(line.words[at]):
        return DelegatesTo(start=at + 1, by_entrypoint=True, is_alone=True)
    if context.family is not None and program == context.family.program:
        return LeftAlone(reason=Reason.SIZES_ITSELF, detail=f"{program} sizes itself")
    match read_interpreter(line.known(at)):
        case ShellCommandText(index=text, positional_from=positional_from):
            return read_shell_text(context, line, at + text, at + positional_from)
        case ShellScript(index=script):
            return read_script(context, line, at + script, program)
        case _:
            return read_script(context, line, at, "")


def _undecidable(context: ContainerContext, line: CommandLine, start: int) -> Launch:
    words = line.words[start:]
    if any(names_server_command(word) for word in words):
        detail = "an unknown program stands before the server"
    elif UNKNOWN in words[0] and context.knows_image and not context.runs_to_completion:
        detail = "it cannot be seen what its command line begins with"
    else:
        return context.no_server("it runs something else")
    return UnreachableServer(reason=Reason.LAUNCH_UNDECIDABLE, detail=detail, is_certain=False)
