"""The final state of a Pod: no later webhook, image or limit may undo a ceiling."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from webhook.admission.mutate import (
    Admitted,
    ConfigMapReader,
    evaluate_with_files,
    is_mirror,
    read_pod,
)
from webhook.admission.respond import respond_to_violations
from webhook.admission.review import (
    AdmissionRequest,
    AdmissionResponse,
    Operation,
    decode_review,
    encode_review,
)
from webhook.domain.evaluation.outcome import Evaluation, Outcome, Verdict
from webhook.domain.kubernetes.pod import Container, ContainerList, Pod
from webhook.domain.policy.annotations import INJECTED
from webhook.domain.policy.settings import Policy

_SUBRESOURCES = frozenset({"", "resize"})


def validate(body: bytes, *, policy: Policy, read_config_map: ConfigMapReader) -> Admitted:
    """Answer an AdmissionReview of a Pod's creation, update or resize.

    A server is refused when it would run without a working ceiling. On an update only what changed
    counts, an image or a memory limit, and only for the worse: a Pod that ran unguarded before
    goes on. Raises MalformedReviewError, and nothing else.
    """
    request = decode_review(body)
    mode = policy.for_namespace(request.namespace).mode
    if not _is_evaluated(request):
        answer = encode_review(request.uid, AdmissionResponse(allowed=True))
        return Admitted(answer=answer, request=request, evaluation=None, mode=mode, allowed=True)
    evaluator = _Evaluator(policy=policy, read_config_map=read_config_map)
    evaluation = evaluator.as_it_stands(read_pod(request, request.obj))
    response = respond_to_violations(evaluation, _violations(request, evaluation, evaluator))
    return Admitted(
        answer=encode_review(request.uid, response),
        request=request,
        evaluation=evaluation,
        mode=mode,
        allowed=response.allowed,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evaluator:
    policy: Policy
    read_config_map: ConfigMapReader

    def as_it_stands(self, pod: Pod) -> Evaluation:
        """Evaluate a Pod without its record: our own options count like anybody's."""
        kept = {name: value for name, value in pod.annotations.items() if name != INJECTED}
        pod = replace(pod, annotations=kept)
        return evaluate_with_files(pod, self.policy, self.read_config_map)


def _is_evaluated(request: AdmissionRequest) -> bool:
    is_pod = request.kind == "Pod" and request.subresource in _SUBRESOURCES
    is_written = request.operation in (Operation.CREATE, Operation.UPDATE)
    return is_pod and is_written and not is_mirror(request)


def _violations(
    request: AdmissionRequest, evaluation: Evaluation, evaluator: _Evaluator
) -> tuple[Outcome, ...]:
    unguarded = tuple(_unguarded(evaluation))
    if request.operation is Operation.CREATE or not unguarded:
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
    already = {_key(outcome.container) for outcome in _unguarded(evaluator.as_it_stands(old))}
    return tuple(outcome for outcome in changed if _key(outcome.container) not in already)


def _unguarded(evaluation: Evaluation) -> Iterable[Outcome]:
    for outcome in evaluation.outcomes:
        if outcome.denied or outcome.verdict in (Verdict.INJECT, Verdict.ADJUST):
            yield outcome


def _is_changed(old: Container | None, new: Container) -> bool:
    return old is None or (old.image, old.memory_limit) != (new.image, new.memory_limit)


def _key(container: Container) -> tuple[ContainerList, str]:
    return container.list, container.name
