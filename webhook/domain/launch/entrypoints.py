"""What an image starts by itself, and what its entrypoint makes of a Pod's args."""

from typing import assert_never

from webhook.domain.images.catalog import is_forwarded
from webhook.domain.images.family import ByArguments, ByVariable, Family, OutOfReach
from webhook.domain.launch.appended_variable import with_appended_variable
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.image_scripts import read_default, read_last_file, read_variable
from webhook.domain.launch.injection_points import Arguments
from webhook.domain.launch.launch import (
    Launch,
    LeftAlone,
    NoServer,
    ReachableServer,
    ServerStart,
    UnreachableServer,
)
from webhook.domain.reasons import Reason
from webhook.domain.redis.command_line import is_sentinel, special_of


def read_image_default(context: ContainerContext, family: Family) -> Launch:
    """Evaluate an image that a Pod gives neither command nor args."""
    match family.start:
        case OutOfReach(reason=Reason.SIZES_ITSELF as reason):
            return LeftAlone(reason=reason, detail=f"{family.program} sizes itself")
        case OutOfReach(reason=reason, is_certain=is_certain, last_file=last_file):
            detail = "the image starts its server itself"
            if reason is Reason.UNKNOWN_IMAGE:
                detail = "the image is named like a server's, and what it starts is not known"
            if last_file is not None:
                return read_last_file(context, family, last_file, reason, detail)
            return UnreachableServer(reason=reason, detail=detail, is_certain=is_certain)
        case ByVariable() as start:
            return read_variable(context, family, start)
        case ByArguments(arguments=arguments):
            return with_appended_variable(context, read_default(context, family, arguments))
        case _:
            assert_never(family.start)


def takes_for_server(family: Family, argument: str) -> bool:
    """Tell whether an image's entrypoint takes args that begin with this one for its server's."""
    match family.start:
        case ByArguments(entrypoint_is_server=True):
            return True
        case OutOfReach(reason=Reason.SIZES_ITSELF):
            return argument.startswith("-")
        case _:
            return is_forwarded(argument)


def read_server_args(context: ContainerContext, family: Family, words: tuple[str, ...]) -> Launch:
    """Evaluate args that an image's entrypoint takes for its server's."""
    match family.start:
        case OutOfReach(reason=Reason.SIZES_ITSELF as reason):
            return LeftAlone(reason=reason, detail=f"{family.program} sizes itself")
        case (
            ByArguments(forwards=True)
            | ByArguments(entrypoint_is_server=True)
            | OutOfReach(forwards=True)
            | OutOfReach(reason=Reason.UNKNOWN_IMAGE, is_certain=True)
        ):
            seen = "the image's entrypoint hands args to it"
            return server_with_words(context, family.program, words, seen)
        case OutOfReach(reason=reason, is_certain=is_certain):
            detail = "the image hands no args to its server"
            if not is_certain:
                detail = "what the image does with its args is not known"
            return UnreachableServer(reason=reason, detail=detail, is_certain=is_certain)
        case _:
            reason = Reason.IMAGE_IGNORES_OPTIONS
            return UnreachableServer(reason=reason, detail="the image hands no args to its server")


def server_with_words(
    context: ContainerContext, program: str, words: tuple[str, ...], description: str
) -> Launch:
    """Give the server that a program starts whose words the Pod says as they are."""
    if is_sentinel(words):
        return NoServer(reason=Reason.SENTINEL, detail=f"{program} runs as a Sentinel")
    special = special_of(words)
    if special is not None:
        return context.no_server(f"{program} --{special} ends at once")
    return ReachableServer(
        starts=(ServerStart(program=program, words=words),),
        injection_point=Arguments(),
        description=description,
        is_alone=True,
    )
