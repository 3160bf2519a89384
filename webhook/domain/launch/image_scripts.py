"""Evaluate a launch by the image's own start script, which takes options in ways of its own."""

from webhook.domain.images.family import ByArguments, ByVariable, Family, OutOfReach
from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.launch.calls import Call
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.injection_points import Arguments, Variable
from webhook.domain.launch.launch import Launch, ReachableServer, ServerStart, UnreachableServer
from webhook.domain.reasons import Reason


def read_run_script(context: ContainerContext, family: Family, call: Call) -> Launch:
    """Evaluate a call of one of the family's `run_scripts`."""
    match family.start:
        case OutOfReach(reason=reason):
            return UnreachableServer(reason=reason, detail=f"{call.path} takes no options")
        case ByVariable() as start if not (call.words and family.run_script_forwards):
            return read_variable(context, family, start)
        case ByVariable() | ByArguments() if call.parameters_at and family.run_script_forwards:
            return ReachableServer(
                starts=(_site(family, (*_variable_words(context, family), *call.words)),),
                injection_point=Arguments(),
                description=f"the image's own {call.path} starts the server",
            )
        case _:
            return UnreachableServer(
                reason=Reason.UNREADABLE_SHELL_TEXT, detail=f"{call.path} is called in a shell text"
            )


def read_variable(context: ContainerContext, family: Family, start: ByVariable) -> Launch:
    """Evaluate an image whose start script adds the words of an environment variable."""
    name = start.variable
    if UNKNOWN in (context.environment.get(name) or "") and not context.sets(name):
        return _hidden(f"{name} may be set where it cannot be read")
    if start.overridden_by and context.environment.values.get(start.overridden_by):
        return _hidden(f"{start.overridden_by} is set, which makes {name} void")
    return ReachableServer(
        starts=(_site(family, _variable_words(context, family)),),
        injection_point=Variable(name=name),
        description=f"the image's own script starts the server with the words of {name}",
    )


def _variable_words(context: ContainerContext, family: Family) -> tuple[str, ...]:
    match family.start:
        case ByVariable(variable=name):
            return tuple((context.environment.get(name) or "").split())
        case _:
            return ()


def _site(family: Family, words: tuple[str, ...]) -> ServerStart:
    config_file = () if family.config_file is None else (family.config_file,)
    return ServerStart(program=family.program, words=(*config_file, *words))


def _hidden(detail: str) -> UnreachableServer:
    return UnreachableServer(reason=Reason.OPTIONS_VARIABLE_HIDDEN, detail=detail)
