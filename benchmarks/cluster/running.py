"""A cluster with all that is compared in it, and the client beside it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from cattrs import structure, unstructure

from benchmarks.cluster.cases import Installed
from benchmarks.cluster.go_webhook import go_webhook
from benchmarks.cluster.native_policy import native_policy
from benchmarks.cluster.plan import Plan, Seen
from tests.harness.build import located_programs
from tests.harness.cache import REPOSITORY
from tests.harness.cluster import Cluster
from tests.harness.failure import ClusterError
from tests.harness.lifecycle import find
from tests.harness.namespace import Namespaces
from tests.harness.progress import step
from tests.harness.release import installed_guard
from tests.harness.scratch import scratch_namespace
from tests.harness.temporary import remedy_for, temporary_cluster


@contextmanager
def running_cluster(name: str) -> Iterator[Cluster]:
    """Give the cluster of this name if it is up, else one that lasts as long as this.

    Raises ClusterError where this process may not, or cannot, bring one up.
    """
    if (remedy := remedy_for("bench-cluster")) is not None:
        raise ClusterError(remedy)
    if (running := find(Namespaces(name=name), located_programs())) is not None:
        yield running
        return
    with temporary_cluster(Namespaces(name=f"{name}-bench")) as started:
        yield started


@contextmanager
def installed(cluster: Cluster) -> Iterator[Mapping[Installed, str]]:
    """Install all that is compared, each for a namespace of its own; give these."""
    with ExitStack() as stack:
        namespaces = {each: stack.enter_context(scratch_namespace(cluster)) for each in Installed}
        of_go = stack.enter_context(scratch_namespace(cluster))
        exempt = ",".join((of_go, *(namespaces[i] for i in Installed if i is not Installed.OURS)))
        with step("installing ours"):
            ours = installed_guard(cluster, f"--set=exemptNamespaces={{{exempt}}}")
            guard = stack.enter_context(ours)
        with step("installing the Go webhook"):
            stack.enter_context(
                go_webhook(
                    cluster,
                    like=guard,
                    in_namespace=of_go,
                    for_namespace=namespaces[Installed.GO],
                    never_for=namespaces[Installed.FALSE],
                )
            )
        with step("installing the native policy"):
            native = native_policy(cluster, for_namespace=namespaces[Installed.NATIVE])
            stack.enter_context(native)
        yield namespaces


def carry_out(cluster: Cluster, plan: Plan) -> Seen:
    """Have the client carry out a plan in the cluster's network. Raises ClusterError."""
    environment = ("env", *(f"{name}={value}" for name, value in cluster.environment.items()))
    command = (*cluster.enter, *environment, sys.executable, "-m", "benchmarks.cluster.client")
    said = subprocess.run(
        command,
        input=json.dumps(unstructure(plan)),
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        check=False,
    )
    if said.returncode:
        raise ClusterError(f"the client ended with {said.returncode}")
    return structure(json.loads(said.stdout), Seen)
