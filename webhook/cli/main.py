"""The entry point of the command line."""

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

    sys.exit(commands.main())
