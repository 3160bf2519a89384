"""The commands by name; each is imported when it is asked for, so that one start pays for one."""

from collections.abc import Mapping, Sequence
from importlib import import_module

import click

from webhook import __version__

_COMMANDS: Mapping[str, str] = {
    "apply": "webhook.cli.commands.apply.command:apply",
    "audit": "webhook.cli.commands.audit.command:audit",
    "check": "webhook.cli.commands.check:check",
    "demo": "webhook.cli.commands.demo.command:demo",
    "doctor": "webhook.cli.commands.doctor.command:doctor",
    "explain": "webhook.cli.commands.explain:explain",
    "fix": "webhook.cli.commands.fix:fix",
    "observe": "webhook.cli.commands.observe.command:observe",
    "plateau": "webhook.cli.commands.plateau.command:plateau",
    "serve": "webhook.cli.commands.serve:serve",
}


class LazyCommands(click.Group):
    """A group whose commands are named without being imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Give the names in the order of --help."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command; None for an unknown name."""
        place = _COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, name = place.split(":")
        try:
            command: click.Command = getattr(import_module(module), name)
        except ImportError as error:
            return _unavailable(cmd_name, error)
        return command


def _unavailable(name: str, error: ImportError) -> click.Command:
    """Stand in for a command whose imports fail, so that the help of the others is shown."""
    told = f"Cannot be loaded here: {error}."

    @click.command(
        name,
        help=told,
        add_help_option=False,
        context_settings={"ignore_unknown_options": True},
    )
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def fail(arguments: Sequence[str]) -> None:  # noqa: ARG001 - taken, whatever they are
        raise click.ClickException(told)

    return fail


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="redis-memory-guard", message="%(prog)s %(version)s")
def commands() -> None:
    """Give every Redis server in a cluster a working memory ceiling."""
