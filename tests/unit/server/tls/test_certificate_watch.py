"""What is said of the certificate: each change once, and readiness once."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from webhook.server.tls.certificate_watch import CertificateWatch
from webhook.server.tls.dev_certificate import write_certificate
from webhook.server.tls.serving_certificate import CertificateFiles, Certificates

_NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _log_everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")


def test_a_missing_certificate_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    readied: list[str] = []
    watch = _watch(tmp_path, readied)

    for _ in range(3):
        watch.look()

    assert _said(caplog) == ["certificate not usable"]
    assert readied == []


def test_the_first_certificate_makes_ready_and_the_next_ones_do_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    readied: list[str] = []
    watch = _watch(tmp_path, readied)

    for _ in range(2):
        write_certificate(tmp_path, now=_NOW)
        watch.look()
        watch.look()

    assert _said(caplog) == ["certificate loaded", "certificate loaded"]
    assert readied == ["ready"]


def test_a_problem_that_comes_back_is_told_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watch = _watch(tmp_path, [])
    watch.look()
    write_certificate(tmp_path, now=_NOW)
    watch.look()
    (tmp_path / "tls.crt").unlink()

    watch.look()

    assert _said(caplog) == [
        "certificate not usable",
        "certificate loaded",
        "certificate not usable",
    ]


def _watch(directory: Path, readied: list[str]) -> CertificateWatch:
    source = CertificateFiles(certificate=directory / "tls.crt", key=directory / "tls.key")
    return CertificateWatch(Certificates(source), ready=lambda: readied.append("ready"))


def _said(caplog: pytest.LogCaptureFixture) -> Sequence[str]:
    return [record.message for record in caplog.records]
