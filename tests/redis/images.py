"""Images, as far as they decide how a server starts: written after their own, not copied.

The server in all of them is the one that a test asks for, under every name by which an image knows
it: for keydb-server Redis stands in, whose code reads its options too.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.harness.servers import locate_module

_SCRIPTS = Path(__file__).with_name("entrypoints")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SERVER = "/usr/local/bin/redis-server"
"""Where the server lies in every image; other names and places of it are links."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image: what it runs, where, and what is in it.

    `scripts` are files of tests/redis/entrypoints by their path, `files` texts, `programs` names of
    the server, `modules` those of tests/harness/servers by their path.
    """

    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    directory: str = "/"
    path: str = _PATH
    environment: Mapping[str, str] = field(default_factory=dict)
    scripts: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    programs: tuple[str, ...] = ()
    modules: Mapping[str, str] = field(default_factory=dict)
    directories: tuple[str, ...] = ()

    def build(self, root: Path) -> None:
        """Lay the image out below a root directory, but for the server itself."""
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
            made_for(root, path).symlink_to(SERVER)
        for path, module in self.modules.items():
            shutil.copy2(locate_module(module), made_for(root, path))


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


def _official(script: str, program: str = "redis-server", **rest: Mapping[str, str]) -> Image:
    return Image(
        entrypoint=("docker-entrypoint.sh",),
        command=(program,),
        directory="/data",
        scripts={_OFFICIAL: script},
        programs=() if program == "redis-server" else (f"/usr/local/bin/{program}",),
        **rest,
    )


def _bitnami(name: str, run_script: str) -> Image:
    """An image of Bitnami's, by its name and its run.sh."""
    scripts = f"/opt/bitnami/scripts/{name}"
    product = name.removesuffix("-cluster")
    home = f"/opt/bitnami/{product}"
    return Image(
        entrypoint=(f"{scripts}/entrypoint.sh",),
        command=(f"{scripts}/run.sh",),
        path=f"{home}/bin:{_PATH}",
        scripts={
            f"{scripts}/entrypoint.sh": "bitnami-entrypoint.sh",
            f"{scripts}/run.sh": run_script,
        },
        files={f"{home}/etc/{product}.conf": f"dir /bitnami/{product}/data\nappendonly yes\n"},
        programs=(f"{home}/bin/{product}-server",),
        directories=(f"/bitnami/{product}/data",),
    )


def _red_hat(product: str) -> Image:
    return Image(
        entrypoint=("container-entrypoint",),
        command=(f"run-{product}",),
        scripts={
            "/usr/local/bin/container-entrypoint": "container-entrypoint",
            f"/usr/local/bin/run-{product}": f"run-{product}",
        },
        programs=("/usr/local/bin/valkey-server",),
        directories=(f"/var/lib/{product}/data", f"/etc/{product}"),
    )


def _harbor(program: str, file: str) -> Image:
    return Image(
        command=(program, "/etc/redis.conf"),
        directory="/var/lib/redis",
        files={"/etc/redis.conf": f"dir /var/lib/redis\nprotected-mode no\n{file}\n"},
        programs=("/usr/local/bin/valkey-server",),
    )


def _lagoon(product: str) -> Image:
    return Image(
        entrypoint=("/lagoon/entrypoints.sh",),
        command=(f"{product}-server", f"/etc/{product}/{product}.conf"),
        directory="/data",
        scripts={"/lagoon/entrypoints.sh": "lagoon.sh"},
        programs=("/usr/local/bin/valkey-server",),
        directories=(f"/etc/{product}",),
    )


_STACK = Image(
    command=("/entrypoint.sh",),
    scripts={"/entrypoint.sh": "redis-stack.sh"},
    programs=("/opt/redis-stack/bin/redis-server",),
    directories=("/data",),
)
_REDIS_8 = _official("official-8.sh", directories=("/usr/local/lib/redis/modules",))
_VALKEY = _official("valkey.sh", "valkey-server")

