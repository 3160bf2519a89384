"""One diagnosis: find the release, look, check, and end with what was found."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from webhook.cli.report.diagnosis import render_diagnosis, render_diagnosis_json
from webhook.cli.terminal.exit_codes import BAD_INPUT
from webhook.cli.terminal.printable import printable
from webhook.cluster.connection import ClusterError, open_cluster
from webhook.cluster.release_objects import ReleaseReader
from webhook.doctor.diagnose import diagnose, is_healthy
from webhook.doctor.find_release import NoReleaseError, find_release
from webhook.doctor.installation import Installation
from webhook.doctor.look import look_at

HEALTHY, BROKEN = 0, 1
"""The exit codes beside BAD_INPUT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What `doctor` is asked for."""

    namespace: str | None
    release: str | None
    trial_namespace: str
    context: str | None
    kubeconfig: Path | None
    output: str
    request_timeout: float


def run_session(request: Request) -> int:
    """Print the diagnosis and give the exit code."""
    try:
        found = _look(request)
    except (ClusterError, NoReleaseError) as error:
        click.echo(f"redis-memory-guard doctor: {printable(str(error))}", err=True)
        return BAD_INPUT
    checks = diagnose(found, now=datetime.now(UTC))
    write = render_diagnosis_json if request.output == "json" else render_diagnosis
    click.echo(write(found, checks), nl=False)
    return HEALTHY if is_healthy(checks) else BROKEN


def _look(request: Request) -> Installation:
    cluster = open_cluster(kubeconfig=request.kubeconfig, context=request.context)
    reader = ReleaseReader(cluster.client(), seconds=request.request_timeout)
    release = find_release(reader, namespace=request.namespace, instance=request.release)
    return look_at(
        reader,
        release,
        api_server_version=cluster.version,
        trial_namespace=request.trial_namespace,
    )
