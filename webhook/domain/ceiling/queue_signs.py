"""Signs that a server is a queue. They never decide: they only make a warning."""

import re
from collections.abc import Iterator

from webhook.domain.kubernetes.image_reference import ImageError, parse_image
from webhook.domain.kubernetes.pod import Pod
from webhook.domain.kubernetes.remembered import remembered

_SIGNS = frozenset({
    "airflow", "arq", "asynq", "broker", "brokers", "bull", "bullmq", "celery", "celerybeat",
    "celeryd", "chatwoot", "dify", "discourse", "dramatiq", "faktory", "gitlab", "huey", "immich",
    "job", "jobqueue", "jobs", "kombu", "langfuse", "mastodon", "messagequeue", "n8n", "netbox",
    "posthog", "queue", "queueing", "queues", "queuing", "resque", "rq", "rqworker", "rsmq",
    "sentry", "sidekiq", "taskiq", "taskqueue", "workqueue",
})  # fmt: skip
"""Queues for Redis, applications that need one, and the word itself; whole words only."""

_GENERIC = frozenset({"broker", "brokers", "job", "jobs", "queue", "queues"})
"""What says less than the name of a product."""

_PLAIN = re.compile(r"[a-z0-9]+")
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])")
_KUBERNETES_OWN = re.compile(r"(?:.*\.)?(?:kubernetes|k8s)\.io/|(?:job-name|controller-uid)\Z")


def queue_sign(pod: Pod) -> tuple[str, str] | None:
    """Give the first sign that a Pod's server may be a queue, and where it stands; None without.

    `("sidekiq", "the Pod's labels")`. What Kubernetes itself writes on the Pods of a Job is none.
    """
    for where, texts in _places(pod):
        for text in texts:
            sign = _sign_in(text)
            if sign is not None:
                return sign, where
    return None


@remembered
def _sign_in(text: str) -> str | None:
    words = {word.lower() for word in _WORD.findall(text)} | set(_PLAIN.findall(text.lower()))
    found = sorted(words & _SIGNS, key=lambda word: (word in _GENERIC, -len(word), word))
    return found[0] if found else None


def _places(pod: Pod) -> Iterator[tuple[str, Iterator[str]]]:
    yield "the Pod's name", iter((pod.name,))
    yield "the names of its containers", (each.name for each in pod.containers)
    yield "the Pod's labels", _labels(pod)
    yield "its images", (_repository(each.image) for each in pod.containers)
    yield "its variables", (variable.name for each in pod.containers for variable in each.env)
    yield "its namespace", iter((pod.namespace,))


def _repository(image: str) -> str:
    """Give the part that says what the image is: without registry, tag and digest."""
    try:
        return parse_image(image).repository
    except ImageError:
        return ""


def _labels(pod: Pod) -> Iterator[str]:
    for key, value in pod.labels.items():
        if not _KUBERNETES_OWN.match(key) or key.startswith("app.kubernetes.io/"):
            yield value
        if not _KUBERNETES_OWN.match(key):
            yield key
