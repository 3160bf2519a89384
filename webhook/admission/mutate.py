"""One Pod's way through the webhook: review in, evaluation, review out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from webhook.admission.respond import respond
from webhook.admission.review import (
    AdmissionRequest,
    AdmissionResponse,
    MalformedReviewError,
    Operation,
    decode_review,
    encode_review,
)
from webhook.domain.evaluation.evaluate import evaluate
from webhook.domain.evaluation.outcome import Evaluation
from webhook.domain.kubernetes.parse_pod import PodError, parse_pod
from webhook.domain.kubernetes.pod import Pod
from webhook.domain.policy.settings import Mode, Policy

ConfigMapReader = Callable[[str, str], Mapping[str, str] | None]
"""Reads a ConfigMap by namespace and name; None when it cannot be read."""

_NODES = "system:nodes"
_MIRROR = "kubernetes.io/config.mirror"
_ROUNDS = 4

__all__ = ["Admitted", "ConfigMapReader", "MalformedReviewError", "admit", "read_nothing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """The answer to a review, and what it came from; no `evaluation` where nothing is evaluated."""

    answer: bytes
    request: AdmissionRequest
    evaluation: Evaluation | None
    mode: Mode
    allowed: bool


def admit(body: bytes, *, policy: Policy, read_config_map: ConfigMapReader) -> Admitted:
    """Answer an AdmissionReview of a Pod's creation.

    Anything but the creation of a Pod is let through unevaluated, and so is the mirror Pod that a
    node creates of a static one, which cannot be changed. Raises MalformedReviewError, and nothing
    else, for a body that is no review or whose object is no Pod.
    """
    request = decode_review(body)
    mode = policy.for_namespace(request.namespace).mode
    if not _is_evaluated(request):
        answer = encode_review(request.uid, AdmissionResponse(allowed=True))
        return Admitted(answer=answer, request=request, evaluation=None, mode=mode, allowed=True)
    pod = read_pod(request, request.obj)
    evaluation = evaluate_with_files(pod, policy, read_config_map)
    response = respond(evaluation)
    return Admitted(
        answer=encode_review(request.uid, response),
        request=request,
        evaluation=evaluation,
        mode=mode,
        allowed=response.allowed,
    )


def evaluate_with_files(pod: Pod, policy: Policy, read_config_map: ConfigMapReader) -> Evaluation:
    """Evaluate a Pod, reading each ConfigMap that its launch asks for once."""
    files: dict[str, Mapping[str, str]] = {}
    asked: set[str] = set()
    evaluation = evaluate(pod, policy)
    for _ in range(_ROUNDS):
        missing = [name for name in evaluation.wanted if name not in asked]
        if not missing:
            break
        asked.update(missing)
        read = {name: read_config_map(pod.namespace, name) for name in missing}
        found = {name: data for name, data in read.items() if data is not None}
        if found:
            files |= found
            evaluation = evaluate(pod, policy, files)
    return evaluation


def read_nothing(_namespace: str, _name: str) -> None:
    """Read no ConfigMap: what they hold is then hidden."""


def _is_evaluated(request: AdmissionRequest) -> bool:
    is_pod = request.kind == "Pod" and not request.subresource
    return is_pod and request.operation is Operation.CREATE and not is_mirror(request)


def is_mirror(request: AdmissionRequest) -> bool:
    """Tell a mirror Pod, which only nodes create: a forged annotation exempts nobody."""
    metadata = (request.obj or {}).get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return isinstance(annotations, dict) and _MIRROR in annotations and _NODES in request.groups


def read_pod(request: AdmissionRequest, obj: Mapping[str, object] | None) -> Pod:
    """Parse the Pod of a request, in the request's namespace; raises MalformedReviewError."""
    if obj is None:
        raise MalformedReviewError("request.object: must be an object")
    if not isinstance(obj.get("metadata"), Mapping):
        # The API server always sends it, and a patch on annotations needs its place.
        raise MalformedReviewError("request.object.metadata: must be an object")
    try:
        pod = parse_pod(obj, namespace=request.namespace)
    except PodError as error:
        raise MalformedReviewError(f"request.object.{error}") from None
    return replace(pod, namespace=request.namespace or pod.namespace)
