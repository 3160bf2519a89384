"""Which namespaces a webhook is not called for, as its namespaceSelector says it."""

from collections.abc import Iterator, Mapping
from typing import Any

# set by the API server itself on every namespace
_NAME_LABEL = "kubernetes.io/metadata.name"


def exempt_namespaces(webhook: Mapping[str, Any]) -> Iterator[str]:
    """Name those that an entry of a webhook configuration leaves out by name."""
    selector = webhook.get("namespaceSelector") or {}
    for expression in selector.get("matchExpressions") or ():
        if expression.get("key") == _NAME_LABEL and expression.get("operator") == "NotIn":
            yield from expression.get("values") or ()
