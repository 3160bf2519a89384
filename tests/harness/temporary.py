"""A cluster that lasts as long as what it was brought up for."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from tests.harness.build import located_programs
from tests.harness.cache import REPOSITORY, alone_with
from tests.harness.cluster import Cluster
from tests.harness.lifecycle import down, find
from tests.harness.namespace import Namespaces


def remedy_for(target: str) -> str | None:
    """What `make target` needs to bring a cluster up and has not got; None if it has."""
    if os.geteuid() == 0 and shutil.which("go"):
        return None
    return f'needs root and Go (https://go.dev/dl/): sudo env "PATH=$PATH" make {target}'


@contextmanager
def temporary_cluster(
    namespaces: Namespaces, *options: str, shown: AbstractContextManager[None] | None = None
) -> Iterator[Cluster]:
    """Bring a cluster up, in `shown`, with the options of `python -m tests.harness up`; end it."""
    # A process of its own, as from the shell: the daemons are not this one's children.
    up = (sys.executable, "-m", "tests.harness", "up", "--name", namespaces.name, *options)
    with alone_with(namespaces.directory):  # another run may be under way
        down(namespaces)
        with shown or nullcontext():
            subprocess.run(up, check=True, cwd=REPOSITORY)
        try:
            running = find(namespaces, located_programs())
            assert running is not None
            yield running
        finally:
            down(namespaces)
