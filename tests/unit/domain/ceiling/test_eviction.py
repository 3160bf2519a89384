"""Eviction policies that a server's version may not know."""

import pytest

from tests.harness.builders import a_container, a_pod, the_outcome
from webhook.domain.policy.settings import EvictionPolicy, NamespaceSettings, Policy
from webhook.domain.reasons import AdmissionWarning, Reason


@pytest.mark.parametrize(
    ("wanted", "image", "given"),
    [
        ("allkeys-lfu", "redis:4.0", "allkeys-lfu"),
        ("allkeys-lfu", "redis:3.2-alpine", "allkeys-lru"),
        ("volatile-lfu", "redis:3", "volatile-lru"),
        ("volatile-lfu", "redis:3.2", "volatile-lru"),
        ("allkeys-lfu", "redis:2.8", "allkeys-lru"),
        # No server in use is older: the version is of something else.
        ("allkeys-lfu", "redis:2.7", "allkeys-lfu"),
        ("allkeys-lfu", "redis:v1", "allkeys-lfu"),
        ("allkeys-lfu", "redis", "allkeys-lfu"),
        ("allkeys-lfu", "redis:alpine", "allkeys-lfu"),
        ("allkeys-lfu", "redis@sha256:" + "0" * 64, "allkeys-lfu"),
        ("allkeys-lfu", "goharbor/redis-photon:v2.9.1", "allkeys-lfu"),
        ("allkeys-lfu", "registry.example.com/corp/redis:3.0", "allkeys-lfu"),
        ("allkeys-lfu", "quay.io/sclorg/redis-7-c9s:20230101", "allkeys-lfu"),
        ("allkeys-lrm", "redis:8.6", "allkeys-lrm"),
        ("allkeys-lrm", "redis:8.6.1-bookworm", "allkeys-lrm"),
        ("allkeys-lrm", "redis:8", "allkeys-lrm"),
        ("allkeys-lrm", "redis:8.5", "allkeys-lru"),
        ("volatile-lrm", "redis:7.4", "volatile-lru"),
        ("allkeys-lrm", "redis", "allkeys-lru"),
        ("allkeys-lrm", "redis:latest", "allkeys-lru"),
        ("allkeys-lrm", "valkey/valkey:9", "allkeys-lru"),
        ("allkeys-lrm", "registry.redhat.io/rhel9/redis-7:9.6", "allkeys-lru"),
        ("allkeys-lfu", "valkey/valkey:8", "allkeys-lfu"),
        ("allkeys-lru", "redis:2.8", "allkeys-lru"),
        ("noeviction", "redis:2.8", "noeviction"),
    ],
)
def test_the_lru_sibling_stands_in(wanted: str, image: str, given: str):
    policy = Policy(defaults=NamespaceSettings(eviction_policy=EvictionPolicy(wanted)))
    program = "valkey-server" if image.startswith("valkey") else "redis-server"

    outcome = the_outcome(a_pod(a_container(image=image, command=[program, "--save", ""])), policy)

    assert outcome.eviction_policy == given
    told = AdmissionWarning(
        reason=Reason.POLICY_UNSUPPORTED,
        message=f"this version of {program} may not know {wanted}, so {given} is used",
    )
    assert outcome.warnings == ((told,) if wanted != given else ())


def test_every_program_of_a_text_must_know_it():
    policy = Policy(defaults=NamespaceSettings(eviction_policy=EvictionPolicy.ALLKEYS_LRM))
    text = "if $A; then redis-server --save ''; else valkey-server --save ''; fi"
    container = a_container(image="redis:8.6", command=["sh", "-c", text])

    assert the_outcome(a_pod(container), policy).eviction_policy == "allkeys-lru"


def test_an_image_of_valkey_may_call_its_server_redis():
    policy = Policy(defaults=NamespaceSettings(eviction_policy=EvictionPolicy.ALLKEYS_LRM))
    container = a_container(image="valkey/valkey:9.1", command=["redis-server"])

    assert the_outcome(a_pod(container), policy).eviction_policy == "allkeys-lru"


def test_an_image_that_cannot_be_read_tells_no_version():
    policy = Policy(defaults=NamespaceSettings(eviction_policy=EvictionPolicy.ALLKEYS_LRM))
    container = a_container(image="Not An Image", command=["redis-server"])

    assert the_outcome(a_pod(container), policy).eviction_policy == "allkeys-lru"
