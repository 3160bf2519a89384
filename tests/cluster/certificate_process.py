"""The certificate process's code, run as its ServiceAccount in the cluster's network."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.certificate_installation import Installation
from tests.harness.cache import REPOSITORY
from tests.harness.command import Output

FIRST_TIME = [
    *("add-ca", "publish-ca-bundle", "publish-ca-bundle", "issue-serving-certificate", "keep")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One release's process. Its kubeconfig is that of the ServiceAccount, or another one."""

    installation: Installation
    kubeconfig: Path

    def once(self) -> list[str]:
        """Run `once` and return the codes of the actions."""
        return [line.split(":")[0] for line in self.try_once(check=True).stdout.splitlines()]

    def try_once(self, *, check: bool = False) -> Output:
        return self._run("certs", *self.installation.options, "once", check=check)

    def inspect(self) -> str:
        return self._run("certs", *self.installation.options, "inspect").stdout

    def trial(self, command: str, *arguments: str, check: bool = True) -> Output:
        namespace = self.installation.namespace
        module = "tests.cluster.certificate_trials"
        return self._run(module, command, namespace, *arguments, check=check)

    def try_patch(self, operation: Mapping[str, object]) -> Output:
        """Try to change the mutating configuration as whoever has got the process's token."""
        what = ("mutatingwebhookconfiguration", self.installation.namespace)
        patch = ("patch", *what, "--type=json", f"--patch={json.dumps([operation])}")
        credentials = f"--kubeconfig={self.kubeconfig}"
        return self.installation.cluster.kubectl(
            *patch, credentials, "--dry-run=server", check=False
        )

    def _run(self, module: str, *arguments: str, check: bool = True) -> Output:
        environment = (f"KUBECONFIG={self.kubeconfig}", f"PYTHONPATH={REPOSITORY}")
        python = ("env", *environment, sys.executable, "-m", module)
        return self.installation.cluster.client(*python, *arguments, check=check)
