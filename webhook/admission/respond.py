"""Render an evaluation as an answer, by the operator's mode."""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from webhook.admission.audit_annotations import audit_annotations
from webhook.admission.denial import denial
from webhook.admission.patch import pod_patch
from webhook.admission.review import AdmissionResponse
from webhook.admission.warnings import (
    Outgrown,
    audited,
    cut,
    keeps,
    refusals,
    starts,
    starts_bare,
    verdicts,
    warnings_of,
    would_refuse,
)
from webhook.domain.evaluation.outcome import Evaluation, Outcome
from webhook.domain.kubernetes.quantity import format_mebibytes
from webhook.domain.policy.settings import Mode
from webhook.domain.reasons import Reason
from webhook.domain.redis.command_line import render_options


def respond(evaluation: Evaluation) -> AdmissionResponse:
    """Answer for a Pod: in enforce mode inject or refuse, in audit mode only tell.

    A Redis without a memory limit is denied with 403 under enforce, and allowed with the warning
    `audit: container "redis" would be refused: …` under audit.
    """
    match evaluation.settings.mode:
        case Mode.ENFORCE:
            return _enforce(evaluation)
        case Mode.AUDIT:
            return _audit(evaluation)
        case mode:
            assert_never(mode)


def respond_to_violations(
    evaluation: Evaluation,
    violations: Sequence[Outcome],
    outgrown: Sequence[Outgrown] = (),
    *,
    is_new: bool = False,
) -> AdmissionResponse:
    """Answer for a Pod's final state: some servers run unguarded, others could have more.

    In audit mode nothing was injected into a new Pod, so that a server without its ceiling is no
    refusal: it is told that it starts so.
    """
    unguarded = [_unguarded(outcome) for outcome in violations]
    if violations and evaluation.settings.mode is Mode.ENFORCE:
        return AdmissionResponse(
            allowed=False,
            message=denial(unguarded),
            audit_annotations=audit_annotations(evaluation, "deny"),
        )
    refused = [outcome for outcome in unguarded if outcome.denied or not is_new]
    bare = [outcome for outcome in unguarded if outcome not in refused]
    told = (*map(would_refuse, refused), *map(starts_bare, bare))
    return AdmissionResponse(
        allowed=True,
        warnings=(*audited(told), *cut(map(keeps, outgrown))),
        audit_annotations=audit_annotations(
            evaluation, "would-deny" if refused else "allow", refused
        ),
    )


def advice(evaluation: Evaluation) -> tuple[str, ...]:
    """Warn of what would become of a workload's Pods: refusals first.

    In audit mode, what each server would start with too: nothing else shows it.
    """
    refused, rest = refusals(evaluation), (*verdicts(evaluation), *warnings_of(evaluation))
    if evaluation.settings.mode is Mode.ENFORCE:
        return cut([*refused, *rest])
    return audited([*refused, *starts(evaluation), *rest])


def _enforce(evaluation: Evaluation) -> AdmissionResponse:
    if evaluation.denied:
        return AdmissionResponse(
            allowed=False,
            message=denial(evaluation.denied),
            warnings=cut(warnings_of(evaluation)),
            audit_annotations=audit_annotations(evaluation, "deny"),
        )
    patch = pod_patch(evaluation)
    return AdmissionResponse(
        allowed=True,
        warnings=cut([*verdicts(evaluation), *warnings_of(evaluation)]),
        audit_annotations=audit_annotations(evaluation, "inject" if patch else "allow"),
        patch=patch,
    )


def _audit(evaluation: Evaluation) -> AdmissionResponse:
    decision = "deny" if evaluation.denied else "inject" if pod_patch(evaluation) else "allow"
    return AdmissionResponse(
        allowed=True,
        warnings=audited(
            [
                *map(would_refuse, evaluation.denied),
                *starts(evaluation),
                *verdicts(evaluation),
                *warnings_of(evaluation),
            ]
        ),
        audit_annotations=audit_annotations(evaluation, f"would-{decision}", evaluation.denied),
    )


def _unguarded(outcome: Outcome) -> Outcome:
    if outcome.denied or outcome.sizing is None:
        return outcome
    limit = format_mebibytes(outcome.sizing.limit)
    message = f"it would run without a working memory ceiling below its limit of {limit}"
    return replace(
        outcome,
        reason=Reason.CEILING_UNDONE,
        message=message,
        remedy=f"It needs {render_options(outcome.options)}",
    )
