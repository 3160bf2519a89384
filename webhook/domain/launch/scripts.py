"""Judge a launch by a script: the image's own, a Bitnami chart's, or one in a ConfigMap."""

from dataclasses import dataclass, replace
from enum import Enum
from posixpath import basename

from webhook.domain.arguments import split_arguments
from webhook.domain.expansion import UNKNOWN
from webhook.domain.families import SERVER_PROGRAMS
from webhook.domain.family import ByArguments, ByVariable, Family, OutOfReach
from webhook.domain.files import mount_over
from webhook.domain.launch.shell_starts import (
    Positional,
    ScriptCommand,
    SentinelCommand,
    ServerCommand,
    find_starts,
    names_server_command,
)
from webhook.domain.launch.start_script import (
    editable_lines,
    interpreter_of,
    serves_by_chart,
    watches_by_chart,
)
from webhook.domain.launch.values import (
    Arguments,
    CommandLine,
    Launch,
    NoServer,
    Onward,
    Scene,
    Server,
    Site,
    StartScript,
    Unreachable,
    Variable,
)
from webhook.domain.reasons import Reason
from webhook.domain.shell import Unscannable


class _Form(Enum):
    """How a script is called: from a shell text, as a shell's operand, or as the program."""

    TEXT = "text"
    OPERAND = "operand"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """A script as it is called: its path, its words, and how the wrapper could take its place.

    `parameters_at` is the element of the command line from which on its parameters stand, None
    when they stand in a shell text. The wrapper's text stands between `before`, the words that
    `form` needs, and `after`; `before` is None where it could not stand in for the call.
    """

    path: str
    words: tuple[str, ...]
    shell: str
    form: _Form
    parameters_at: int | None
    before: tuple[str, ...] | None
    after: tuple[str, ...]
    in_command: int


def read_script(scene: Scene, line: CommandLine, element: int, shell: str) -> Launch | Onward:
    """Judge the script at `element`, run by `shell` or, when that is empty, by its first line."""
    plain = not shell or basename(line.words[element - 1]) == shell
    added = 2 if shell else 3
    return _read(
        scene,
        _Call(
            path=line.words[element],
            words=line.words[element + 1 :],
            shell=shell,
            form=_Form.OPERAND if shell else _Form.PROGRAM,
            parameters_at=element + 1,
            before=line.raw[:element] if plain else None,
            after=line.raw[element:],
            in_command=line.in_command + (added if element < line.in_command else 0),
        ),
    )


def read_script_command(
    scene: Scene, line: CommandLine, element: int, command: ScriptCommand
) -> Launch:
    """Judge a script that the shell text at `element` runs."""
    run = f"{command.shell} {command.path}".strip()
    is_all = line.raw[element].strip() in {command.path, run, f"exec {run}"}
    replaceable = is_all and element == len(line.raw) - 1
    launch = _read(
        scene,
        _Call(
            path=command.path,
            words=command.words,
            shell=command.shell,
            form=_Form.TEXT,
            parameters_at=None,
            before=line.raw[:element] if replaceable else None,
            after=(command.path,),
            in_command=line.in_command + (1 if element < line.in_command else 0),
        ),
    )
    return scene.no_server("nothing follows") if isinstance(launch, Onward) else launch


def read_wrapped(scene: Scene, line: CommandLine, element: int, options: str) -> Launch:
    """Judge a launch through the wrapper at `element`, which adds `options` to every site."""
    launch = _read(
        scene,
        _Call(
            path=line.words[element + 1] if element + 1 < len(line.words) else "",
            words=line.words[element + 2 :],
            shell="",
            form=_Form.TEXT,
            parameters_at=None,
            before=line.raw[:element],
            after=line.raw[element + 1 :],
            in_command=line.in_command,
        ),
    )
    if not isinstance(launch, Server):
        return scene.no_server("nothing follows") if isinstance(launch, Onward) else launch
    added = split_arguments(options) or ()
    sites = tuple(replace(site, words=site.words + added) for site in launch.sites)
    return replace(launch, sites=sites)


def _read(scene: Scene, call: _Call) -> Launch | Onward:
    family = scene.family
    if family is not None and call.path in family.run_scripts:
        return _run_script(scene, family, call)
    if watches_by_chart(call.path):
        return NoServer(reason=Reason.SENTINEL, detail=f"{call.path} starts a Sentinel")
    text = scene.files.read(scene.container, call.path) if call.path.startswith("/") else None
    if text is not None:
        return _readable(scene, call, text)
    if serves_by_chart(call.path):
        return _wrapped(call, interpreter="bash", sites=(_unseen_site(scene),))
    return _unreadable(scene, call)


def _unseen_site(scene: Scene) -> Site:
    program = "redis-server" if scene.family is None else scene.family.program
    # The charts start these only; an image of another make is none of theirs.
    known = program if program in SERVER_PROGRAMS else "redis-server"
    return Site(program=known, words=(UNKNOWN,))


def _wrapped(call: _Call, *, interpreter: str, sites: tuple[Site, ...]) -> Launch:
    if call.before is None or len({site.program for site in sites}) > 1:
        return Unreachable(
            reason=Reason.UNREADABLE_SCRIPT, detail=f"{call.path} is called in a way of its own"
        )
    lead = {_Form.TEXT: (), _Form.OPERAND: ("-c",), _Form.PROGRAM: (interpreter, "-c")}[call.form]
    return Server(
        sites=sites,
        place=StartScript(
            before=(*call.before, *lead),
            after=call.after,
            in_command=call.in_command,
            shell=interpreter,
            program=sites[0].program,
        ),
        seen=f"the script {call.path} starts the server",
        moves=True,
    )


