"""The warnings of an answer, which `kubectl` shows: one sentence each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from webhook.admission.printable import named, printable
from webhook.domain.ceiling.sizing import Sizing
from webhook.domain.evaluation.outcome import Evaluation, Outcome, Verdict
from webhook.domain.kubernetes.pod import Container
from webhook.domain.kubernetes.quantity import format_bytes, format_mebibytes
from webhook.domain.policy.settings import Mode
from webhook.domain.reasons import EXPLANATIONS, Reason
from webhook.domain.redis.command_line import render_options

WARNING_LENGTH = 255
"""Characters of one warning: the API server cuts longer ones to 256 when there are many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgrown:
    """A server that keeps a ceiling of ours, and the one that its Pod created anew would get.

    Source: https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/:
    a resize in place changes no args, and starts no container anew unless its policy says so.
    """

    container: Container
    kept: Sizing
    anew: Sizing


def cut(warnings: Iterable[str]) -> tuple[str, ...]:
    """Give warnings as they may be sent: one line each, and not too long."""
    lines = (printable(" ".join(warning.split())) for warning in warnings)
    return tuple(
        line if len(line) <= WARNING_LENGTH else f"{line[: WARNING_LENGTH - 1]}…" for line in lines
    )


def audited(warnings: Iterable[str]) -> tuple[str, ...]:
    """Say in front of each that nothing of it is done."""
    return cut(f"audit: {warning}" for warning in warnings)


def refusals(evaluation: Evaluation) -> Iterator[str]:
    """Say which servers of a workload's Pods are refused, or would be."""
    is_enforced = evaluation.settings.mode is Mode.ENFORCE
    become = "its Pods are refused" if is_enforced else "its Pods would be refused"
    for outcome in evaluation.denied:
        told = f"{named(outcome.container)}: {outcome.message}; {become}"
        if outcome.reason is Reason.NO_MEMORY_LIMIT:
            told += ", unless a LimitRange gives them one"
        yield told


def would_refuse(outcome: Outcome) -> str:
    """Say what enforce mode would refuse."""
    return f"{named(outcome.container)} would be refused: {outcome.message}"


def starts(evaluation: Evaluation) -> Iterator[str]:
    """Say with which ceiling and policy each server would start, where the Pod would at all."""
    for outcome in evaluation.servers:
        if outcome.options and not evaluation.denied:
            yield f"{named(outcome.container)} would start with {render_options(outcome.options)}"


def starts_bare(outcome: Outcome) -> str:
    """Say of a new server that nothing was injected."""
    return f"{named(outcome.container)} starts without a working memory ceiling"


def keeps(outgrown: Outgrown) -> str:
    """Say that a ceiling stays below a limit that has grown."""
    kept, anew = outgrown.kept, outgrown.anew
    return (
        f"{named(outgrown.container)} keeps its maxmemory of {format_mebibytes(kept.maxmemory)} "
        f"under its new limit of {format_bytes(anew.limit)} until its Pod is created anew, which "
        f"gives it {format_mebibytes(anew.maxmemory)}"
    )


def verdicts(evaluation: Evaluation) -> Iterator[str]:
    """Say whose ceiling was lowered, and who can be given none, with the remedy."""
    for outcome in evaluation.servers:
        if outcome.verdict not in (Verdict.UNENFORCEABLE, Verdict.ADJUST) or outcome.denied:
            continue
        yield f"{named(outcome.container)}: {outcome.message}"
        if outcome.verdict is Verdict.UNENFORCEABLE:
            # Warnings of their own: together they would be cut.
            for remedy in (EXPLANATIONS[outcome.reason].remedy, outcome.chart_settings):
                if remedy:
                    yield f"{named(outcome.container)}: {remedy}"


def warnings_of(evaluation: Evaluation) -> Iterator[str]:
    """Say the evaluation's own warnings."""
    for outcome in evaluation.servers:
        for warning in outcome.warnings:
            yield f"{named(outcome.container)}: {warning.message}"
    for warning in evaluation.warnings:
        yield warning.message
