"""What the three webhooks share: a review in, a decision on its object, a review out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from webhook.admission.review import (
    AdmissionRequest,
    AdmissionResponse,
    MalformedReviewError,
    decode_review,
    encode_review,
)
from webhook.domain.evaluation.evaluate import evaluate
from webhook.domain.evaluation.outcome import Evaluation
from webhook.domain.kubernetes.budget import Budget, Work
from webhook.domain.kubernetes.fields import PodError
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.kubernetes.pod import Container, Pod
from webhook.domain.policy.floors import NO_FLOORS, Floors
from webhook.domain.policy.settings import Mode, Policy

ReadConfigMaps = Callable[[str, Sequence[str]], Mapping[str, Mapping[str, str]]]
"""Reads ConfigMaps of a namespace by name; the answer lacks what could not be read."""

MOST_CONFIG_MAPS = 16
"""ConfigMaps that are read for one review; what further ones hold is hidden."""

_ROUNDS = 4

# Those of the API that run no container of the Pod's spec, or change none of what is evaluated: an
# ephemeral container is exempt. A later one is evaluated until it is known, as Pod Security
# Admission does ("unknown subresource fails safe").
_KNOWN_SUBRESOURCES = frozenset(
    {
        *("attach", "binding", "ephemeralcontainers", "eviction", "exec"),
        *("log", "portforward", "proxy", "status"),
    }
)
_NODES = "system:nodes"
_MIRROR = "kubernetes.io/config.mirror"


@dataclass(slots=True, kw_only=True)
class Evaluator:
    """Evaluates the Pods of one review, reading each ConfigMap that they ask for once."""

    policy: Policy
    read_config_maps: ReadConfigMaps
    floors: Floors = field(default_factory=dict)
    new_budget: Callable[[], Budget] = Budget
    _asked: set[tuple[str, str]] = field(default_factory=set)
    _files: dict[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)

    def evaluate(self, pod: Pod) -> Evaluation:
        """Evaluate a Pod with what its ConfigMaps say.

        One ConfigMap may lead to another; after four rounds of them or MOST_CONFIG_MAPS the rest
        stays hidden.
        """
        evaluation = self._evaluate(pod)
        for _ in range(_ROUNDS):
            read = self._read(pod.namespace, evaluation.wanted)
            if not read:
                break
            self._files[pod.namespace] = {**self._files.get(pod.namespace, {}), **read}
            evaluation = self._evaluate(pod)
        return evaluation

    def _evaluate(self, pod: Pod) -> Evaluation:
        files = self._files.get(pod.namespace, {})
        budget = self.new_budget()
        return evaluate(pod, self.policy, files, floors=self.floors, budget=budget)

    def _read(self, namespace: str, wanted: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        missing = [name for name in wanted if (namespace, name) not in self._asked]
        names = missing[: MOST_CONFIG_MAPS - len(self._asked)]
        if not names:
            return {}
        self._asked.update((namespace, name) for name in names)
        return self.read_config_maps(namespace, names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a webhook made of a request's object."""

    evaluation: Evaluation
    response: AdmissionResponse


Decide = Callable[[AdmissionRequest, Evaluator], Decision | None]
"""Decides on a request; None where nothing is evaluated. Raises MalformedReviewError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """The answer to a review, and what it came from; no `evaluation` where nothing is evaluated.

    `rules` are the indices of the policy's rules that held for it.
    """

    answer: bytes
    request: AdmissionRequest
    evaluation: Evaluation | None
    mode: Mode
    rules: tuple[int, ...]
    allowed: bool


def handle(
    body: bytes,
    decide: Decide,
    *,
    policy: Policy,
    read_config_maps: ReadConfigMaps,
    floors: Floors = NO_FLOORS,
    new_budget: Callable[[], Budget] = Budget,
) -> Admitted:
    """Answer an AdmissionReview by what `decide` says of it; allowed where it says nothing.

    Raises MalformedReviewError, and nothing else, for a body that is no review or whose object is
    not what its kind says; HeavyError where `new_budget` gives budgets that do.
    """
    request = decode_review(body)
    evaluator = Evaluator(
        policy=policy, read_config_maps=read_config_maps, floors=floors, new_budget=new_budget
    )
    decision = decide(request, evaluator)
    response = AdmissionResponse(allowed=True) if decision is None else decision.response
    labels = {} if decision is None else decision.evaluation.pod.labels
    return Admitted(
        answer=encode_review(request.uid, response),
        request=request,
        evaluation=None if decision is None else decision.evaluation,
        mode=policy.for_namespace(request.namespace).mode,
        rules=policy.rules_for(request.namespace, labels),
        allowed=response.allowed,
    )


def read_nothing(_namespace: str, _names: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """Read no ConfigMap: what they hold is then hidden."""
    return {}


def holds_a_pod(request: AdmissionRequest) -> bool:
    """Tell whether a request's object is a Pod whose containers are to be evaluated.

    A subresource that nobody knows yet counts. The mirror Pod that a node creates of a static one
    does not: it cannot be changed.
    """
    is_pod = request.kind == "Pod" and request.subresource not in _KNOWN_SUBRESOURCES
    return is_pod and not _is_mirror(request)


def read_pod(request: AdmissionRequest, obj: Mapping[str, object] | None) -> Pod:
    """Parse the Pod of a request, in the request's namespace; raises MalformedReviewError.

    Of one in a review that is too large only the outline is given.
    """
    if request.cut_by is not None:
        return _unread_pod(request, request.cut_by)
    if obj is None:
        raise MalformedReviewError("request.object: must be an object")
    if not isinstance(obj.get("metadata"), dict):
        # The API server always sends it, and a patch on annotations needs its place.
        raise MalformedReviewError("request.object.metadata: must be an object")
    try:
        pod = parse_pod(obj, namespace=request.namespace)
    except PodError as error:
        raise MalformedReviewError(f"request.object.{error}") from None
    namespace = request.namespace or pod.namespace
    return pod if pod.namespace == namespace else replace(pod, namespace=namespace)


def _unread_pod(request: AdmissionRequest, cut_by: Work) -> Pod:
    return Pod(
        namespace=request.namespace,
        name=request.name,
        annotations={},
        labels={},
        containers=(Container(name="*"),),
        cut_by=cut_by,
    )


def _is_mirror(request: AdmissionRequest) -> bool:
    """Tell a mirror Pod, which only nodes create: a forged annotation exempts nobody."""
    metadata = (request.obj or {}).get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return isinstance(annotations, dict) and _MIRROR in annotations and _NODES in request.groups
