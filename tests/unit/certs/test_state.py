"""What is trusted, published and waited for, as values."""

from certs.state import Absent, TrustedCAs, digest, parse_published
from tests.unit.certs.builders import DAY, NOW, ca, serving

SIGNER, OLD = ca(), ca()
SERVING = serving(SIGNER)


def test_the_bundle_holds_the_oldest_first() -> None:
    cas = TrustedCAs(signer=SIGNER, previous=(OLD.certificate,))

    assert cas.bundle == OLD.certificate.pem + SIGNER.certificate.pem


def test_the_digest_tells_bundles_and_issuers_apart_but_not_renewals() -> None:
    bundle, other = SIGNER.certificate.pem, OLD.certificate.pem
    renewed = serving(SIGNER, issued=NOW + DAY)

    assert digest(bundle, SERVING) == digest(bundle, renewed)
    digests = {digest(b, s) for b in (bundle, other) for s in (SERVING, serving(OLD), Absent())}
    assert len(digests) == 6


def test_published_bundles() -> None:
    bundle = OLD.certificate.pem + SIGNER.certificate.pem

    assert parse_published(bundle) == (OLD.certificate, SIGNER.certificate)
    assert parse_published(bundle[:-9]) == ()
    assert parse_published(b"") == ()