def _run_script(scene: Scene, family: Family, call: _Call) -> Launch:
    match family.start:
        case OutOfReach(reason=reason):
            return Unreachable(reason=reason, detail=f"{call.path} takes no options")
        case ByVariable() as start if not call.words:
            return read_variable(scene, family, start)
        case ByVariable() | ByArguments() if call.parameters_at and family.run_script_forwards:
            return Server(
                sites=(_image_site(family, call.words),),
                place=Arguments(),
                seen=f"the image's own {call.path} starts the server",
            )
        case _:
            return Unreachable(
                reason=Reason.UNREADABLE_SHELL_TEXT, detail=f"{call.path} is called in a shell text"
            )


def read_variable(scene: Scene, family: Family, start: ByVariable) -> Launch:
    """Judge an image whose start script adds the words of an environment variable."""
    value = scene.environment.get(start.variable)
    is_literal = any(
        entry.name == start.variable and entry.value is not None for entry in scene.container.env
    )
    if value is not None and UNKNOWN in value and not is_literal:
        return _hidden(f"{start.variable} may be set where it cannot be read")
    if start.overridden_by and scene.environment.values.get(start.overridden_by):
        return _hidden(f"{start.overridden_by} is set, which makes {start.variable} void")
    return Server(
        sites=(_image_site(family, tuple((value or "").split())),),
        place=Variable(name=start.variable),
        seen=f"the image's own script starts the server with the words of {start.variable}",
    )


def _hidden(detail: str) -> Unreachable:
    return Unreachable(reason=Reason.OPTIONS_VARIABLE_HIDDEN, detail=detail)


def _image_site(family: Family, words: tuple[str, ...]) -> Site:
    config_file = () if family.config_file is None else (family.config_file,)
    return Site(program=family.program, words=(*config_file, *words))


def _readable(scene: Scene, call: _Call, text: str) -> Launch | Onward:
    try:
        starts = find_starts(text, scene.environment)
    except Unscannable as problem:
        if names_server_command(text):
            return Unreachable(reason=Reason.UNREADABLE_SCRIPT, detail=f"{call.path}: {problem}")
        return scene.no_server(f"{call.path} runs something else")
    servers = [start for start in starts if isinstance(start, ServerCommand)]
    if servers:
        return _script_servers(call, text, servers)
    if any(isinstance(start, Positional) for start in starts) and call.parameters_at is not None:
        return Onward(start=call.parameters_at)
    if any(isinstance(start, SentinelCommand) for start in starts):
        return NoServer(reason=Reason.SENTINEL, detail=f"{call.path} starts a Sentinel")
    return _called_run_script(scene, [s for s in starts if isinstance(s, ScriptCommand)], call)


def _script_servers(call: _Call, text: str, servers: list[ServerCommand]) -> Launch:
    parameters = call.words if call.parameters_at is not None else ()
    sites = tuple(
        Site(
            program=server.program,
            words=server.words + (parameters if server.takes_parameters else ()),
            beside_others=server.background,
        )
        for server in servers
    )
    if call.parameters_at is not None and all(server.takes_parameters for server in servers):
        seen = f"the script {call.path} starts the server with its own arguments"
        return Server(sites=sites, place=Arguments(), seen=seen, moves=True)
    interpreter = call.shell or interpreter_of(text)
    if interpreter and editable_lines(text) == len(servers):
        return _wrapped(call, interpreter=interpreter, sites=sites)
    return Unreachable(
        reason=Reason.UNREADABLE_SCRIPT,
        detail=f"the line of {call.path} that starts the server cannot be extended",
    )


def _called_run_script(scene: Scene, commands: list[ScriptCommand], call: _Call) -> Launch:
    family = scene.family
    if (
        family is not None
        and isinstance(family.start, ByVariable)
        and any(command.path in family.run_scripts for command in commands)
    ):
        return read_variable(scene, family, family.start)
    return scene.no_server(f"{call.path} runs something else")


def _unreadable(scene: Scene, call: _Call) -> Launch:
    is_script = call.path.endswith(".sh") or (
        call.path.startswith("/") and mount_over(scene.container, call.path) is not None
    )
    starts_server = bool(call.words) and basename(call.words[0]) in SERVER_PROGRAMS
    if not is_script or not (_is_for_servers(scene) or _reads_as_server(call.words)):
        return scene.no_server(f"it runs {basename(call.path)}")
    return Unreachable(
        reason=Reason.UNREADABLE_SCRIPT,
        detail=f"the script {call.path} cannot be read",
        certain=starts_server,
    )


def _is_for_servers(scene: Scene) -> bool:
    """Tell whether a script that cannot be read is likely to end in the image's own server."""
    known = scene.family is not None and scene.family.start != OutOfReach(
        reason=Reason.UNKNOWN_IMAGE
    )
    return known and not scene.ends


def _reads_as_server(words: tuple[str, ...]) -> bool:
    """Tell a server's command line behind a script from a host name that a script waits for."""
    return (
        len(words) > 1
        and basename(words[0]) in SERVER_PROGRAMS
        and (words[1].startswith("--") or words[1].endswith(".conf"))
    )
