"""The checks of certificates."""

import pytest

from certs.ca import create_ca
from tests.unit.doctor.installations import (
    AUTHORITY,
    DAY,
    NOW,
    a_chain,
    a_hook,
    an_installation,
)
from tests.unit.doctor.told import check, told
from webhook.doctor.chain import parse_bundle, parse_chain
from webhook.doctor.check import CheckName
from webhook.doctor.installation import Component

OPTION = "--namespace=guard"
INSPECT = (
    "kubectl exec deployment/redis-memory-guard-certs --namespace=guard -- "
    "redis-memory-guard-certs inspect"
)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (22, ("ok", "the certificate for {name} is valid for 8 more days")),
        (23, ("warning", "the certificate for {name} is valid for 7 more days{late}")),
        (30, ("failed", "the certificate expired at 2026-04-03 12:00Z")),
        (-1, ("failed", "the certificate is valid from 2026-03-04 11:00Z on")),
    ],
)
def test_the_certificate_in_its_life(days: int, expected: tuple[str, str]):
    status, message = expected
    name = "redis-memory-guard.guard.svc"

    found = told("certificate", NOW + days * DAY)

    late = ", and its renewal is late"
    assert found == (status, message.format(name=name, late=late))


@pytest.mark.parametrize("chain", [None, b"no PEM"])
def test_no_certificate(chain: bytes | None):
    found = check(CheckName.CERTIFICATE, an_installation(serving_chain=chain))

    assert (found.status, found.message, found.remedy) == (
        "failed",
        "the Secret redis-memory-guard-tls holds no certificate",
        INSPECT,
    )


def test_a_certificate_for_another_name():
    assert told("certificate", serving_chain=a_chain(name="other.guard.svc")) == (
        "failed",
        "the certificate is for other.guard.svc, not redis-memory-guard.guard.svc",
    )


def test_whoever_renews_is_named_in_the_remedy():
    found = an_installation(serving_chain=None, certificate_process=None)

    assert check(CheckName.CERTIFICATE, found).remedy == (
        "Renew it: kubectl describe certificates,secrets --namespace=guard"
    )
    assert check(CheckName.CERTIFICATE_PROCESS, found).message == (
        "none: cert-manager or you renew the certificate"
    )


OTHER = create_ca(lifetime=365 * DAY, now=NOW).certificate.pem


@pytest.mark.parametrize(
    ("bundle", "expected"),
    [
        (b"", ("failed", "no caBundle: mutating.redis-memory-guard.dev")),
        (
            OTHER,
            (
                "failed",
                "the caBundle does not trust the serving certificate: "
                "mutating.redis-memory-guard.dev",
            ),
        ),
        (
            b"no PEM",
            (
                "failed",
                "the caBundle does not trust the serving certificate: "
                "mutating.redis-memory-guard.dev",
            ),
        ),
        (
            OTHER + AUTHORITY.certificate.pem,
            ("ok", "the caBundle of 2 webhooks trusts the certificate"),
        ),
    ],
)
def test_bundles(bundle: bytes, expected: tuple[str, str]):
    assert told("ca-bundle", mutating=(a_hook(bundle=bundle),)) == expected


def test_a_bundle_is_held_against_nothing_where_there_is_no_certificate():
    assert told("ca-bundle", serving_chain=None) == (
        "unknown",
        "not checked: there is no certificate to hold it against",
    )


def test_without_the_process_somebody_else_publishes():
    found = an_installation(mutating=(a_hook(bundle=b""),), certificate_process=None)

    assert check(CheckName.CA_BUNDLE, found).remedy == (
        "Publish the CA: certificates.existing.caBundle, or cert-manager's ca-injector"
    )


def test_a_chain_is_followed_through_what_is_served_behind_the_leaf():
    leaf, root = a_chain(), AUTHORITY.certificate.pem
    bundle = parse_bundle(root)

    assert parse_chain(leaf + root).is_trusted(bundle)
    assert not parse_chain(leaf + root).is_trusted(parse_bundle(OTHER))
    assert parse_chain(root).names == ()


def test_a_certificate_process_that_does_not_start():
    process = Component(ready=0, wanted=1, problem="ErrImagePull: why")

    assert told("certificate-process", certificate_process=process) == (
        "failed",
        "it does not start: ErrImagePull: why",
    )


def test_a_certificate_process_that_is_not_ready():
    found = check(
        CheckName.CERTIFICATE_PROCESS,
        an_installation(certificate_process=Component(ready=0, wanted=1)),
    )

    assert (found.status, found.message, found.remedy) == (
        "failed",
        "it is not ready, so nothing is renewed or published",
        f"kubectl logs deployment/redis-memory-guard-certs {OPTION}",
    )
