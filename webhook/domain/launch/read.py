"""Judge how a container comes to run its server; docs/launches.md is this module in words."""

import re
from dataclasses import replace
from posixpath import basename
from typing import assert_never

from webhook.domain.images.catalog import (
    SENTINEL_PROGRAMS,
    SERVER_PROGRAMS,
    is_entrypoint,
    is_forwarded,
)
from webhook.domain.images.family import ByArguments, ByVariable, Family, OutOfReach
from webhook.domain.kubernetes.expansion import UNKNOWN, expand
from webhook.domain.launch.context import CommandLine, Scene
from webhook.domain.launch.image_scripts import read_variable
from webhook.domain.launch.injection_points import Arguments, Place, Variable
from webhook.domain.launch.launch import (
    Launch,
    LeftAlone,
    NoServer,
    Onward,
    Server,
    Site,
    Unreachable,
)
from webhook.domain.launch.scripts import read_script
from webhook.domain.launch.shell_starts import names_server_command
from webhook.domain.launch.shell_text import read_shell_text
from webhook.domain.reasons import Reason
from webhook.domain.redis.command_line import is_sentinel, special_of
from webhook.domain.shell.exec_wrappers import program_index
from webhook.domain.shell.interpreter import ShellScript, ShellText, read_interpreter

_REFERENCE = re.compile(r"\$\([A-Za-z_][\w.-]*\)")
_NO = frozenset({"", "false", "no", "0"})


def read_launch(scene: Scene) -> Launch:
    """Tell what a container runs, and where options reach it.

    `command` replaces the image's entrypoint and drops its default arguments, `args` replace those
    only. Source: Kubernetes, Define a Command and Arguments for a Container.
    """
    container = scene.container
    family = scene.family
    line = _command_line(scene)
    if container.command:
        return _follow(scene, line, Onward(start=0))
    if family is not None and _is_sentinel_by_variable(scene, family):
        return NoServer(reason=Reason.SENTINEL, detail="the variable SENTINEL makes it a Sentinel")
    if container.args or family is None:
        return _follow(scene, line, Onward(start=0, by_entrypoint=True))
    return _image_default(scene, family)


def _command_line(scene: Scene) -> CommandLine:
    container = scene.container
    raw = container.command + container.args
    expanded = (expand(element, scene.environment.get).text for element in raw)
    words = tuple(_REFERENCE.sub(UNKNOWN, text) for text in expanded)
    return CommandLine(raw=raw, words=words, in_command=len(container.command))


def _is_sentinel_by_variable(scene: Scene, family: Family) -> bool:
    """Tell images that choose their role by variables, as the Kubernetes examples' do."""
    return (
        isinstance(family.start, OutOfReach)
        and scene.environment.values.get("SENTINEL", "").lower() not in _NO
    )


def _image_default(scene: Scene, family: Family) -> Launch:
    match family.start:
        case OutOfReach(reason=Reason.SIZES_ITSELF as reason):
            return LeftAlone(reason=reason, detail=f"{family.program} sizes itself")
        case OutOfReach(reason=reason):
            return Unreachable(reason=reason, detail="the image starts its server itself")
        case ByVariable() as start:
            return read_variable(scene, family, start)
        case ByArguments(arguments=arguments):
            file = () if family.config_file is None else (family.config_file,)
            return _by_last_variable(
                scene,
                Server(
                    sites=(Site(program=family.program, words=file),),
                    place=Arguments(prefix=arguments),
                    seen="the image starts the server by default",
                ),
            )
        case _:
            assert_never(family.start)


def _follow(scene: Scene, line: CommandLine, onward: Onward) -> Launch:
    """Judge the command line from where `onward` points; a script points further on, to its end."""
    by_entrypoint = onward.by_entrypoint
    launch = _read(scene, line, onward)
    while isinstance(launch, Onward):
        by_entrypoint = by_entrypoint or launch.by_entrypoint
        launch = _read(scene, line, launch)
    return _by_last_variable(scene, launch) if by_entrypoint else launch


def _read(scene: Scene, line: CommandLine, onward: Onward) -> Launch | Onward:
    if onward.start >= len(line.words):
        return scene.no_server("nothing is run")
    family = scene.family
    if family and onward.by_entrypoint and _is_for_server(family, line.words[onward.start]):
        return _flags(scene, family, line, onward.start)
    index = program_index(line.known(onward.start))
    if index is None:
        return _undecidable(scene, line, onward.start)
    return _program(scene, line, onward.start + index)


