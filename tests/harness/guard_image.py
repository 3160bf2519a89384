"""Our own image, built from our Dockerfile: once for each state of what it is made of."""

import shutil
import time
from pathlib import Path

from tests.harness.cache import REPOSITORY, digest, made_once
from tests.harness.images import BASE_IMAGE, IMAGES, build_image
from tests.harness.progress import step

REPOSITORY_NAME = "redis-memory-guard"
TAG = "test"

_FILES = ("Dockerfile", ".dockerignore", "pyproject.toml", "README.md", "LICENSE")
_DIRECTORIES = ("certs", "image", "requirements", "webhook")


def guard_archive() -> Path:
    """The image `redis-memory-guard:test` as a docker-archive."""
    current = IMAGES / f"guard-{digest(*_sources())}"
    _remove_outdated(but=current)
    return made_once(current, _build) / "image.tar"


def _remove_outdated(*, but: Path) -> None:
    """Those of yesterday: today's may be another working tree's, which runs its tests now."""
    yesterday = time.time() - 24 * 60 * 60
    for image in set(IMAGES.glob("guard-*")) - set(IMAGES.glob(f"{but.name}*")):
        if image.stat().st_mtime < yesterday:
            shutil.rmtree(image) if image.is_dir() else image.unlink()


def _build(directory: Path) -> None:
    with step("building our image (about a minute)"):
        build_image(
            REPOSITORY,
            tag=f"docker.io/library/{REPOSITORY_NAME}:{TAG}",
            archive=directory / "image.tar",
            build_args={"BASE_IMAGE": BASE_IMAGE},
        )


def _sources() -> tuple[Path | str, ...]:
    """Names and files: two files that trade places make another image."""
    files = [REPOSITORY / name for name in _FILES]
    for directory in _DIRECTORIES:
        files += sorted(
            file
            for file in (REPOSITORY / directory).rglob("*")
            if file.is_file() and file.parent.name != "__pycache__"
        )
    return tuple(part for file in files for part in (str(file.relative_to(REPOSITORY)), file))
