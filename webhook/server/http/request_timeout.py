"""How long the API server waits for an answer, as its requests say."""

import re

from webhook.domain.kubernetes.remembered import remembered

DEFAULT_SECONDS = 3.0
"""For a request that says nothing: the `timeoutSeconds` that the chart gives the webhooks."""

# Go, time.Duration.String: 3s, 1m30s, 500ms, 2.5s
_PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(h|ms|m|s|us|µs|ns)")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


@remembered
def parse_timeout(text: str) -> float:
    """Parse the `timeout` of a request, in seconds; DEFAULT_SECONDS for what is no duration.

    Source: apiserver, admission/plugin/webhook, which sets it to the webhook's timeoutSeconds.
    """
    parts = list(_PART.finditer(text))
    if not parts or "".join(part[0] for part in parts) != text:
        return DEFAULT_SECONDS
    return sum(float(part[1]) * _UNITS[part[2]] for part in parts)
