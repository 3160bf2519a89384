"""One container of a Pod, started on this machine as a kubelet and a runtime would start it."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from tests.redis.cli import ask
from tests.redis.images import Image, image_of, write
from tests.redis.kubelet import Maps, command_line, environment_of

START_SECONDS = 15.0
_ENTER = Path(__file__).with_name("entrypoints") / "enter.sh"
_OWN_NAMESPACES = ("unshare", "--mount", "--net", "--pid", "--fork")


class StartError(Exception):
    """The container ended, or serves nothing in time; carries what it printed."""


class StartedContainer:
    """A container in a root directory and namespaces of its own; needs root."""

    def __init__(
        self,
        root: Path,
        pod: Mapping[str, Any],
        *,
        server: Path,
        config_maps: Maps,
        secrets: Maps,
        port: int = 6379,
        password: str = "",
        made: Maps | None = None,
    ) -> None:
        """Start it with a server's program.

        `made` are files that an init container left in a volume, by the volume.
        """
        self.root = root
        self._server = server
        self._port = port
        self._password = password
        self._log = root / "log"
        container = pod["spec"]["containers"][0]
        image = image_of(container["image"])
        image.build(root)
        _mount(root, pod, container, config_maps=config_maps, secrets=secrets, made=made or {})
        own = {"PATH": image.path, **image.environment}
        environment = environment_of(container, own, config_maps, secrets)
        self._process = self._start(container, image, environment)

    def __enter__(self) -> Self:
        try:
            self._wait_for_pong()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def log(self) -> str:
        """What the container has printed so far."""
        return self._log.read_text(errors="replace")

    def config_get(self, name: str) -> str:
        """Ask the running server for one value of its configuration."""
        return self.ask("CONFIG", "GET", name).removeprefix(f"{name}\n")

    def ask(self, *command: str) -> str:
        """Send a command from inside the container's network; give the reply's text."""
        network = f"--net=/proc/{self._process.pid}/ns/net"
        redis_cli = ("nsenter", network, "redis-cli", "-p", str(self._port))
        return ask(redis_cli, *command, password=self._password)

    def stop(self) -> None:
        """Kill the container's first process, and with it all others of its namespace."""
        if self._process.poll() is not None:
            return
        unshare = self._process.pid
        # Not unshare's --kill-child: a first process that changes its user outlives that.
        for child in Path(f"/proc/{unshare}/task/{unshare}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)
        self._process.kill()
        self._process.wait(START_SECONDS)

    def _start(
        self, container: Mapping[str, Any], image: Image, environment: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        directory = container.get("workingDir") or image.directory
        argv = command_line(container, image.entrypoint, image.command, environment)
        entered = ("sh", str(_ENTER), str(self.root), str(self._server))
        with self._log.open("wb") as log:
            return subprocess.Popen(
                [*_OWN_NAMESPACES, *entered, directory, *argv],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _wait_for_pong(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.ask("PING") == "PONG":
                return
            try:
                self._process.wait(0.02)
            except subprocess.TimeoutExpired:
                continue
            raise StartError(self.log)
        raise StartError(f"no PONG within {START_SECONDS:g} s\n{self.log}")


def _mount(
    root: Path,
    pod: Mapping[str, Any],
    container: Mapping[str, Any],
    *,
    config_maps: Maps,
    secrets: Maps,
    made: Maps,
) -> None:
    volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes") or []}
    for mount in container.get("volumeMounts") or []:
        path = mount["mountPath"]
        if (key := mount.get("subPath")) is None:
            (root / path.lstrip("/")).mkdir(parents=True, exist_ok=True)
        for name, text in made.get(mount["name"], {}).items():
            write(root, f"{path}/{name}", text)
        files, mode = _content(volumes[mount["name"]], config_maps, secrets)
        for name, text in files.items():
            if key in (None, name):
                write(root, path if key else f"{path}/{name}", text, mode=mode)


def _content(
    volume: Mapping[str, Any], config_maps: Maps, secrets: Maps
) -> tuple[Mapping[str, str], int]:
    """Give the files of a volume of a ConfigMap or a Secret, and their mode."""
    if (source := volume.get("configMap")) is not None:
        return config_maps[source["name"]], source.get("defaultMode", 0o644)
    if (source := volume.get("secret")) is not None:
        return secrets[source["secretName"]], source.get("defaultMode", 0o644)
    return {}, 0
