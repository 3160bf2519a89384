"""Ready means: a certificate that is valid, and not on the way out."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from webhook.server.http.readiness import Readiness
from webhook.server.tls.dev_certificate import write_certificate
from webhook.server.tls.serving_certificate import CertificateFiles, Certificates

_NOW = datetime.now(UTC).replace(microsecond=0)
_EXPIRY = _NOW + timedelta(days=7)


def test_without_a_certificate_it_says_why(tmp_path: Path) -> None:
    readiness = Readiness(_certificates(tmp_path))

    assert readiness.obstacles(now=_NOW) == (
        f"no serving certificate: {tmp_path}/tls.crt: No such file or directory",
    )


def test_a_certificate_makes_it_ready_until_its_last_second(tmp_path: Path) -> None:
    write_certificate(tmp_path, now=_NOW)
    readiness = Readiness(_certificates(tmp_path))

    assert readiness.obstacles(now=_EXPIRY - timedelta(seconds=1)) == ()
    assert readiness.obstacles(now=_EXPIRY) == (
        f"the serving certificate expired at {_EXPIRY.isoformat()}",
    )


def test_an_expired_certificate_says_why_there_is_no_newer_one(tmp_path: Path) -> None:
    write_certificate(tmp_path, now=_NOW)
    certificates = _certificates(tmp_path)
    (tmp_path / "tls.key").unlink()
    certificates.refresh()

    obstacles = Readiness(certificates).obstacles(now=_EXPIRY)

    assert obstacles == (
        f"the serving certificate expired at {_EXPIRY.isoformat()}: "
        f"{tmp_path}/tls.key: No such file or directory",
    )


def test_a_drain_is_for_good(tmp_path: Path) -> None:
    write_certificate(tmp_path, now=_NOW)
    readiness = Readiness(_certificates(tmp_path))

    readiness.drain()

    assert readiness.obstacles(now=_NOW) == ("draining: the process is stopping",)


def _certificates(directory: Path) -> Certificates:
    source = CertificateFiles(certificate=directory / "tls.crt", key=directory / "tls.key")
    certificates = Certificates(source)
    certificates.refresh()
    return certificates
