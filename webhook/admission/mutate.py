"""A Pod that is created: inject the ceiling, or refuse what has no memory limit."""

from webhook.admission.handling import Decision, Evaluator, holds_a_pod, read_pod
from webhook.admission.respond import respond
from webhook.admission.review import AdmissionRequest, Operation


def mutate(request: AdmissionRequest, evaluator: Evaluator) -> Decision | None:
    """Decide on a Pod's creation; anything else is let through unevaluated.

    Raises MalformedReviewError when the object is no Pod.
    """
    if request.operation is not Operation.CREATE or not holds_a_pod(request):
        return None
    evaluation = evaluator.evaluate(read_pod(request, request.obj))
    return Decision(evaluation=evaluation, response=respond(evaluation))
