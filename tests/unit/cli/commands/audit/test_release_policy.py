from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.audit.fake_cluster import FakeCluster, an_object
from webhook.cli.commands.release_policy import (
    ClusterPolicy,
    PolicyNotFoundError,
    find_policy,
)
from webhook.domain.policy.floors import ServerName
from webhook.domain.policy.settings import Mode, Policy
from webhook.floors.record import Held
from webhook.floors.text import encode_record

TEXT = "mode: audit\n"


@dataclass
class ReleaseCluster(FakeCluster):
    """A cluster with the webhook configuration of a release, or without."""

    configuration: Any = None

    def webhook_configuration(self, name: str) -> Any:
        self._check("MutatingWebhookConfiguration")
        self.read.append(("MutatingWebhookConfiguration", name))
        return self.configuration


CONFIG_MAP = an_object("ConfigMap", "redis-memory-guard-policy", data={"policy.yaml": TEXT})
CONFIGURATION = {
    "webhooks": [
        {
            "namespaceSelector": {
                "matchExpressions": [
                    {
                        "key": "kubernetes.io/metadata.name",
                        "operator": "NotIn",
                        "values": ["kube-system", "vault"],
                    }
                ]
            }
        }
    ]
}


def find(asked: str, cluster: ReleaseCluster, *, is_whole: bool = False) -> ClusterPolicy:
    return find_policy(asked, cluster, is_whole=is_whole)  # type: ignore[arg-type]


def test_the_releases_policy_is_taken_where_it_is_found():
    cluster = ReleaseCluster(objects=[CONFIG_MAP], configuration=CONFIGURATION)

    found = find("", cluster)

    assert found.source == "redis-memory-guard/redis-memory-guard-policy"
    assert found.policy.defaults.mode is Mode.AUDIT
    assert found.exempt_namespaces == {"kube-system", "redis-memory-guard"}
    names = ("redis-memory-guard-policy", "redis-memory-guard-floors")
    assert cluster.read == [("ConfigMap", name) for name in names]


def test_of_the_whole_cluster_what_is_exempt_is_read_too():
    cluster = ReleaseCluster(objects=[CONFIG_MAP], configuration=CONFIGURATION)

    found = find("cluster:guard/redis-memory-guard-policy", cluster, is_whole=True)

    assert found.exempt_namespaces == {"kube-system", "guard", "vault"}
    assert ("MutatingWebhookConfiguration", "redis-memory-guard") in cluster.read


def test_the_floors_of_the_release_are_its_webhooks():
    now = datetime.now(UTC)
    orders = ServerName(namespace="shop", kind="StatefulSet", name="orders", container="redis")
    record = encode_record({orders: Held(seen=now, days={now.date(): 300})})
    floors = an_object("ConfigMap", "redis-memory-guard-floors", data={"floors.json": record})

    assert find("", ReleaseCluster(objects=[CONFIG_MAP, floors])).floors == {orders: 300}


@pytest.mark.parametrize("data", [{}, {"floors.json": "{"}], ids=["none yet", "broken"])
def test_floors_that_are_not_to_be_had_are_none(data: Mapping[str, str]):
    floors = an_object("ConfigMap", "redis-memory-guard-floors", data=data)

    assert find("", ReleaseCluster(objects=[CONFIG_MAP, floors])).floors == {}


def test_what_is_exempt_may_be_forbidden():
    refused = frozenset({"MutatingWebhookConfiguration"})

    found = find("", ReleaseCluster(objects=[CONFIG_MAP], refused=refused), is_whole=True)

    assert found.exempt_namespaces == {"kube-system", "redis-memory-guard"}


@pytest.mark.parametrize("refused", [frozenset(), frozenset({"ConfigMap"})])
def test_without_a_release_the_built_in_policy_holds(refused: frozenset[str]):
    found = find("", ReleaseCluster(refused=refused))

    assert found == ClusterPolicy(
        policy=Policy(), source="built-in", exempt_namespaces=frozenset({"kube-system"})
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("cluster", "there is no ConfigMap redis-memory-guard/redis-memory-guard-policy"),
        ("cluster:guard", "expected cluster:NAMESPACE/NAME, not 'guard'"),
        ("none.yaml", "none.yaml: cannot be read"),
    ],
)
def test_a_policy_that_was_named_has_to_be_there(asked: str, said: str):
    with pytest.raises(PolicyNotFoundError, match=said):
        find(asked, ReleaseCluster())


def test_a_policy_with_a_mistake_is_none():
    data = {"policy.yaml": "mode: off\n"}
    broken = an_object("ConfigMap", "redis-memory-guard-policy", data=data)

    with pytest.raises(PolicyNotFoundError, match="mode: must be one of enforce, audit"):
        find("cluster", ReleaseCluster(objects=[broken]))


def test_a_file_is_read(tmp_path: Path):
    file = tmp_path / "policy.yaml"
    file.write_text(TEXT)

    found = find(str(file), ReleaseCluster())

    assert (found.source, found.policy.defaults.mode) == (str(file), Mode.AUDIT)
