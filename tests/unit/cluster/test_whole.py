"""A whole cluster in a few lists, where that is allowed."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.cluster.paged_api import PagedApi, reader_of
from webhook.cluster.connection import ClusterError
from webhook.cluster.reading import Listed
from webhook.cluster.whole import WholeClusterReader

NAMES = ["shop/a", "shop/b", "jobs/a", "jobs/c", "web/d"]
KIND = ("autoscaling.k8s.io", "v1", "verticalpodautoscalers")


def vowel(item: Mapping[str, Any]) -> str | None:
    name: str = item["metadata"]["name"]
    return name if name == "a" else None


def listed(api: PagedApi, *namespaces: str) -> list[Listed[str]]:
    with reader_of(api) as reader:
        whole = WholeClusterReader(reader)
        return [whole.collect("Pod", namespace, vowel) for namespace in namespaces]


EXPECTED = [Listed(kept=("a",), seen=2), Listed(kept=(), seen=1), Listed(kept=(), seen=0)]


def test_one_list_tells_of_all_namespaces():
    api = PagedApi(NAMES)

    assert listed(api, "shop", "web", "empty") == EXPECTED
    assert api.paths == ["/api/v1/pods"] * 3


def test_without_the_right_to_it_each_namespace_is_asked():
    api = PagedApi(NAMES, is_narrow=True)

    assert listed(api, "shop", "web", "empty") == EXPECTED
    assert api.paths == [
        "/api/v1/pods",
        *(f"/api/v1/namespaces/{name}/pods" for name in ("shop", "web", "empty")),
    ]


def test_a_list_whose_continuation_expires_is_begun_again():
    assert listed(PagedApi(NAMES, expiring=2), "shop") == EXPECTED[:1]


def test_what_each_namespace_is_refused_is_told():
    with pytest.raises(ClusterError, match="answers 403: pods is forbidden"):
        listed(PagedApi(NAMES, status=403), "shop")


def test_a_cluster_that_does_not_answer_is_not_asked_again():
    api = PagedApi(NAMES)
    with reader_of(api) as reader:
        whole = WholeClusterReader(reader)
    # The API server is gone now.
    for _ in range(2):
        with pytest.raises(ClusterError) as raised:
            whole.collect("Pod", "shop", vowel)

        assert raised.value.status is None
    assert api.paths == []


@pytest.mark.parametrize(
    ("is_narrow", "requests"), [(False, 1), (True, 3)], ids=["at once", "one by one"]
)
def test_custom_objects_are_told_in_the_same_way(is_narrow: bool, requests: int):
    api = PagedApi(NAMES, is_narrow=is_narrow)
    with reader_of(api) as reader:
        whole = WholeClusterReader(reader)
        found = [whole.custom_objects(*KIND, namespace) for namespace in ("shop", "empty")]

    assert [[each["metadata"]["name"] for each in items] for items in found] == [["a", "b"], []]
    assert len(api.paths) == requests


def test_single_objects_are_read_as_they_are():
    with reader_of(PagedApi([], status=404)) as reader:
        assert WholeClusterReader(reader).get("ConfigMap", "shop", "settings") is None
