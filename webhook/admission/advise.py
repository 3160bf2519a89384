"""Advice at `kubectl apply`: what would become of a workload's Pods, never a denial."""

from collections.abc import Mapping

from webhook.admission.mutate import Admitted, ConfigMapReader, evaluate_with_files
from webhook.admission.respond import advice
from webhook.admission.review import (
    AdmissionRequest,
    AdmissionResponse,
    MalformedReviewError,
    decode_review,
    encode_review,
)
from webhook.domain.evaluation.outcome import Evaluation
from webhook.domain.kubernetes.parse_pod import PodError, parse_pod
from webhook.domain.kubernetes.workload import Workload, pod_manifest
from webhook.domain.policy.settings import Policy


def advise(body: bytes, *, policy: Policy, read_config_map: ConfigMapReader) -> Admitted:
    """Answer an AdmissionReview of a workload with warnings.

    It is always allowed: a LimitRange may still give its Pods the limit that its template lacks.
    Raises MalformedReviewError, and nothing else.
    """
    request = decode_review(body)
    evaluation = _evaluation(request, policy, read_config_map)
    warnings = () if evaluation is None else advice(evaluation)
    response = AdmissionResponse(allowed=True, warnings=warnings)
    return Admitted(
        answer=encode_review(request.uid, response),
        request=request,
        evaluation=evaluation,
        mode=policy.for_namespace(request.namespace).mode,
        allowed=True,
    )


def _evaluation(
    request: AdmissionRequest, policy: Policy, read_config_map: ConfigMapReader
) -> Evaluation | None:
    if request.obj is None or request.subresource:
        return None
    manifest = _pod(request, request.obj)
    if manifest is None:
        return None
    try:
        pod = parse_pod(manifest, namespace=request.namespace)
    except PodError as error:
        raise MalformedReviewError(f"request.object: template: {error}") from None
    return evaluate_with_files(pod, policy, read_config_map)


def _pod(request: AdmissionRequest, obj: Mapping[str, object]) -> Mapping[str, object] | None:
    workload = Workload(kind=request.kind, name=request.name, content=obj)
    try:
        manifest = pod_manifest(workload, request.namespace)
    except PodError as error:
        raise MalformedReviewError(f"request.object.{error}") from None
    return None if manifest is None else manifest.content
