"""The programs of the node, built from Go modules and kept in the cache."""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.harness.cache import CACHE, digest, made_once
from tests.harness.command import run
from tests.harness.failure import ClusterError
from tests.harness.progress import step

SOURCES = Path(__file__).parent / "node"
CONTAINERD_PROGRAMS = ("containerd", "containerd-shim-runc-v2", "ctr")
CONTAINERD_VERSION = "v2.4.2"
HELM_VERSION = "v3.21.4"
COMPONENTS = (
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubectl",
    "kubelet",
)
BUILD_SECONDS = 3600


class GoMissingError(ClusterError):
    """There is no Go to build with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """Directories of programs: each may stand on a PATH."""

    components: Path
    containerd: Path
    helm: Path
    pause: Path

    @property
    def search_path(self) -> str:
        """A PATH that has these programs first, and those of the system's administrator too."""
        ours = (self.components, self.containerd, self.helm, self.pause)
        return ":".join((*map(str, ours), os.environ["PATH"], "/usr/sbin", "/sbin"))


def build_programs() -> Programs:
    """Build what is not in the cache yet. Raises GoMissingError or CommandError."""
    programs = located_programs()
    made_once(programs.pause, _build_pause)
    made_once(programs.components, _build_components)
    made_once(programs.containerd, _install_containerd)
    made_once(programs.helm, _install_helm)
    return programs


def located_programs() -> Programs:
    """Where the programs are, once they are built."""
    sources = tuple(SOURCES / name for name in ("go.mod", "go.sum", "main.go"))
    binaries = CACHE / "bin"
    return Programs(
        components=binaries / f"kubernetes-{kubernetes_version()}-{digest(*sources)}",
        containerd=binaries / f"containerd-{CONTAINERD_VERSION}",
        helm=binaries / f"helm-{HELM_VERSION}",
        pause=binaries / f"pause-{digest(SOURCES / 'pause.c')}",
    )


def kubernetes_version() -> str:
    """The version that go.mod pins, such as `v1.37.2`."""
    pinned = re.search(r"^\s+k8s\.io/kubernetes (v\S+)", (SOURCES / "go.mod").read_text(), re.M)
    if pinned is None:
        raise ValueError(f"{SOURCES / 'go.mod'}: no version of k8s.io/kubernetes")
    return pinned[1]


def go(verb: str, *arguments: str, directory: Path = SOURCES, **environment: str) -> None:
    """Run go in the module in `directory`, for static programs. Raises GoMissingError."""
    if shutil.which("go") is None:
        raise GoMissingError("Go 1.21 or newer is needed: https://go.dev/dl/")
    # Nice: a build of ten minutes shall not take the machine away from its user.
    run(
        *("nice", "go", verb, "-trimpath", *arguments),
        environment={"CGO_ENABLED": "0", **environment},
        directory=directory,
        timeout=BUILD_SECONDS,
    )


def _build_pause(directory: Path) -> None:
    run("gcc", "-Os", "-static", "-o", str(directory / "pause"), str(SOURCES / "pause.c"))


def _build_components(directory: Path) -> None:
    version = f"-X k8s.io/component-base/version.gitVersion={kubernetes_version()}"
    with step("building the control plane and the node (about 7 minutes the first time)"):
        go("build", "-ldflags", f"-s -w {version}", "-o", str(directory / "node"), ".")
    for component in COMPONENTS:
        (directory / component).symlink_to("node")


def _install_containerd(directory: Path) -> None:
    module = "github.com/containerd/containerd/v2/cmd"
    with step("building containerd (about a minute the first time)"):
        _go_install(
            directory,
            *(f"{module}/{program}@{CONTAINERD_VERSION}" for program in CONTAINERD_PROGRAMS),
        )


def _install_helm(directory: Path) -> None:
    with step("building helm (about a minute the first time)"):
        _go_install(directory, f"helm.sh/helm/v3/cmd/helm@{HELM_VERSION}")


def _go_install(directory: Path, *packages: str) -> None:
    go("install", "-ldflags", "-s -w", *packages, GOBIN=str(directory))
