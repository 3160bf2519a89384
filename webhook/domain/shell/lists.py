"""Lists and pipelines: which of their commands run beside the rest, perhaps, or in a subshell.

The flags of all commands found so far stand in one bytearray, so that a construct marks what is in
it by its place and the scan stays linear.
"""

from dataclasses import dataclass, replace

from webhook.domain.shell.command import SimpleCommand

_BACKGROUND, _CONDITIONAL, _PIPED = 1, 2, 4


@dataclass(slots=True, kw_only=True)
class CommandList:
    """The list that is being read: the index of its first command, and of its pipeline's."""

    start: int
    pipeline: int
    joins: bool = False
    behind: bool = False
    pipes: bool = False

    def go_on(self, operator: str, flags: bytearray, before: int) -> None:
        """Go on behind an operator, or behind a command; those from `before` on are new."""
        now = len(flags)
        if self.behind:
            _mark(flags, before, _CONDITIONAL)
        if self.pipes:
            _mark(flags, before, _PIPED)
        match operator:
            case "&&" | "||":
                self.behind, self.pipes, self.pipeline = True, False, now
            case "|" | "|&" if not self.pipes:
                _mark(flags, self.pipeline, _PIPED)
                self.pipes = True
            case "&":
                _mark(flags, self.start, _BACKGROUND)
            case _:
                pass
        if operator in ("&", ";") or (operator == "\n" and not self.joins):
            self.start, self.pipeline, self.behind, self.pipes = now, now, False, False
        if operator != "\n":
            self.joins = operator in ("&&", "||", "|", "|&")


def flagged(command: SimpleCommand, flags: int) -> SimpleCommand:
    """Give a command with what its list and pipelines, and those around it, make of it."""
    if not flags:
        return command
    return replace(
        command,
        background=bool(flags & _BACKGROUND),
        conditional=bool(flags & _CONDITIONAL),
        piped=bool(flags & _PIPED),
    )


def _mark(flags: bytearray, start: int, flag: int) -> None:
    for index in range(start, len(flags)):
        flags[index] |= flag
