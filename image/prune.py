"""Take out of the environment what neither process imports: `prune.py ENVIRONMENT`, by its python.

Each part is named, but for the Kubernetes client: of its interfaces and models those stay that
importing ours brings along. tests/cluster/guard/test_image.py imports everything in what is left.
"""

import re
import shutil
import sys
from collections.abc import Iterator
from compileall import compile_dir
from importlib import import_module
from pathlib import Path
from py_compile import PycInvalidationMode

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
    """Remove everything that is named, others' programs, and what is unused of the client."""
    (packages,) = environment.glob("lib/python3*/site-packages")
    for pattern in _UNUSED:
        for path in packages.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if "/" not in pattern:
            for metadata in packages.glob(f"{pattern}*-*.dist-info"):
                shutil.rmtree(metadata)
    for program in (environment / "bin").iterdir():
        if not program.name.startswith(("python", "redis-memory-guard")):
            program.unlink()
    used = {*_used_of_the_client(packages)}
    for name in ("api", "models"):
        directory = packages / "kubernetes" / "client" / name
        for file in directory.glob("*.py"):
            if file.stem != "__init__" and f"{_CLIENT}.{name}.{file.stem}" not in used:
                file.unlink()
        _keep_compiled(directory)


def _keep_compiled(directory: Path) -> None:
    """Keep no source of what is generated: nobody reads it in a traceback."""
    compile_dir(
        directory, quiet=1, legacy=True, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH
    )
    for source in directory.glob("*.py"):
        source.unlink()


def _used_of_the_client(packages: Path) -> Iterator[str]:
    """Load every interface that ours names; its models come along."""
    client = import_module(_CLIENT)
    for file in (*packages.glob("certs/**/*.py"), *packages.glob("webhook/**/*.py")):
        for name in re.findall(r"\bclient\.(\w+Api)\b", file.read_text()):
            getattr(client, name)
    yield from sys.modules


if __name__ == "__main__":
    main(Path(sys.argv[1]))
