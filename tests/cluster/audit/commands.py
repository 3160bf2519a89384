"""The command line, run where the cluster can be reached."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.harness.cluster import Cluster
from tests.harness.command import Output
from webhook.doctor.check import CheckName

Told = Mapping[str, tuple[str, str]]
"""The status and the message of each check of the doctor by its name."""

PROGRAM = str(Path(sys.executable).with_name("redis-memory-guard"))


def guard_command(cluster: Cluster, *arguments: str, timeout: float = 300) -> Output:
    """Run redis-memory-guard to its end, whatever that is."""
    return cluster.client(PROGRAM, *arguments, timeout=timeout, check=False)


def audit_json(cluster: Cluster, *arguments: str, code: int = 0) -> Any:
    """Run an audit and give its JSON."""
    done = guard_command(cluster, "audit", "--output=json", "--quiet", *arguments)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def diagnosis(cluster: Cluster, *options: str) -> tuple[int, Told]:
    """Run the doctor; give its exit code and every check."""
    done = guard_command(cluster, "doctor", "--output=json", *options)
    checks = json.loads(done.stdout)["checks"]
    assert [each["name"] for each in checks] == list(CheckName)
    return done.returncode, {each["name"]: (each["status"], each["message"]) for each in checks}


def by_name(audit: Any) -> Mapping[str, Any]:
    """The findings by the names of their workloads, each of which is there once."""
    names = [finding["name"] for finding in audit["findings"]]
    assert len(names) == len(set(names)), names
    return {finding["name"]: finding for finding in audit["findings"]}
