"""The programs of the node, built from Go modules and kept in the cache."""

import os
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from tests.harness.cache import CACHE, digest, made_once
from tests.harness.command import Output, run
from tests.harness.failure import ClusterError
from tests.harness.progress import step

SOURCES = Path(__file__).parent / "node"
CEL_SOURCES = Path(__file__).parent / "cel"
OLDEST_SOURCES = Path(__file__).parent / "oldest"
STATE_METRICS_SOURCES = Path(__file__).parent / "state_metrics"
STATE_METRICS = "k8s.io/kube-state-metrics/v2"
OLDEST_TOOLCHAIN = "go1.22.12"
"""What the oldest API server was released with: a newer Go compiles it, and it does not start."""
CONTAINERD_PROGRAMS = ("containerd", "containerd-shim-runc-v2", "ctr")
CONTAINERD_VERSION = "v2.4.2"
HELM_VERSION = "v3.21.4"
REGISTRY_VERSION = "v0.22.1"
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
    oldest_api_server: Path | None = None
    """Where the API server of the oldest Kubernetes that the chart supports is, if it is to run."""

    @property
    def search_path(self) -> str:
        """A PATH that has these programs first, and those of the system's administrator too."""
        others = (self.components, self.containerd, self.helm, self.pause)
        ours = (self.oldest_api_server, *others) if self.oldest_api_server else others
        return ":".join((*map(str, ours), os.environ["PATH"], "/usr/sbin", "/sbin"))


def build_programs() -> Programs:
    """Build what is not in the cache yet. Raises GoMissingError or CommandError."""
    programs = located_programs()
    made_once(programs.pause, _build_pause)
    made_once(programs.components, _build_components)
    made_once(programs.containerd, _install_containerd)
    made_once(programs.helm, _install_helm)
    return programs


def build_oldest_programs() -> Programs:
    """Build what is not in the cache yet, the oldest API server too. Raises as build_programs."""
    build_programs()
    programs = located_oldest_programs()
    assert programs.oldest_api_server is not None
    made_once(programs.oldest_api_server, _build_oldest_api_server)
    return programs


def registry_programs() -> Path:
    """Give a directory with an OCI registry and crane, its client; raises as build_programs."""
    return made_once(CACHE / "bin" / f"registry-{REGISTRY_VERSION}", _install_registry)


def located_oldest_programs() -> Programs:
    """Where the programs are, with the oldest API server before the newest."""
    return replace(located_programs(), oldest_api_server=_built_from(OLDEST_SOURCES, "apiserver"))


def located_programs() -> Programs:
    """Where the programs are, once they are built."""
    binaries = CACHE / "bin"
    return Programs(
        components=_built_from(SOURCES, "kubernetes"),
        containerd=binaries / f"containerd-{CONTAINERD_VERSION}",
        helm=binaries / f"helm-{HELM_VERSION}",
        pause=binaries / f"pause-{digest(SOURCES / 'pause.c')}",
    )


def kubernetes_version(sources: Path = SOURCES) -> str:
    """The version that go.mod pins, such as `v1.37.2`."""
    pinned = re.search(r"^\s+k8s\.io/kubernetes (v\S+)", (sources / "go.mod").read_text(), re.M)
    if pinned is None:
        raise ValueError(f"{sources / 'go.mod'}: no version of k8s.io/kubernetes")
    return pinned[1]


def _built_from(sources: Path, name: str) -> Path:
    files = tuple(sources / file for file in ("go.mod", "go.sum", "main.go"))
    return CACHE / "bin" / f"{name}-{kubernetes_version(sources)}-{digest(*files)}"


def go(verb: str, *arguments: str, directory: Path = SOURCES, **environment: str) -> Output:
    """Run go in the module in `directory`, for static programs. Raises GoMissingError."""
    if shutil.which("go") is None:
        raise GoMissingError("Go 1.21 or newer is needed: https://go.dev/dl/")
    # Nice: a build of ten minutes shall not take the machine away from its user.
    return run(
        *("nice", "go", verb, "-trimpath", *arguments),
        environment={"CGO_ENABLED": "0", **environment},
        directory=directory,
        timeout=BUILD_SECONDS,
    )


def cel_program() -> Path:
    """Build what evaluates match conditions as the API server does. Raises GoMissingError."""
    sources = tuple(CEL_SOURCES / name for name in ("go.mod", "go.sum", "main.go"))
    return made_once(CACHE / "bin" / f"cel-{digest(*sources)}", _build_cel) / "cel"


def state_metrics_program() -> Path:
    """Build kube-state-metrics, of the version that its go.mod pins. Raises GoMissingError."""
    sources = tuple(STATE_METRICS_SOURCES / name for name in ("go.mod", "go.sum"))
    target = CACHE / "bin" / f"state-metrics-{digest(*sources)}"
    return made_once(target, _build_state_metrics) / "kube-state-metrics"


def _build_state_metrics(directory: Path) -> None:
    with step("building kube-state-metrics (about 3 minutes the first time)"):
        go(
            *("build", "-ldflags", "-s -w", "-o", str(directory / "kube-state-metrics")),
            STATE_METRICS,
            directory=STATE_METRICS_SOURCES,
        )


def _build_cel(directory: Path) -> None:
    with step("building the API server's CEL library (about a minute the first time)"):
        go("build", "-o", str(directory / "cel"), ".", directory=CEL_SOURCES)


def _build_pause(directory: Path) -> None:
    run("gcc", "-Os", "-static", "-o", str(directory / "pause"), str(SOURCES / "pause.c"))


def _build_components(directory: Path) -> None:
    with step("building the control plane and the node (about 7 minutes the first time)"):
        go("build", *_linking(SOURCES), "-o", str(directory / "node"), ".")
    for component in COMPONENTS:
        (directory / component).symlink_to("node")


def _build_oldest_api_server(directory: Path) -> None:
    with step("building the oldest API server (about 4 minutes the first time)"):
        go(
            *("build", *_linking(OLDEST_SOURCES), "-o", str(directory / "kube-apiserver"), "."),
            directory=OLDEST_SOURCES,
            GOTOOLCHAIN=OLDEST_TOOLCHAIN,
        )


def _linking(sources: Path) -> tuple[str, str]:
    version = f"-X k8s.io/component-base/version.gitVersion={kubernetes_version(sources)}"
    return "-ldflags", f"-s -w {version}"


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


def _install_registry(directory: Path) -> None:
    module = "github.com/google/go-containerregistry/cmd"
    with step("building an OCI registry (about a minute the first time)"):
        for program in ("registry", "crane"):
            _go_install(directory, f"{module}/{program}@{REGISTRY_VERSION}")


def _go_install(directory: Path, *packages: str) -> None:
    go("install", "-ldflags", "-s -w", *packages, GOBIN=str(directory))
