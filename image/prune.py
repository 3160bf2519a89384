"""Take out of the environment what neither process reads: `prune.py ENVIRONMENT`, by its python.

Each part is named, but for the Kubernetes client: of its interfaces and models those stay that
importing ours brings along. Of what others wrote only the compiled modules stay, so that of a
traceback their lines are missing and ours are not; licenses and versions stay.
tests/cluster/guard/test_image.py imports everything in what is left.
"""

import re
import shutil
import sys
from collections.abc import Iterator
from compileall import compile_file
from importlib import import_module
from pathlib import Path
from py_compile import PycInvalidationMode

from strip_symbols import strip_symbols

_OURS = ("certs", "webhook")
_UNUSED = (
    # The second Kubernetes client, for asyncio, and what only that one is built on.
    "kubernetes/aio",
    *("aiohappyeyeballs", "aiohttp", "aiohttp_retry", "aiosignal", "frozenlist", "multidict"),
    *("propcache", "yarl"),
    # What rich colours source code and renders Markdown with.
    *("markdown_it", "mdurl", "pygments"),
    # The C parser of cffi's build time, and time zones: all of ours are UTC.
    *("pycparser", "tzdata"),
    # Tests, and what libraries were built from.
    *("gevent/tests", "gevent/testing", "greenlet/tests", "zope/interface/tests"),
    *("gevent/**/*.[ch]", "gevent/**/*.p[xy][xd]", "gevent/**/*.ppyx", "greenlet/**/*.[ch]pp"),
    *("greenlet/**/*.[ch]", "zope/**/*.c", "markupsafe/*.c", "yaml/*.c"),
    "**/*.pyi",
)
_CLIENT = "kubernetes.client"


def main(environment: Path) -> None:
    """Leave of the environment what is used, compiled and without symbols."""
    (packages,) = environment.glob("lib/python3*/site-packages")
    for pattern in _UNUSED:
        _remove(pattern, packages)
    for program in (environment / "bin").iterdir():
        if not program.name.startswith(("python", "redis-memory-guard")):
            program.unlink()
    _remove_unused_of_the_client(packages)
    for source in (*packages.rglob("*.py"),):
        if source.relative_to(packages).parts[0] not in _OURS:
            _keep_compiled(source)
    for library in (*packages.rglob("*.so*"),):
        strip_symbols(library)


def _remove(pattern: str, packages: Path) -> None:
    for path in packages.glob(pattern):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if "/" not in pattern:
        for metadata in packages.glob(f"{pattern}*-*.dist-info"):
            shutil.rmtree(metadata)


def _remove_unused_of_the_client(packages: Path) -> None:
    used = {*_used_of_the_client(packages)}
    for name in ("api", "models"):
        for file in (packages / "kubernetes" / "client" / name).glob("*.py"):
            if file.stem != "__init__" and f"{_CLIENT}.{name}.{file.stem}" not in used:
                file.unlink()


def _keep_compiled(source: Path) -> None:
    """Put a compiled module in the place of its source."""
    mode = PycInvalidationMode.UNCHECKED_HASH
    if compile_file(source, quiet=1, legacy=True, invalidation_mode=mode):
        source.unlink()


def _used_of_the_client(packages: Path) -> Iterator[str]:
    """Load every interface that ours names; its models come along."""
    client = import_module(_CLIENT)
    for file in (file for name in _OURS for file in packages.glob(f"{name}/**/*.py")):
        for name in re.findall(r"\bclient\.(\w+Api)\b", file.read_text()):
            getattr(client, name)
    yield from sys.modules


if __name__ == "__main__":
    main(Path(sys.argv[1]))
