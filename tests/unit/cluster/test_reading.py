from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.cluster.paged_api import PagedApi, reader_of
from webhook.cluster.connection import ClusterError
from webhook.cluster.reading import Listed

NAMES = ["a", "b", "c", "d", "e"]


def odd(item: Mapping[str, Any]) -> str | None:
    name: str = item["metadata"]["name"]
    return name if name in "ace" else None


def test_a_list_is_read_page_by_page_and_reduced():
    api = PagedApi(NAMES)
    with reader_of(api) as reader:
        found = reader.collect("Pod", "shop", odd)

    assert found == Listed(kept=("a", "c", "e"), seen=5)
    assert [query.get("continue") for query in api.queries] == [None, "2", "4"]
    assert {query["limit"] for query in api.queries} == {"2"}


def test_the_selector_goes_along():
    api = PagedApi(["a"])
    with reader_of(api, selector="app=cart") as reader:
        reader.collect("Pod", "shop", odd)

    assert api.queries == [{"limit": "2", "labelSelector": "app=cart"}]


@pytest.mark.parametrize("expiring", [1, 2])
def test_a_list_whose_continuation_expires_is_begun_again(expiring: int):
    api = PagedApi(NAMES, expiring=expiring)
    with reader_of(api) as reader:
        found = reader.collect("Pod", "shop", odd)

    assert found == Listed(kept=("a", "c", "e"), seen=5)


def test_a_list_that_always_expires_is_no_list():
    with (
        reader_of(PagedApi(NAMES, expiring=3)) as reader,
        pytest.raises(ClusterError, match="too old") as raised,
    ):
        reader.collect("Pod", "shop", odd)

    assert raised.value.status == 410


def test_a_refusal_says_what_the_api_server_says():
    with (
        reader_of(PagedApi(NAMES, status=403)) as reader,
        pytest.raises(ClusterError, match="answers 403: pods is forbidden"),
    ):
        reader.collect("Pod", "shop", odd)


def test_what_is_not_there_is_none():
    with reader_of(PagedApi([], status=404)) as reader:
        assert reader.get("ConfigMap", "shop", "settings") is None
        assert reader.custom_objects("autoscaling.k8s.io", "v1", "things", "shop") == ()


def test_an_api_server_that_has_too_much_to_do_is_asked_again():
    waits: list[float] = []
    with reader_of(PagedApi(["a"], busy=2), waits=waits) as reader:
        found = reader.collect("Pod", "shop", odd)

    assert (found.kept, waits) == (("a",), [0.5, 1.0])


def test_it_is_not_asked_for_ever():
    waits: list[float] = []
    with (
        reader_of(PagedApi(["a"], busy=5), waits=waits) as reader,
        pytest.raises(ClusterError, match="429"),
    ):
        reader.collect("Pod", "shop", odd)

    assert waits == [0.5, 1.0, 2.0, 4.0]


@pytest.mark.parametrize(("status", "is_lacking"), [(404, True), (403, False), (200, False)])
def test_a_namespace_is_lacking_only_where_that_is_certain(status: int, is_lacking: bool):
    with reader_of(PagedApi([], status=status)) as reader:
        assert reader.lacks_namespace("shop") is is_lacking
