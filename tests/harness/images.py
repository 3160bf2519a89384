"""Container images without a registry: a base out of Debian packages, built on by buildah."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.harness.build import Programs
from tests.harness.cache import CACHE, REPOSITORY, digest, made_once
from tests.harness.command import run
from tests.harness.containerd import SANDBOX_IMAGE
from tests.harness.progress import step

BASE_IMAGE = "localhost/debian:bookworm"
"""Debian 12 with python3, python3-venv and ca-certificates: what a Dockerfile here starts from."""

IMAGES = CACHE / "images"
_CONTEXTS = Path(__file__).parent / "images"
_ENTRYPOINTS = REPOSITORY / "tests" / "redis" / "entrypoints"
_REDIS = "docker.io/library/redis:7"
_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
_INCLUDED = ("ca-certificates", "python3", "python3-venv")
_BUILD_SECONDS = 1800


def build_image(
    context: Path,
    *,
    tag: str,
    archive: Path,
    dockerfile: Path | None = None,
    target: str | None = None,
    build_args: Mapping[str, str] | None = None,
) -> Path:
    """Build `context` with its Dockerfile, on BASE_IMAGE if it says so, into a docker-archive.

    A build may use the machine's network and trusts the authorities that the machine trusts.
    Returns `archive`. Raises CommandError with the end of the build's output.
    """
    ensure_base_image()
    arguments = [f"--build-arg={name}={value}" for name, value in (build_args or {}).items()]
    if dockerfile is not None:
        arguments.append(f"--file={dockerfile}")
    if target is not None:
        arguments.append(f"--target={target}")
    return _build(context, tag=tag, archive=archive, arguments=tuple(arguments))


def ensure_base_image() -> None:
    """Make BASE_IMAGE unless buildah has it."""
    if not _buildah("images", "--quiet", BASE_IMAGE, check=False).strip():
        with step(f"storing {BASE_IMAGE}"):
            _buildah(*_bud(_base_context(), BASE_IMAGE))


def pause_archive(programs: Programs) -> Path:
    """The image of every Pod's first container."""

    return program_archive(programs.pause / "pause", tag=SANDBOX_IMAGE)


def program_archive(program: Path, *, tag: str) -> Path:
    """An image of one static program and nothing else, made once for each directory it is in."""

    def make(directory: Path) -> None:
        shutil.copy(program, directory)
        (directory / "Dockerfile").write_text(
            f'FROM scratch\nCOPY {program.name} /\nENTRYPOINT ["/{program.name}"]\n'
        )
        _build(directory, tag=tag, archive=directory / "image.tar")

    return made_once(IMAGES / program.parent.name, make) / "image.tar"


def redis_archive() -> Path:
    """`docker.io/library/redis:7`, as far as a manifest can tell: Redis 7.0.15."""
    return _server_archive(
        "redis",
        tag=_REDIS,
        source="pool/main/r/redis/redis_7.0.15.orig.tar.gz",
        sha256="4b1dc4ee6d622a09fff9c6777191209750fb5e5a725ef78ea012d6eef4c22982",
    )


def valkey_archive() -> Path:
    """`docker.io/valkey/valkey:8`, as far as a manifest can tell: Valkey 8.1.1."""
    return _server_archive(
        "valkey",
        tag="docker.io/valkey/valkey:8",
        source="pool/main/v/valkey/valkey_8.1.1+dfsg1.orig.tar.xz",
        sha256="d9bbd82eecb82f359e649a0007ad3dc1b47cc15afa626348ca86b73c4ae2c7ee",
    )


def bitnami_archive() -> Path:
    """`docker.io/bitnami/redis:7.0`, as far as a chart can tell: the server of `redis_archive`."""
    base, dockerfile = redis_archive(), _CONTEXTS / "bitnami" / "Dockerfile"
    scripts = tuple(_ENTRYPOINTS / name for name in ("bitnami-entrypoint.sh", "bitnami-run.sh"))

    def make(directory: Path) -> None:
        _store(_REDIS, base)
        build_image(
            _ENTRYPOINTS,
            tag="docker.io/bitnami/redis:7.0",
            archive=directory / "image.tar",
            dockerfile=dockerfile,
            build_args={"BASE": _REDIS},
        )

    made = digest(base.parent.name, dockerfile, *scripts)
    return made_once(IMAGES / f"bitnami-{made}", make) / "image.tar"


def _store(tag: str, archive: Path) -> None:
    """Make an image known to buildah again: archives may have been kept without its storage."""
    if not _buildah("images", "--quiet", tag, check=False).strip():
        _buildah("pull", "--quiet", f"docker-archive:{archive}")


def _server_archive(name: str, *, tag: str, source: str, sha256: str) -> Path:
    context = _CONTEXTS / "server"

    def make(directory: Path) -> None:
        with step(f"building {tag} (about 2 minutes of both processors, the first time)"):
            build_image(
                context,
                tag=tag,
                archive=directory / "image.tar",
                target=name,
                build_args={"NAME": name, "SOURCE": source, "SHA256": sha256},
            )

    return made_once(IMAGES / f"{name}-{digest(context, tag, sha256)}", make) / "image.tar"


def _base_context() -> Path:
    context = _CONTEXTS / "base"

    def make(directory: Path) -> None:
        root = directory / "root"
        # In a mount namespace of its own: an interrupted debootstrap leaves /proc mounted.
        alone = ("unshare", "--mount", "--propagation", "private")
        with step("installing a Debian to build images on (about a minute)"):
            run(
                *(*alone, "debootstrap", "--variant=minbase", f"--include={','.join(_INCLUDED)}"),
                *("bookworm", str(root)),
                timeout=_BUILD_SECONDS,
            )
        shutil.rmtree(root / "var/cache/apt")
        shutil.rmtree(root / "var/lib/apt/lists")
        run("tar", "-C", str(root), "--numeric-owner", "-cf", str(directory / "root.tar"), ".")
        shutil.rmtree(root)
        shutil.copy(context / "Dockerfile", directory)

    return made_once(IMAGES / f"base-{digest(context, *_INCLUDED)}", make)


def _build(context: Path, *, tag: str, archive: Path, arguments: tuple[str, ...] = ()) -> Path:
    _buildah(*_bud(context, tag, *arguments))
    archive.unlink(missing_ok=True)  # buildah does not write over an archive
    _buildah("push", "--quiet", tag, f"docker-archive:{archive}:{tag}")
    return archive


def _bud(context: Path, tag: str, *arguments: str) -> tuple[str, ...]:
    return (
        *("bud", "--isolation=chroot", "--network=host", "--pull-never", f"--tag={tag}"),
        *(f"--volume={_AUTHORITIES}:{_AUTHORITIES}:ro", *arguments, str(context)),
    )


def _buildah(verb: str, *arguments: str, check: bool = True) -> str:
    # vfs: an overlay cannot stand on the overlay that a container's own disk often is.
    storage = CACHE / "buildah"
    return run(
        *("nice", "buildah", f"--root={storage / 'storage'}", f"--runroot={storage / 'run'}"),
        *("--storage-driver=vfs", verb, *arguments),
        timeout=_BUILD_SECONDS,
        check=check,
    ).stdout
