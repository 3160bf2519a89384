"""How a container comes to run its server, and where options reach it."""

from webhook.domain.launch.read import read_launch
from webhook.domain.launch.values import (
    Arguments,
    Launch,
    LeftAlone,
    NoServer,
    Place,
    Scene,
    Server,
    ShellText,
    Site,
    StartScript,
    Unreachable,
    Variable,
)

__all__ = [
    "Arguments",
    "Launch",
    "LeftAlone",
    "NoServer",
    "Place",
    "Scene",
    "Server",
    "ShellText",
    "Site",
    "StartScript",
    "Unreachable",
    "Variable",
    "read_launch",
]
