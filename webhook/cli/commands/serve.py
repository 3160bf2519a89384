"""`serve` as a command of the group, for --help; main() takes the direct way to the server."""

import sys
from collections.abc import Sequence

import click

from webhook.server.__main__ import main


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def serve(arguments: Sequence[str]) -> None:
    """Serve admission reviews over TLS; see serve --help."""
    sys.exit(main(arguments))
