"""Asks a Prometheus by its HTTP API: instant queries, and nothing else.

Source: Prometheus, HTTP API, Expression queries.
"""

from collections.abc import Mapping, Sequence

import orjson
import urllib3
from urllib3.exceptions import HTTPError

Sample = tuple[Mapping[str, str], float]
"""The labels of one series, and its value."""


class PrometheusError(RuntimeError):
    """Prometheus cannot be reached, or does not know what was asked."""


class Prometheus:
    """A Prometheus, or what speaks like one, at a URL such as `http://localhost:9090`."""

    def __init__(self, url: str, *, seconds: float = 30) -> None:
        self._url = f"{url.rstrip('/')}/api/v1/query"
        self._pool = urllib3.PoolManager(timeout=urllib3.Timeout(total=seconds), retries=False)

    def query(self, expression: str) -> Sequence[Sample]:
        """Evaluate an expression now. Raises PrometheusError."""
        try:
            answer = self._pool.request("GET", self._url, fields={"query": expression})
            content = orjson.loads(answer.data)
        except (HTTPError, orjson.JSONDecodeError) as error:
            raise PrometheusError(f"Prometheus cannot be asked: {error}") from None
        if not isinstance(content, dict) or content.get("status") != "success":
            said = content.get("error") if isinstance(content, dict) else None
            raise PrometheusError(f"Prometheus answers {answer.status}: {said or 'no result'}")
        result = content["data"].get("result") or ()
        return [(each.get("metric") or {}, float(each["value"][1])) for each in result]
