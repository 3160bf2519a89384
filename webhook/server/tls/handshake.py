"""The server's side of a TLS handshake, with the newest certificate and a deadline."""

import ssl

import gevent
from gevent.socket import socket as Socket  # noqa: N812 - it is a class

from webhook.observability.labels import HandshakeFailure
from webhook.observability.logs import EventLog
from webhook.observability.metrics import WebhookMetrics
from webhook.server.tls.serving_certificate import Certificates

# kube-apiserver gives up on a handshake after as long
HANDSHAKE_SECONDS = 10

_LOG = EventLog("redis-memory-guard")


def shake_hands(
    client: Socket, address: object, *, certificates: Certificates, metrics: WebhookMetrics
) -> ssl.SSLSocket | None:
    """Make a TLS connection of an accepted one; None, counted by its cause, when that fails."""
    pair = certificates.current
    if pair is None:
        metrics.handshake_failed(HandshakeFailure.NO_CERTIFICATE)
        return None
    try:
        with gevent.Timeout(HANDSHAKE_SECONDS, exception=False):
            return pair.context.wrap_socket(client, server_side=True)
        cause, detail = HandshakeFailure.UNFINISHED, "deadline"
    except ssl.SSLError as error:
        cause, detail = _cause(error), error.reason or str(error)
    except OSError as error:
        cause, detail = HandshakeFailure.UNFINISHED, str(error)
    metrics.handshake_failed(cause)
    _LOG.debug("handshake failed", cause=cause, detail=detail, peer=str(address))
    return None


def _cause(error: ssl.SSLError) -> HandshakeFailure:
    reason = error.reason or ""
    if reason in {"HTTP_REQUEST", "WRONG_VERSION_NUMBER"}:
        return HandshakeFailure.NOT_TLS
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError) or "EOF" in reason:
        return HandshakeFailure.UNFINISHED
    # the peer's alert: it does not trust our certificate, which is a caBundle gone wrong
    if "_ALERT_" in reason:
        return HandshakeFailure.REFUSED_BY_PEER
    if reason in {"PEER_DID_NOT_RETURN_A_CERTIFICATE", "CERTIFICATE_VERIFY_FAILED"}:
        return HandshakeFailure.CLIENT_REFUSED
    return HandshakeFailure.OTHER