def _program(scene: Scene, line: CommandLine, at: int) -> Launch | Onward:
    program = basename(line.words[at])
    if program in SERVER_PROGRAMS:
        if scene.family is None and not line.in_command and not _is_program(line.words[at:]):
            detail = f"what an unknown image does with the argument {program} is not known"
            return Unreachable(reason=Reason.UNKNOWN_IMAGE, detail=detail, certain=False)
        return _server(scene, program, line.words[at + 1 :], "the command line starts the server")
    if program in SENTINEL_PROGRAMS:
        return NoServer(reason=Reason.SENTINEL, detail=f"{program} is started")
    if is_entrypoint(line.words[at]):
        return Onward(start=at + 1, by_entrypoint=True)
    if scene.family is not None and program == scene.family.program:
        return LeftAlone(reason=Reason.SIZES_ITSELF, detail=f"{program} sizes itself")
    match read_interpreter(line.known(at)):
        case ShellText(index=text, positional_from=positional_from):
            return read_shell_text(scene, line, at + text, at + positional_from)
        case ShellScript(index=script):
            return read_script(scene, line, at + script, program)
        case _:
            return read_script(scene, line, at, "")


def _is_program(words: tuple[str, ...]) -> bool:
    """Tell a server's command line from a host name that is handed to an unknown image."""
    return "/" in words[0] or (len(words) > 1 and is_forwarded(words[1]))


def _is_for_server(family: Family, argument: str) -> bool:
    match family.start:
        case ByArguments(entrypoint_is_server=True):
            return True
        case OutOfReach(reason=Reason.SIZES_ITSELF):
            return argument.startswith("-")
        case _:
            return is_forwarded(argument)


def _flags(scene: Scene, family: Family, line: CommandLine, start: int) -> Launch:
    match family.start:
        case OutOfReach(reason=Reason.SIZES_ITSELF as reason):
            return LeftAlone(reason=reason, detail=f"{family.program} sizes itself")
        case (
            ByArguments(forwards=True)
            | ByArguments(entrypoint_is_server=True)
            | OutOfReach(reason=Reason.UNKNOWN_IMAGE)
        ):
            seen = "the image's entrypoint hands args to it"
            return _server(scene, family.program, line.words[start:], seen)
        case OutOfReach(reason=reason):
            return Unreachable(reason=reason, detail="the image hands no args to its server")
        case _:
            reason = Reason.IMAGE_IGNORES_OPTIONS
            return Unreachable(reason=reason, detail="the image hands no args to its server")


def _undecidable(scene: Scene, line: CommandLine, start: int) -> Launch:
    words = line.words[start:]
    if any(names_server_command(word) for word in words):
        detail = "an unknown program stands before the server"
    elif UNKNOWN in words[0] and scene.knows_image and not scene.ends:
        detail = "it cannot be seen what its command line begins with"
    else:
        return scene.no_server("it runs something else")
    return Unreachable(reason=Reason.LAUNCH_UNDECIDABLE, detail=detail, certain=False)


def _server(scene: Scene, program: str, words: tuple[str, ...], seen: str) -> Launch:
    if is_sentinel(words):
        return NoServer(reason=Reason.SENTINEL, detail=f"{program} runs as a Sentinel")
    special = special_of(words)
    if special is not None:
        return scene.no_server(f"{program} --{special} ends at once")
    return Server(sites=(Site(program=program, words=words),), place=Arguments(), seen=seen)


def _by_last_variable(scene: Scene, launch: Launch) -> Launch:
    """Valkey's entrypoint puts the words of VALKEY_EXTRA_FLAGS behind args, where they win."""
    name = None if scene.family is None else scene.family.last_variable
    value = None if name is None else scene.environment.get(name)
    if not isinstance(launch, Server) or not isinstance(launch.place, Arguments):
        return launch
    if name is None or not value:
        return launch
    if name not in scene.environment.values:
        return _with_words(launch, (UNKNOWN,), launch.place)
    if UNKNOWN in value and not scene.sets(name):
        detail = f"{name} is set where it cannot be read, and wins"
        return Unreachable(reason=Reason.OPTIONS_VARIABLE_HIDDEN, detail=detail)
    return _with_words(launch, tuple(value.split()), Variable(name=name))


def _with_words(launch: Server, words: tuple[str, ...], place: Place) -> Server:
    sites = tuple(replace(site, words=site.words + words) for site in launch.sites)
    return replace(launch, sites=sites, place=place)
