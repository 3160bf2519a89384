"""The arguments and options that check, fix and explain share, and the reading behind them."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from webhook.cli.input.manifests import (
    DEFAULT_NAMESPACE,
    Manifests,
    evaluate_workloads,
    read_manifests,
    unread_in,
)
from webhook.cli.report.finding import BAD_INPUT, Report, make_report
from webhook.cli.terminal.printable import printable
from webhook.domain.policy.settings import Policy
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


def policy_of(path: Path | None) -> Policy:
    """Load the policy file; one that is no good ends the command with all its problems."""
    if path is None:
        return Policy()
    try:
        return load_policy(path).policy
    except PolicyFileError as error:
        click.echo(str(error), err=True)
        sys.exit(BAD_INPUT)


def report_on(manifests: Manifests, policy: Policy, namespace: str) -> Report:
    """Evaluate everything that was read."""
    evaluated = evaluate_workloads(manifests, policy, namespace)
    unread = unread_in(manifests, policy)
    return make_report(evaluated, manifests.problems, len(manifests.sources), unread)


def read_and_report(paths: Sequence[str], policy: Policy, namespace: str) -> Report:
    """Read and evaluate everything that is named, and say on stderr what is bad or not read."""
    report = report_on(read_manifests(paths), policy, namespace)
    say_problems(report)
    return report


def say_problems(report: Report) -> None:
    """Say on stderr what is bad input and what is not read, one line each."""
    for problem in (*report.problems, *report.unread):
        click.echo(printable(str(problem)), err=True)
