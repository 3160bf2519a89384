"""One container of a Pod, started on this machine as a kubelet and a runtime would start it."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from tests.redis.images import IMAGES, Image, write
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
        config_maps: Maps,
        secrets: Maps,
        port: int = 6379,
        password: str = "",
        made: Maps | None = None,
    ) -> None:
        """Start it; `made` are files that an init container left in a volume, by the volume."""
        self.root = root
        self._port = port
        self._password = password
        self._log = root / "log"
        container = pod["spec"]["containers"][0]
        image = IMAGES[container["image"]]
        image.build(root)
        _mount(root, pod, container, config_maps, made or {})
        made = environment_of(container, {"PATH": image.path}, config_maps, secrets)
        self._process = self._start(container, image, made)

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
        network = f"/proc/{self._process.pid}/ns/net"
        asked = subprocess.run(
            ["nsenter", f"--net={network}", "redis-cli", "-p", str(self._port), *command],
            env={**os.environ, **({"REDISCLI_AUTH": self._password} if self._password else {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=START_SECONDS,
        )
        return asked.stdout.removesuffix("\n")

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
        self, container: Mapping[str, Any], image: Image, made: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        directory = container.get("workingDir") or image.directory
        argv = command_line(container, image.entrypoint, image.command, made)
        with self._log.open("wb") as log:
            return subprocess.Popen(
                [*_OWN_NAMESPACES, "sh", str(_ENTER), str(self.root), directory, *argv],
                env=made,
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
    config_maps: Maps,
    made: Maps,
) -> None:
    volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes") or []}
    for mount in container.get("volumeMounts") or []:
        volume = volumes[mount["name"]]
        (root / mount["mountPath"].lstrip("/")).mkdir(parents=True, exist_ok=True)
        for path, text in made.get(mount["name"], {}).items():
            write(root, f"{mount['mountPath']}/{path}", text)
        if "configMap" not in volume:
            continue
        mode = volume["configMap"].get("defaultMode", 0o644)
        for key, text in config_maps[volume["configMap"]["name"]].items():
            write(root, f"{mount['mountPath']}/{key}", text, mode=mode)
