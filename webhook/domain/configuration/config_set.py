"""What is set on a running server: `CONFIG SET` in hooks, the launch itself, other containers."""

import re
from collections.abc import Iterator, Mapping, Sequence

from webhook.domain.kubernetes.budget import Work
from webhook.domain.kubernetes.pod import Container, ContainerList
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.named_files import named_files

PERSISTENCE = frozenset({"save", "appendonly", "dir"})
"""What decides whether data is written, and where."""

_CONFIG_SET = re.compile(r"(?<![\w-])config[\s\"',]+set(?![\w-])(?P<rest>[^;&|\n]{0,400})", re.I)
_NAME = re.compile(r"(?<![\w-])(?:maxmemory|save|appendonly|dir)(?![\w-])", re.I)


def settings_after_start(context: ContainerContext) -> Mapping[str, str]:
    """Give the directives that may be set on a running server, each with where that is said.

    `{"maxmemory": "a lifecycle hook"}` for a postStart hook of
    `redis-cli config set maxmemory 4gb`.
    """
    found: dict[str, str] = {}
    for where, text in _texts(context):
        for command in _CONFIG_SET.finditer(text):
            for name in _NAME.findall(command["rest"]):
                found.setdefault(name.lower(), where)
    return found


def _texts(context: ContainerContext) -> Iterator[tuple[str, str]]:
    own = context.container
    for hook in own.hooks:
        yield "a lifecycle hook", " ".join(hook)
        for text in _scripts(context, own, hook):
            yield "the script of a lifecycle hook", text
    yield "its own command", _command(own)
    for text in named_files(own, context.files):
        yield "its own script", text
    for other in context.pod.containers:
        if other.path != own.path and _runs_beside(other):
            commands = (_command(other), *(" ".join(hook) for hook in other.hooks))
            scripts = named_files(other, context.files)
            yield f"container {other.name}", "\n".join((*commands, *scripts))


def _scripts(
    context: ContainerContext, container: Container, words: Sequence[str]
) -> Iterator[str]:
    for word in words:
        text = context.files.read(container, word) if word.startswith("/") else None
        if text is not None:
            context.files.budget.spend(Work.SCRIPTS, len(text))
            yield text


def _command(container: Container) -> str:
    return " ".join((*container.command, *container.args))


def _runs_beside(container: Container) -> bool:
    return container.list is ContainerList.CONTAINERS or container.restartable
