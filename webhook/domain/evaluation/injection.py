"""Put options where a launch takes them: the container as it should start."""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from webhook.domain.kubernetes.pod import Container, EnvironmentVariable
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.injection_points import (
    Arguments,
    InjectionPoint,
    Nowhere,
    ShellText,
    StartScript,
    Variable,
)
from webhook.domain.launch.start_script import wrapper_text
from webhook.domain.redis.command_line import render_options

Options = tuple[str, ...]


def inject(
    context: ContainerContext, place: InjectionPoint, options: Sequence[Options]
) -> Container:
    """Give the container with the options of each start in place; the empty ones change nothing."""
    container = context.container
    if not any(options) or isinstance(place, Nowhere):
        return container
    match place:
        case Arguments(prefix=prefix):
            return replace(container, args=(container.args or prefix) + options[0])
        case Variable(name=name):
            return replace(container, env=_extended(context, name, render_options(options[0])))
        case ShellText():
            return _in_text(container, place, options)
        case StartScript():
            return _wrapped(container, place, max(options, key=len))
        case _:
            assert_never(place)


def _extended(context: ContainerContext, name: str, text: str) -> tuple[EnvironmentVariable, ...]:
    """Extend a variable: an entry of `env` in its place, one of `envFrom` by an entry of its own.

    That one refers to the value, which the kubelet expands and the Pod does not tell. A script may
    read the first line only, so that no line's end may stand before the text.
    """
    env = context.container.env
    at = max((i for i, variable in enumerate(env) if variable.name == name), default=len(env))
    value = env[at].value if at < len(env) else None
    if value is None:
        value = f"$({name})" if context.environment.values.get(name) else ""
    own = EnvironmentVariable(name=name, value=f"{value.strip()} {text}".lstrip())
    return (*env[:at], own, *env[at + 1 :])


def _in_text(container: Container, place: ShellText, options: Sequence[Options]) -> Container:
    elements = [*container.command, *container.args]
    text = elements[place.element]
    for offset, words in sorted(zip(place.offsets, options, strict=True), reverse=True):
        if words:
            text = f"{text[:offset]} {render_options(words)}{text[offset:]}"
    elements[place.element] = text
    return _split(container, elements, len(container.command))


def _wrapped(container: Container, place: StartScript, options: Options) -> Container:
    text = wrapper_text(shell=place.shell, program=place.program, options=render_options(options))
    return _split(container, (*place.before, text, *place.after), place.in_command)


def _split(container: Container, elements: Sequence[str], in_command: int) -> Container:
    command, args = tuple(elements[:in_command]), tuple(elements[in_command:])
    return replace(container, command=command, args=args)
