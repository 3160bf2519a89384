"""`--check-access`: what the API server lets this user read, asked by SelfSubjectAccessReview."""

from collections.abc import Iterator

from webhook.cli.commands.cluster_session import ClusterSession, InputError
from webhook.cluster.access import AccessQuestion, is_allowed
from webhook.cluster.connection import ClusterError

_LISTED = (
    ("", "pods"),
    ("apps", "deployments"),
    ("apps", "statefulsets"),
    ("apps", "daemonsets"),
    ("apps", "replicasets"),
    ("", "replicationcontrollers"),
    ("batch", "jobs"),
    ("batch", "cronjobs"),
    ("", "limitranges"),
    ("autoscaling.k8s.io", "verticalpodautoscalers"),
)
_READ = (("", "configmaps"), ("apps", "replicasets"), ("apps", "deployments"))


def render_access(session: ClusterSession) -> str:
    """Write one line for each right that an audit of the namespaces asked for can use."""
    return "".join(f"{line}\n" for line in _lines(session))


def _lines(session: ClusterSession) -> Iterator[str]:
    try:
        names = session.names()
    except InputError as error:
        yield f"no   list namespaces: {error}"
        names = session.request.namespaces
    for namespace in names:
        yield f"{namespace}:"
        for group, resource in _LISTED:
            yield _line(session, _question("list", group, resource, namespace), "")
        for group, resource in _READ:
            yield _line(session, _question("get", group, resource, namespace), "")
        asking = AccessQuestion(
            verb="create", resource="pods", subresource="exec", namespace=namespace
        )
        yield _line(session, asking, " (only for --live exec and apply)")


def _question(verb: str, group: str, resource: str, namespace: str) -> AccessQuestion:
    return AccessQuestion(verb=verb, group=group, resource=resource, namespace=namespace)


def _line(session: ClusterSession, asked: AccessQuestion, note: str) -> str:
    try:
        answer = "yes" if is_allowed(session.cluster, asked) else "no "
    except ClusterError as error:
        return f"  ?    {asked}: {error}"
    return f"  {answer}  {asked}{note}"