IMAGES: Mapping[str, Image] = {
    "redis": _official("official.sh"),
    "redis:8.2": _REDIS_8,
    "redis:8.2.3": replace(
        _REDIS_8, modules={"/usr/local/lib/redis/modules/falkordb.so": "falkordb"}
    ),
    "valkey/valkey": _VALKEY,
    "valkey/valkey-bundle": replace(
        _VALKEY,
        entrypoint=("bundle-docker-entrypoint.sh",),
        scripts={"/usr/local/bin/bundle-docker-entrypoint.sh": "valkey-bundle.sh"},
    ),
    "dhi.io/valkey": replace(
        _VALKEY,
        entrypoint=("tini", "--", "docker-entrypoint.sh"),
        scripts={_OFFICIAL: "valkey-bundle.sh"},
    ),
    "dhi.io/redis": Image(
        command=("redis-server", "/etc/redis/redis.conf"),
        directory="/data",
        files={"/etc/redis/redis.conf": "timeout 17\n"},
    ),
    "eqalpha/keydb": Image(
        entrypoint=("docker-entrypoint.sh",),
        command=("keydb-server", "/etc/keydb/keydb.conf"),
        directory="/data",
        scripts={_OFFICIAL: "keydb.sh"},
        files={"/etc/keydb/keydb.conf": "protected-mode no\ntimeout 17\n"},
        programs=("/usr/local/bin/keydb-server",),
    ),
    "bitnami/redis:5.0": _bitnami("redis", "bitnami-run-5.sh"),
    "bitnamilegacy/redis": _bitnami("redis", "bitnami-run.sh"),
    "bitnamilegacy/valkey": _bitnami("valkey", "bitnami-run.sh"),
    "bitnamilegacy/keydb": replace(
        keydb := _bitnami("keydb", "bitnami-run.sh"),
        files={
            **keydb.files,
            "/opt/bitnami/scripts/keydb-env.sh": "export KEYDB_PORT_NUMBER=6379\n",
        },
    ),
    "bitnamilegacy/redis-cluster": _bitnami("redis-cluster", "bitnami-cluster-run-new.sh"),
    "bitnamilegacy/redis-cluster:6.2": _bitnami("redis-cluster", "bitnami-cluster-run-old.sh"),
    "bitnamilegacy/redis-cluster:7.0": _bitnami("redis-cluster", "bitnami-cluster-run-old.sh"),
    "bitnamilegacy/redis-cluster:7.2": _bitnami("redis-cluster", "bitnami-cluster-run-old.sh"),
    "bitnamilegacy/valkey-cluster:7.2": _bitnami("valkey-cluster", "bitnami-cluster-run-old.sh"),
    "bitnamilegacy/valkey-cluster:8.0": _bitnami("valkey-cluster", "bitnami-cluster-run-old.sh"),
    "bitnamilegacy/valkey-cluster": _bitnami("valkey-cluster", "bitnami-cluster-run-new.sh"),
    "redis/redis-stack-server": _STACK,
    "redis/redis-stack-server:6.2.6-v3": replace(
        _STACK, scripts={"/entrypoint.sh": "redis-stack-6.sh"}
    ),
    "redis/redis-stack": replace(
        _STACK, scripts={**_STACK.scripts, "/opt/redis-stack/nodejs/bin/node": "node"}
    ),
    "quay.io/sclorg/redis-7-c9s": _red_hat("redis"),
    "quay.io/sclorg/valkey-8-c10s": _red_hat("valkey"),
    "cgr.dev/chainguard/redis": Image(entrypoint=(SERVER,), directory="/data"),
    "cgr.dev/chainguard/valkey": Image(
        entrypoint=("/usr/local/bin/valkey-server",),
        directory="/data",
        programs=("/usr/local/bin/valkey-server",),
    ),
    "goharbor/redis-photon": _harbor("redis-server", "timeout 17"),
    "goharbor/valkey-photon": _harbor("valkey-server", "save 900 1"),
    "falkordb/falkordb": Image(
        entrypoint=("/var/lib/falkordb/bin/run.sh",),
        scripts={"/var/lib/falkordb/bin/run.sh": "falkordb.sh"},
    ),
    "uselagoon/redis-7": _lagoon("redis"),
    "uselagoon/redis-7-persistent": replace(_lagoon("redis"), environment={"FLAVOR": "persistent"}),
    "uselagoon/valkey-8": _lagoon("valkey"),
    "docker.io/apecloud/redis-stack-server": _STACK,
    "docker.io/apecloud/valkey": _VALKEY,
    "quay.io/opstree/redis": Image(
        entrypoint=("/usr/local/bin/entrypoint.sh",),
        scripts={"/usr/local/bin/entrypoint.sh": "opstree.sh"},
        directory="/data",
        directories=("/etc/redis",),
    ),
}
"""By reference, or by the repository for all its other tags."""


def image_of(reference: str) -> Image:
    """Find an image as it was laid out for this tag, or else for all."""
    return IMAGES.get(reference) or IMAGES[reference.partition(":")[0]]


def made_for(root: Path, path: str) -> Path:
    """Make room for a file; what lies in /usr/local is bound there from `local`."""
    target = root / path.replace("/usr/local/", "/local/").lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def write(root: Path, path: str, text: str, *, mode: int = 0o644) -> None:
    """Write a file of the container."""
    target = made_for(root, path)
    target.write_text(text)
    target.chmod(mode)
