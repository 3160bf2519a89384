"""Who may reach our Pods, and whom they may reach."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.chart.rendering import render

API_SERVER_PORTS = [{"port": 443}, {"port": 6443}]
MONITORING = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}


def policies(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ingress and egress by component."""
    return {
        each["metadata"]["name"].removeprefix("guard-"): (
            each["spec"]["ingress"],
            each["spec"]["egress"],
        )
        for each in render({"networkPolicy": values}).of("NetworkPolicy")
    }


def test_reviews_come_from_anywhere_and_both_reach_the_api_server() -> None:
    assert policies({}) == {
        "webhook": (
            [{"ports": [{"port": "https"}]}, {"ports": [{"port": "metrics"}]}],
            [{"ports": API_SERVER_PORTS}],
        ),
        "certs": ([{"ports": [{"port": "metrics"}]}], [{"ports": API_SERVER_PORTS}]),
    }


def test_each_way_can_be_narrowed() -> None:
    narrowed = policies(
        {
            "apiServerCIDRs": ["10.0.0.0/24"],
            "apiServerPorts": [6443],
            "egressCIDRs": ["10.96.0.1/32", "fd00:10:96::1/128"],
            "metricsFrom": [MONITORING],
        }
    )

    to_api_server = {
        "ports": [{"port": 6443}],
        "to": [{"ipBlock": {"cidr": "10.96.0.1/32"}}, {"ipBlock": {"cidr": "fd00:10:96::1/128"}}],
    }
    from_monitoring = {"ports": [{"port": "metrics"}], "from": [MONITORING]}
    from_api_server = {
        "ports": [{"port": "https"}],
        "from": [{"ipBlock": {"cidr": "10.0.0.0/24"}}],
    }
    assert narrowed == {
        "webhook": ([from_api_server, from_monitoring], [to_api_server]),
        "certs": ([from_monitoring], [to_api_server]),
    }


@pytest.mark.parametrize("is_enabled", [True, False])
def test_there_are_policies_or_none(*, is_enabled: bool) -> None:
    assert policies({"enabled": is_enabled}).keys() == (
        {"webhook", "certs"} if is_enabled else set()
    )
