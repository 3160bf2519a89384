"""A variable whose words an entrypoint puts behind args, where they win: VALKEY_EXTRA_FLAGS."""

from dataclasses import replace

from webhook.domain.images.family import Family
from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.image_scripts import may_set_memory
from webhook.domain.launch.injection_points import Arguments, InjectionPoint, Variable
from webhook.domain.launch.launch import Launch, NoServer, ReachableServer, UnreachableServer
from webhook.domain.reasons import Reason
from webhook.domain.redis.command_line import is_sentinel


def with_appended_variable(context: ContainerContext, launch: Launch) -> Launch:
    """Add the variable's words to a server started through the image's entrypoint by its args.

    Where they can be seen they are where options go from then on; a launch stays as it is in an
    image without such a variable, and where it has no words.
    """
    if not isinstance(launch, ReachableServer) or not isinstance(launch.injection_point, Arguments):
        return launch
    family = context.family
    if family is None or (name := family.appended_variable) is None:
        return launch
    words = tuple((context.environment.get(name) or "").split())
    if not words:
        return launch
    if is_sentinel(words):
        return NoServer(reason=Reason.SENTINEL, detail=f"{name} makes it a Sentinel")
    if name not in context.environment.values:
        hidden = _with_words(launch, (UNKNOWN,), launch.injection_point)
        return replace(hidden, may_be_outdone=True)
    unsettled = _unsettled(context, family, name, launch, words)
    return unsettled or _with_words(launch, words, Variable(name=name))


def _unsettled(
    context: ContainerContext,
    family: Family,
    name: str,
    launch: ReachableServer,
    words: tuple[str, ...],
) -> UnreachableServer | None:
    """Tell why it is not certain that options among the variable's words would hold."""
    own = (word for start in launch.starts for word in start.words)
    if family.may_be_prepended and may_set_memory(own):
        detail = f"args and {name} both hold options, and which come last differs between versions"
        return UnreachableServer(reason=Reason.LAUNCH_UNDECIDABLE, detail=detail)
    if any(UNKNOWN in word for word in words) and not context.sets(name):
        detail = f"{name} is set where it cannot be read, and wins"
        return UnreachableServer(reason=Reason.OPTIONS_VARIABLE_HIDDEN, detail=detail)
    return None


def _with_words(
    launch: ReachableServer, words: tuple[str, ...], point: InjectionPoint
) -> ReachableServer:
    starts = tuple(replace(start, words=start.words + words) for start in launch.starts)
    return replace(launch, starts=starts, injection_point=point)
