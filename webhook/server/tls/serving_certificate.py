"""The serving certificate: read from a mounted Secret, swapped while serving, never half.

A pair counts only when it has carried a TLS handshake in memory; until a newer one does, the last
good one keeps serving.
"""

import hashlib
import ssl
from dataclasses import dataclass
from pathlib import Path


class PairError(ValueError):
    """A certificate and key that cannot serve: what was found, and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFiles:
    """The files of a serving certificate.

    With `client_ca` (PEM) only clients with a certificate of that authority are let in.
    """

    certificate: Path
    key: Path
    client_ca: Path | None = None

    def read(self) -> tuple[bytes, ...]:
        """Read all files as they are now; raises OSError."""
        paths = (self.certificate, self.key, self.client_ca)
        return tuple(path.read_bytes() for path in paths if path is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A certificate and key that serve; `starts` and `expires` in seconds since the epoch."""

    context: ssl.SSLContext
    content: bytes
    starts: float
    expires: float


class Certificates:
    """The newest good pair of a source; `problem` says why the files do not make a newer one."""

    def __init__(self, source: CertificateFiles) -> None:
        self._source = source
        self.current: Pair | None = None
        self.problem = "not read yet"

    @property
    def expiry(self) -> float | None:
        """The end of the current certificate in seconds since the epoch; None without one."""
        return None if self.current is None else self.current.expires

    def refresh(self) -> bool:
        """Look at the files and take over a new good pair; tell whether one was.

        Costs two small reads while nothing changes. Never raises for what is in the files.
        """
        try:
            content = _digest(self._source.read())
            if self.current is not None and self.current.content == content:
                self.problem = ""
                return False
            self.current = load_pair(self._source, content=content)
        except OSError as error:
            self.problem = f"{error.filename or self._source.certificate}: {error.strerror}"
            return False
        except PairError as error:
            self.problem = str(error)
            return False
        self.problem = ""
        return True


def load_pair(source: CertificateFiles, *, content: bytes) -> Pair:
    """Load the pair whose files have the digest `content`.

    Raises PairError when the files are no pair, changed while they were loaded, or make no
    certificate for a server that is valid today; OSError when they cannot be read.
    """
    context = _context()
    try:
        # without a password OpenSSL would ask the terminal for the one of an encrypted key
        context.load_cert_chain(source.certificate, source.key, password="")
    except ssl.SSLError as error:
        raise PairError(f"{source.certificate}: no certificate with its key: {error}") from error
    starts, expires = _handshake(context, source.certificate)
    if source.client_ca is not None:
        _require_client(context, source.client_ca)
    # load_cert_chain reads the files on its own: only the same content before and after is a pair
    if _digest(source.read()) != content:
        raise PairError(f"{source.certificate}: changed while it was read")
    return Pair(context=context, content=content, starts=starts, expires=expires)


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # of TLS 1.2 no CBC suite, and none without forward secrecy; those of 1.3 are not set by this
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET
    context.num_tickets = 0  # kube-apiserver resumes no session: tickets would be made for nothing
    context.set_alpn_protocols(["http/1.1"])
    return context


def _require_client(context: ssl.SSLContext, client_ca: Path) -> None:
    try:
        context.load_verify_locations(client_ca)
    except ssl.SSLError as error:
        raise PairError(f"{client_ca}: no CA certificates in PEM: {error}") from error
    context.verify_mode = ssl.CERT_REQUIRED


def _handshake(server: ssl.SSLContext, certificate: Path) -> tuple[float, float]:
    """Prove the pair with a handshake in memory; give the leaf's validity, seconds since the epoch.

    The client trusts the chain's own certificates, so it objects to what is wrong with the leaf
    itself (expired, not for servers), not to who signed it. It is also the one public way of the
    standard library to read a leaf's validity.
    """
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        client.load_verify_locations(certificate)
        theirs = client.wrap_bio(to_client, to_server)
        ours = server.wrap_bio(to_server, to_client, server_side=True)
        for side in (theirs, ours, theirs, ours):
            _advance(side)
        peer = theirs.getpeercert()
    except ssl.SSLError as error:
        raise PairError(f"{certificate}: {_why(error)}") from error
    if not peer:
        raise PairError(f"{certificate}: the handshake showed no certificate")
    starts, expires = str(peer["notBefore"]), str(peer["notAfter"])
    return ssl.cert_time_to_seconds(starts), ssl.cert_time_to_seconds(expires)


def _advance(side: ssl.SSLObject) -> None:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return


def _why(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return error.reason or str(error)


def _digest(contents: tuple[bytes, ...]) -> bytes:
    # over the digests: where one file ends and the next begins is part of the content
    return b"".join(hashlib.sha256(content).digest() for content in contents)
