"""The closed sets of label values; each child is shown from the start, at zero.

Without the zero before it a first increase would be none: `increase()` sees what a series adds.
"""

from collections.abc import Iterator
from enum import StrEnum

from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.reasons import FIRST_WARNING, Reason

WEBHOOKS = ("mutate", "validate", "advise")
"""The values of the label `webhook`."""

NO_WEBHOOK = "none"
"""In place of a webhook's name where a request came to none of them."""

STATUSES = {
    NO_WEBHOOK: (400, 404, 405, 411, 414, 417, 431),
    **dict.fromkeys(WEBHOOKS, (400, 415)),
}
"""What a request that is no review is answered with, by the webhook that it came to."""


class HandshakeFailure(StrEnum):
    """Why a TLS handshake came to nothing."""

    NO_CERTIFICATE = "no-certificate"
    NOT_TLS = "not-tls"
    REFUSED_BY_PEER = "refused-by-peer"
    CLIENT_REFUSED = "client-refused"
    UNFINISHED = "unfinished"
    OTHER = "other"


class ReadOutcome(StrEnum):
    """What became of the read of a ConfigMap."""

    READ = "read"
    NOT_FOUND = "not-found"
    FORBIDDEN = "forbidden"
    TOO_LARGE = "too-large"
    TIMED_OUT = "timed-out"
    FAILED = "failed"


_REASONS = {
    Verdict.INJECT: (Reason.CEILING_INJECTED,),
    Verdict.ADJUST: (Reason.CEILING_LOWERED,),
    Verdict.RESPECT: (Reason.CEILING_RESPECTED,),
    Verdict.DENY: (Reason.NO_MEMORY_LIMIT, Reason.CEILING_TOO_HIGH),
    Verdict.UNENFORCEABLE: (
        Reason.NO_MEMORY_LIMIT,
        Reason.LIMIT_TOO_SMALL,
        Reason.IMAGE_IGNORES_OPTIONS,
        Reason.UNKNOWN_IMAGE,
        Reason.UNREADABLE_SCRIPT,
        Reason.UNREADABLE_SHELL_TEXT,
        Reason.CONFIG_FROM_STDIN,
        Reason.OPTION_WAITS_FOR_VALUE,
        Reason.JOINED_OPTION,
        Reason.OPTIONS_VARIABLE_HIDDEN,
        Reason.LAUNCH_UNDECIDABLE,
        Reason.TOO_COMPLEX,
        Reason.OPERATOR_MANAGED,
    ),
    Verdict.EXEMPT: (
        Reason.SIZES_ITSELF,
        Reason.EXEMPT_BY_RULE,
        Reason.EXEMPT_BY_ANNOTATION,
    ),
}


def decided() -> Iterator[tuple[Verdict, Reason]]:
    """Give each verdict on a server with each of its reasons."""
    return ((verdict, reason) for verdict, reasons in _REASONS.items() for reason in reasons)


def warnings() -> Iterator[Reason]:
    """Give the reason of each warning."""
    reasons = list(Reason)
    return iter(reasons[reasons.index(FIRST_WARNING) :])
