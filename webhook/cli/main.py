"""The entry point of the command line."""

import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command that the arguments name.

    `serve` is told apart before anything of the command line is imported, so that the serving
    process carries none of it.
    """
    if sys.argv[1:2] == ["serve"]:
        from webhook.server.__main__ import main as serve  # noqa: PLC0415 - see above

        sys.exit(serve(sys.argv[2:]))
    from webhook.cli.commands.group import commands  # noqa: PLC0415 - see above
    from webhook.cli.terminal.exit_codes import BAD_INPUT  # noqa: PLC0415 - see above

    try:
        sys.exit(commands.main())
    except OSError as error:
        _tell_unwritten(error)
        sys.exit(BAD_INPUT)


def _tell_unwritten(error: OSError) -> None:
    """Tell of an output that takes no more, such as a full disk's."""
    sys.stderr.write(f"redis-memory-guard: {error}\n")
    # What is still to be written would fail once more as the interpreter ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
