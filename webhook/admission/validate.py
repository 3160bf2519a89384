"""The final state of a Pod: no later webhook, image or limit may undo a ceiling."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from webhook.admission.handling import Decision, Evaluator, holds_a_pod, read_pod
from webhook.admission.respond import respond_to_violations
from webhook.admission.review import AdmissionRequest, Operation
from webhook.admission.warnings import Outgrown
from webhook.domain.evaluation.outcome import Evaluation, Outcome, Verdict
from webhook.domain.kubernetes.pod import Container, ContainerList, Pod
from webhook.domain.policy.annotations import INJECTED

_WRITES = (Operation.CREATE, Operation.UPDATE)


def validate(request: AdmissionRequest, evaluator: Evaluator) -> Decision | None:
    """Decide on a Pod's creation, update or resize.

    A server is refused when it would run without a working ceiling. On an update only what changed
    counts, an image or a memory limit, and only for the worse: a Pod that ran unguarded before
    goes on. Where a limit grew, it is told that the ceiling stays. Raises MalformedReviewError
    when an object is no Pod.
    """
    if request.operation not in _WRITES or not holds_a_pod(request):
        return None
    evaluation = _as_it_stands(read_pod(request, request.obj), evaluator)
    violations = _violations(request, evaluation, evaluator)
    outgrown = tuple(_outgrown(request, evaluation, evaluator))
    is_new = request.operation is Operation.CREATE
    response = respond_to_violations(evaluation, violations, outgrown, is_new=is_new)
    return Decision(evaluation=evaluation, response=response)


def _as_it_stands(pod: Pod, evaluator: Evaluator) -> Evaluation:
    """Evaluate a Pod without its status annotation: our own options count like anybody's."""
    kept = {name: value for name, value in pod.annotations.items() if name != INJECTED}
    return evaluator.evaluate(replace(pod, annotations=kept))


def _violations(
    request: AdmissionRequest, evaluation: Evaluation, evaluator: Evaluator
) -> tuple[Outcome, ...]:
    unguarded = tuple(_unguarded(evaluation))
    # what changed may be what is not read
    is_cut = evaluation.pod.cut_by is not None
    if request.operation is Operation.CREATE or is_cut or not unguarded:
        return unguarded
    old = read_pod(request, request.old_obj)
    before = {_key(container): container for container in old.containers}
    changed = [
        outcome
        for outcome in unguarded
        if _is_changed(before.get(_key(outcome.container)), outcome.container)
        or old.memory_limit != evaluation.pod.memory_limit
    ]
    if not changed:
        return ()
    already = {_key(outcome.container) for outcome in _unguarded(_as_it_stands(old, evaluator))}
    return tuple(outcome for outcome in changed if _key(outcome.container) not in already)


def _outgrown(
    request: AdmissionRequest, evaluation: Evaluation, evaluator: Evaluator
) -> Iterator[Outgrown]:
    """Give the servers with a ceiling of ours whose changed limit would now allow them more."""
    if request.operation is Operation.CREATE:
        return
    old = read_pod(request, request.old_obj)
    if _limits(old) == _limits(evaluation.pod):
        return
    anew = evaluator.evaluate(read_pod(request, request.obj))
    for standing, then in zip(evaluation.outcomes, anew.outcomes, strict=True):
        kept, given = standing.sizing, then.sizing
        is_ours = standing.verdict is Verdict.RESPECT and then.after is not None
        if is_ours and kept and given and kept.maxmemory < given.maxmemory:
            yield Outgrown(container=then.container, kept=kept, anew=given)


def _limits(pod: Pod) -> Sequence[int | None]:
    return pod.memory_limit, *(container.memory_limit for container in pod.containers)


def _unguarded(evaluation: Evaluation) -> Iterable[Outcome]:
    for outcome in evaluation.outcomes:
        if outcome.denied or outcome.verdict in (Verdict.INJECT, Verdict.ADJUST):
            yield outcome


def _is_changed(old: Container | None, new: Container) -> bool:
    return old is None or (old.image, old.memory_limit) != (new.image, new.memory_limit)


def _key(container: Container) -> tuple[ContainerList, str]:
    return container.list, container.name
