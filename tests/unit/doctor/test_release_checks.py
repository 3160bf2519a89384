"""The checks of what runs and is called."""

import pytest

from tests.unit.doctor.installations import (
    a_hook,
    a_release,
    a_replica,
    an_installation,
)
from tests.unit.doctor.told import check, told
from webhook.doctor.check import CheckName, Status
from webhook.doctor.installation import Endpoints, Side


@pytest.mark.parametrize(
    ("version", "status"), [("v1.29.9", Status.FAILED), ("v1.30.0", Status.OK), ("", Status.OK)]
)
def test_the_oldest_api_server_is_1_30(version: str, status: Status):
    assert told("api-server", api_server_version=version)[0] == status


def test_versions_that_differ():
    rolling = (a_replica("a"), a_replica("b", version="1.1.0"))

    assert told("versions", replicas=rolling) == (
        "warning",
        "the release is 1.2.0, and there are replicas of 1.1.0",
    )
    assert told("versions", program_version="1.3.0") == (
        "warning",
        "the release is 1.2.0, and this program 1.3.0",
    )


@pytest.mark.parametrize(
    ("replicas", "wanted", "expected"),
    [
        ((), 0, ("failed", "the webhook is scaled to 0")),
        ((), 2, ("failed", "0 of 2 replicas are ready")),
        ((a_replica(is_ready=False),), 1, ("failed", "0 of 1 replicas are ready")),
        (
            (a_replica(), a_replica("b", is_ready=False)),
            2,
            ("warning", "1 of 2 replicas are ready"),
        ),
        (
            (a_replica(), a_replica("b"), a_replica("c", is_ready=False, problem="ErrImagePull")),
            2,
            ("failed", "2 of 2 replicas are ready; c: ErrImagePull"),
        ),
        (
            (a_replica(),),
            1,
            ("warning", "1 of 1 replicas are ready, and Redis waits while it is replaced"),
        ),
    ],
)
def test_replicas(replicas: tuple[object, ...], wanted: int, expected: tuple[str, str]):
    assert told("replicas", replicas=replicas, release=a_release(wanted=wanted)) == expected


def test_one_replica_is_enough_where_nothing_waits_for_it():
    ignoring = a_hook(failure_policy="Ignore")

    found = told(
        "replicas",
        replicas=(a_replica(),),
        release=a_release(wanted=1),
        mutating=(ignoring,),
        validating=(ignoring,),
    )

    assert found == ("ok", "1 of 1 replicas are ready")


def test_a_service_that_leads_nowhere_says_whose_fault_that_is():
    nobody = Endpoints(ready=0, all=0)
    gone = check(CheckName.ENDPOINTS, an_installation(endpoints=nobody, replicas=()))
    lost = check(CheckName.ENDPOINTS, an_installation(endpoints=nobody))

    assert (gone.status, gone.remedy) == ("failed", "Make the replicas ready: see above.")
    assert (lost.status, lost.message, lost.remedy) == (
        "failed",
        "the Service guard/redis-memory-guard leads to none of the ready replicas",
        "The selector of the Service is not the chart's: helm upgrade",
    )


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("hooks", [None, ()])
def test_a_configuration_that_is_not_there(side: Side, hooks: tuple[()] | None):
    kind = f"{side.capitalize()}WebhookConfiguration"

    assert told(f"{side}-configuration", **{str(side): hooks}) == (
        "failed",
        f"the {kind} redis-memory-guard is not there: no Redis is looked at",
    )


def test_a_configuration_that_calls_somebody_else():
    assert told("mutating-configuration", mutating=(a_hook(service="other/guard"),)) == (
        "failed",
        "the MutatingWebhookConfiguration redis-memory-guard calls other/guard, "
        "not guard/redis-memory-guard",
    )
