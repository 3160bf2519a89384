"""The arguments and options that check, fix and explain share, and the reading behind them."""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from webhook.cli.input.manifests import (
    DEFAULT_NAMESPACE,
    evaluate_workloads,
    read_manifests,
    unread_in,
)
from webhook.cli.report.finding import Report, make_report
from webhook.cli.terminal.exit_codes import BAD_INPUT
from webhook.cli.terminal.printable import printable
from webhook.domain.policy.floors import NO_FLOORS, Floors
from webhook.domain.policy.settings import Policy
from webhook.floors.record import floors_at
from webhook.floors.text import RecordError, parse_record
from webhook.policyfile import PolicyFileError, load_policy

_Command = Callable[..., Any]


def input_options(command: _Command) -> _Command:
    """Add FILE|DIR|-, --policy and --namespace to a command."""
    command = click.option(
        "--namespace",
        default=DEFAULT_NAMESPACE,
        show_default=True,
        metavar="NS",
        help="The namespace of manifests that name none.",
    )(command)
    command = click.option(
        "--policy",
        "policy_path",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="The policy file; without it the built-in policy holds.",
    )(command)
    return click.argument("paths", nargs=-1, required=True, metavar="FILE|DIR|-...")(command)


def floors_option(command: _Command) -> _Command:
    """Add --floors, which gives what the file's servers hold, to a command.

    Not for what writes manifests: a floor moves with its server, and options that stand there stay.
    """
    return click.option(
        "--floors",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        callback=_read_floors,
        metavar="FILE",
        help="What durable servers hold, as the audit in the cluster keeps it (floors.json).",
    )(command)


def _read_floors(_: click.Context, __: click.Parameter, path: Path | None) -> Floors:
    if path is None:
        return NO_FLOORS
    try:
        return floors_at(parse_record(path.read_bytes()), datetime.now(UTC))
    except OSError as error:
        raise click.BadParameter(f"{path}: cannot be read: {error.strerror}") from None
    except RecordError as error:
        raise click.BadParameter(f"{path}: {error}") from None


def policy_of(path: Path | None) -> Policy:
    """Load the policy file; one that is no good ends the command with all its problems."""
    if path is None:
        return Policy()
    try:
        return load_policy(path).policy
    except PolicyFileError as error:
        click.echo(str(error), err=True)
        sys.exit(BAD_INPUT)


def read_and_report(paths: Sequence[str], policy: Policy, namespace: str, floors: Floors) -> Report:
    """Read and evaluate everything that is named, and say on stderr what is bad or not read."""
    manifests = read_manifests(paths)
    evaluated = evaluate_workloads(manifests, policy, namespace, floors)
    unread = unread_in(manifests, policy)
    report = make_report(evaluated, manifests.problems, len(manifests.sources), unread)
    say_problems(report)
    return report


def say_problems(report: Report) -> None:
    """Say on stderr what is bad input and what is not read, one line each."""
    for problem in (*report.problems, *report.unread):
        click.echo(printable(str(problem)), err=True)
