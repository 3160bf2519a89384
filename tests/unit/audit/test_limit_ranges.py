from typing import Any

from tests.harness.builders import a_container
from webhook.audit.limit_ranges import with_default_limits


def a_limit_range(name: str, kind: str = "Container", **amounts: str) -> dict[str, Any]:
    item = {"type": kind, **{key: {"memory": amount} for key, amount in amounts.items()}}
    return {"metadata": {"name": name}, "spec": {"limits": [item]}}


def memory(*limit_ranges: dict[str, Any], limit: str | None = None) -> dict[str, Any]:
    pod = {"metadata": {}, "spec": {"containers": [a_container(limit=limit)]}}
    (container,) = with_default_limits(pod, limit_ranges)["spec"]["containers"]
    resources = container.get("resources", {})
    return {side: amounts.get("memory") for side, amounts in resources.items()}


def test_a_container_without_memory_gets_the_defaults():
    given = a_limit_range("a", default="64Mi", defaultRequest="32Mi")

    assert memory(given) == {"limits": "64Mi", "requests": "32Mi"}


def test_its_own_limit_stays():
    assert memory(a_limit_range("a", default="64Mi"), limit="1Gi") == {"limits": "1Gi"}


def test_the_first_by_name_wins():
    given = [a_limit_range("b", default="128Mi"), a_limit_range("a", default="64Mi")]

    assert memory(*given) == {"limits": "64Mi"}


def test_limits_of_pods_and_claims_give_no_default():
    assert memory(a_limit_range("a", kind="Pod", default="64Mi")) == {}
    assert memory({"metadata": {"name": "a"}, "spec": {}}) == {}


def test_init_containers_get_them_too():
    spec = {"containers": [a_container()], "initContainers": [a_container(limit=None)]}
    pod = {"metadata": {}, "spec": spec}

    changed = with_default_limits(pod, [a_limit_range("a", default="64Mi")])

    (init,) = changed["spec"]["initContainers"]
    assert init["resources"]["limits"] == {"memory": "64Mi"}
    assert pod["spec"]["initContainers"] == [a_container(limit=None)]
