"""Calls of an image's own run script, in a text or in another script."""

from dataclasses import replace
from posixpath import basename

from webhook.domain.images.family import ByVariable, Family
from webhook.domain.launch.calls import Call
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.image_scripts import read_variable, run_script_start, variable_may_win
from webhook.domain.launch.launch import Launch
from webhook.domain.redis.command_line import is_sentinel
from webhook.domain.starts.commands import (
    ScriptCommand,
    SentinelCommand,
    ServerCommand,
    ShellStart,
)
from webhook.domain.starts.reading import ShellReading


def with_run_scripts(context: ContainerContext, reading: ShellReading) -> ShellReading:
    """Take a call of the image's run script for its server's where words behind it are handed on.

    Where a variable takes the options as well, it is left to those calls that have no words: what
    stands behind the script wins over the variable.
    """
    family = context.family
    if family is None or not family.run_script_forwards:
        return reading
    is_by_variable = isinstance(family.start, ByVariable)
    starts = tuple(
        _server(context, family, start)
        if isinstance(start, ScriptCommand)
        and start.path in family.run_scripts
        and not (is_by_variable and not start.words)
        and not variable_may_win(context, family)
        else start
        for start in reading.starts
    )
    return replace(reading, starts=starts)


def called_run_script(
    context: ContainerContext, commands: list[ScriptCommand], call: Call
) -> Launch:
    """Evaluate a script that starts no server itself, and may call the image's own script."""
    family = context.family
    if (
        family is not None
        and isinstance(family.start, ByVariable)
        and any(command.path in family.run_scripts for command in commands)
    ):
        return read_variable(context, family, family.start)
    return context.no_server(f"{call.name} runs something else")


def _server(context: ContainerContext, family: Family, call: ScriptCommand) -> ShellStart:
    start = run_script_start(context, family, call.words)
    if is_sentinel(start.words):
        return SentinelCommand()
    return ServerCommand(
        program=start.program,
        words=start.words,
        command=call.command,
        called=basename(call.path),
        is_exec=call.command.words[0].value == "exec",
    )
