"""`fix`: the same manifests with the injections made."""

import difflib
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from webhook.cli.commands.examples import examples
from webhook.cli.commands.fixed import Fixed, inject, with_memory_limit
from webhook.cli.commands.input_options import input_options, policy_of, say_problems
from webhook.cli.commands.replace_file import replace_file
from webhook.cli.input.manifests import (
    EvaluatedWorkload,
    Manifests,
    evaluate_workloads,
    read_manifests,
    unread_in,
)
from webhook.cli.input.sources import BYTE_ORDER_MARK, InputProblem
from webhook.cli.report.finding import FINDINGS, Report, make_report
from webhook.cli.terminal.printable import printable
from webhook.domain.evaluation.evidence import summary
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.kubernetes.quantity import QuantityError, parse_bytes
from webhook.domain.policy.settings import Policy


def _parse_limit(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    try:
        if value is not None and parse_bytes(value) == 0:
            raise click.BadParameter("must be above 0")
    except QuantityError as error:
        raise click.BadParameter(str(error)) from None
    return value


@click.command(
    epilog=examples(
        "redis-memory-guard fix deploy/ --diff",
        "redis-memory-guard fix deploy/ --memory-limit 512Mi --write",
        "helm template my-chart | redis-memory-guard fix - | kubectl apply -f -",
    ),
)
@input_options
@click.option(
    "--memory-limit",
    metavar="QUANTITY",
    callback=_parse_limit,
    help="Give servers without a memory limit this one, such as 512Mi.",
)
@click.option("--diff", "as_diff", is_flag=True, help="Show only what changes, as a unified diff.")
@click.option("--write", "in_place", is_flag=True, help="Replace the files, each atomically.")
def fix(
    paths: Sequence[str],
    policy_path: Path | None,
    namespace: str,
    memory_limit: str | None,
    *,
    as_diff: bool,
    in_place: bool,
) -> None:
    """Write the manifests with the injections made.

    Comments, order and layout stay; nothing but command, args, env and a missing limit changes, so
    that the webhook finds nothing left to do. What cannot be fixed is told on standard error, and
    so is what the injected ceilings survive.

    Exit code: 0 all is well now, 1 something is left that would be denied, 2 bad input.
    """
    if in_place and "-" in paths:
        raise click.UsageError("--write cannot write to standard input")
    manifests = read_manifests(paths)
    report, fixed, failures = _fix(manifests, policy_of(policy_path), namespace, memory_limit)
    say_problems(report)
    for failure in (*failures, *_left(report)):
        click.echo(printable(failure), err=True)
    if in_place:
        failures = (*failures, *_replace(fixed))
    if as_diff:
        click.echo("".join(line for each in fixed for line in _diff(each)), nl=False)
    elif not in_place:
        click.echo(_joined(fixed), nl=False)
    for line in _note(report, fixed):
        click.echo(line, err=True)
    sys.exit(report.exit_code or (FINDINGS if failures else 0))


def _fix(
    manifests: Manifests, policy: Policy, namespace: str, memory_limit: str | None
) -> tuple[Report, tuple[Fixed, ...], tuple[str, ...]]:
    failures: tuple[str, ...] = ()
    if memory_limit is not None:
        first = _evaluated(evaluate_workloads(manifests, policy, namespace))
        manifests, failures = with_memory_limit(manifests, first, memory_limit)
    evaluated = tuple(evaluate_workloads(manifests, policy, namespace))
    unread = unread_in(manifests, policy)
    report = make_report(evaluated, manifests.problems, len(manifests.sources), unread)
    fixed = tuple(inject(manifests, _evaluated(evaluated)))
    return report, fixed, failures + tuple(line for each in fixed for line in each.failures)


def _evaluated(items: Iterable[EvaluatedWorkload | InputProblem]) -> tuple[EvaluatedWorkload, ...]:
    return tuple(item for item in items if isinstance(item, EvaluatedWorkload))


def _left(report: Report) -> Iterator[str]:
    """Tell of what a manifest cannot be given: a limit that nobody named, options out of reach."""
    for finding in report.findings:
        outcome = finding.outcome
        if outcome.denied or outcome.verdict is Verdict.UNENFORCEABLE:
            yield f"{finding.location}: {finding.title}: not fixed: {outcome.message}"


def _note(report: Report, fixed: Sequence[Fixed]) -> Sequence[str]:
    """Say what the servers that were changed survive now; nothing where none was."""
    is_changed = any(each.text != each.source.text for each in fixed)
    return summary(each.outcome for each in report.findings if is_changed and each.patch)


def _diff(fixed: Fixed) -> Iterator[str]:
    lines = difflib.unified_diff(
        fixed.source.text.splitlines(keepends=True),
        fixed.text.splitlines(keepends=True),
        f"a/{fixed.source.name}",
        f"b/{fixed.source.name}",
    )
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _joined(fixed: Sequence[Fixed]) -> str:
    """Join sources as documents of one stream."""
    joined = ""
    for each in fixed:
        if joined and not joined.endswith("\n"):
            joined += "\n"
        if joined and not each.text.startswith("---"):
            joined += "---\n"
        joined += each.text
    return joined


def _replace(fixed: Sequence[Fixed]) -> Iterator[str]:
    """Replace the files that change; gives a line for each that could not be replaced."""
    for each in fixed:
        path = each.source.path
        if path is None or each.text == each.source.text:
            continue
        mark = BYTE_ORDER_MARK if each.source.has_mark else ""
        try:
            replace_file(path, f"{mark}{each.text}".encode())
        except OSError as error:
            failure = f"{path}: cannot be replaced: {error.strerror}"
            click.echo(printable(failure), err=True)
            yield failure
        else:
            click.echo(printable(f"{path}: fixed"), err=True)
