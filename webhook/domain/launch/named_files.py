"""The files of ConfigMaps that a container's command line names: scripts, and what they run."""

from collections.abc import Iterator
from itertools import islice

from webhook.domain.kubernetes.budget import LIMITS, Work
from webhook.domain.kubernetes.config_maps import Files
from webhook.domain.kubernetes.pod import Container

_MOST_PATHS = 8
_MOST_LOOKUPS = LIMITS[Work.LOOKUPS] // 4


def named_files(container: Container, files: Files) -> Iterator[str]:
    """Give the texts of the files whose paths are words of the command line, also within a text.

    Only the first paths are looked at: what runs a script says so there. Where the budget is used
    up in a good part, none is.
    """
    if not any(files.volume(mount).config_maps for mount in container.mounts):
        return
    if files.budget.spent[Work.LOOKUPS] > _MOST_LOOKUPS:
        return
    words = (word for text in (*container.command, *container.args) for word in text.split())
    for path in islice((word for word in words if word.startswith("/")), _MOST_PATHS):
        text = files.read(container, path)
        if text is None:
            continue
        if files.budget.spent[Work.SCRIPTS] + len(text) > LIMITS[Work.SCRIPTS]:
            return
        files.budget.spend(Work.SCRIPTS, len(text))
        yield text
