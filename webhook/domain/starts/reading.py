"""What was read of a shell text: the servers it starts, its other starts, and what it hands on."""

import re
from dataclasses import dataclass

from webhook.domain.shell import Program, Word
from webhook.domain.starts.commands import (
    Positional,
    Prepends,
    ServerCommand,
    ShellStart,
    UneditableStart,
)
from webhook.domain.starts.parameters import looks_at_parameters

_SUBSTITUTION = re.compile(r"`|[$<>]\(")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellReading:
    """A shell text, its commands, and what they start, in order."""

    text: str
    program: Program
    starts: tuple[ShellStart, ...]

    @property
    def servers(self) -> list[ServerCommand]:
        """The servers that it starts by name."""
        return [start for start in self.starts if isinstance(start, ServerCommand)]

    @property
    def runs_parameters(self) -> list[Positional]:
        """The commands by which it runs its own parameters."""
        return [start for start in self.starts if isinstance(start, Positional)]

    @property
    def uneditable(self) -> list[UneditableStart]:
        """The commands that may start a server where no option can be put."""
        return [start for start in self.starts if isinstance(start, UneditableStart)]

    @property
    def is_alone(self) -> bool:
        """Tell whether it starts one server, and runs nothing else: no other command, no word's."""
        commands = self.program.commands
        return (
            len(self.starts) == len(self.servers) == 1
            and not any(command.words for command in commands[:-1])
            and not any(
                _SUBSTITUTION.search(word.raw)
                for command in commands
                for word in (*command.words, *command.assignments)
            )
        )

    def hands_parameters_on(self, given: int) -> bool:
        """Tell whether parameters behind those given reach the server, whole, and nothing else."""
        handed_on: list[Word] = []
        for start in self.starts:
            match start:
                case Positional(words=words, is_whole=is_whole):
                    if not is_whole:
                        return False
                    handed_on.extend(words)
                case Prepends(word=word):
                    handed_on.append(word)
                case ServerCommand(handed_on=words):
                    handed_on.extend(words)
                case _:
                    pass
        return not looks_at_parameters(self.text, self.program, given, handed_on)
