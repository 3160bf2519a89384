"""`python -m benchmarks.apply DIRECTORY`: `apply` on a server that is being filled, as a picture.

Two servers without a ceiling are filled alike, on the cluster of a kubeconfig, where the guard is
not installed. One of them is given its ceiling by `redis-memory-guard apply` on the way. Draws
apply.png and apply.svg as `redis-memory-guard plateau` does it.
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from webhook.cli.commands.plateau.chart import draw
from webhook.cli.commands.plateau.trial import GUARDED, UNGUARDED, Plan, follow_twins
from webhook.cli.commands.plateau.verdict import Trials, conclude
from webhook.cluster.connection import connect
from webhook.cluster.trial_namespace import TrialNamespace, trial_namespace
from webhook.trials.history import History
from webhook.trials.workload import WORKLOADS, load_beyond

_MEBI = 2**20
_LIMIT, _APPLIED_AT = 512 * _MEBI, 300 * _MEBI
_LOAD = load_beyond(_LIMIT, WORKLOADS["set-1k"], seconds=90, bytes_a_second=12 * _MEBI)
_PLAN = Plan(image="redis:7", limit=_LIMIT, load=_LOAD)
_PROGRAM = str(Path(sys.executable).with_name("redis-memory-guard"))


@click.command(help=__doc__)
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False, exists=True))
def main(*, directory: Path) -> None:
    api = connect(kubeconfig=None, context=None)
    with trial_namespace(api, prefix="redis-memory-guard-apply") as namespace:
        trials = _fill(namespace)
    verdict = conclude(trials)
    click.echo(verdict.sentence)
    subject = "redis:7, memory limit 512Mi: apply while 12Mi are written a second"
    draw(trials, directory, subject=subject, name="apply")
    sys.exit(not verdict.holds)


def _fill(namespace: TrialNamespace) -> Trials:
    names = (GUARDED, UNGUARDED)
    for name in names:
        namespace.create(_PLAN.pod(name))

    def apply_in_time(histories: Mapping[str, History]) -> None:
        latest = histories[GUARDED].latest
        if latest is not None and latest.maxmemory == 0 and latest.memory >= _APPLIED_AT:
            _apply(namespace.name)

    return follow_twins(names, _PLAN, namespace, apply_in_time)


def _apply(namespace: str) -> None:
    command = (_PROGRAM, "apply", f"--namespace={namespace}", "--yes", f"pod/{GUARDED}")
    with TemporaryDirectory() as scratch:  # the record of what was set goes there
        subprocess.run(command, cwd=scratch, check=True)


if __name__ == "__main__":
    main()
