"""Advice at `kubectl apply`: what would become of a workload's Pods, never a denial."""

from collections.abc import Mapping

from webhook.admission.handling import Decision, Evaluator
from webhook.admission.respond import advice
from webhook.admission.review import AdmissionRequest, AdmissionResponse, MalformedReviewError
from webhook.domain.kubernetes.fields import PodError
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.kubernetes.workload import Workload, pod_manifest


def advise(request: AdmissionRequest, evaluator: Evaluator) -> Decision | None:
    """Decide on the warnings for a workload.

    It is always allowed: a LimitRange may still give its Pods the limit that its template lacks.
    Raises MalformedReviewError when the object is not of its kind.
    """
    if request.obj is None or request.subresource:
        return None
    manifest = _pod(request, request.obj)
    if manifest is None:
        return None
    try:
        pod = parse_pod(manifest, namespace=request.namespace)
    except PodError as error:
        raise MalformedReviewError(f"request.object: template: {error}") from None
    evaluation = evaluator.evaluate(pod)
    response = AdmissionResponse(allowed=True, warnings=advice(evaluation))
    return Decision(evaluation=evaluation, response=response)


def _pod(request: AdmissionRequest, obj: Mapping[str, object]) -> Mapping[str, object] | None:
    workload = Workload(kind=request.kind, name=request.name, content=obj)
    try:
        manifest = pod_manifest(workload, request.namespace)
    except PodError as error:
        raise MalformedReviewError(f"request.object.{error}") from None
    return None if manifest is None else manifest.content
