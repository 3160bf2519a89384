"""Which CAs stay trusted when another one takes over, also when our record of them is lost."""

from collections.abc import Iterable
from datetime import datetime

from certs.certificate import Certificate
from certs.state import Serving, State, parse_published

# Whoever empties the CA Secret again and again must not make the caBundle grow for ever.
_MOST = 5


def recover_cas(state: State, now: datetime) -> tuple[Certificate, ...]:
    """Return the CAs that API servers may trust although our record of them is lost."""
    published = {bundle for publication in state.publications for bundle in publication.bundles}
    found = [certificate for bundle in sorted(published) for certificate in parse_published(bundle)]
    if isinstance(state.serving, Serving) and state.serving.issuer is not None:
        found.append(state.serving.issuer)
    return keep_newest(found, state, now)


def keep_newest(
    certificates: Iterable[Certificate], state: State, now: datetime
) -> tuple[Certificate, ...]:
    """Return at most five CAs that are not expired, each once, the oldest first.

    The issuer of what is served comes before all others, then the newest. One that is not valid yet
    is kept: that may be the fault of our clock.
    """
    distinct = {c.fingerprint: c for c in certificates if c.is_ca and now <= c.not_after}
    served = state.serving.pair.certificate if isinstance(state.serving, Serving) else None

    def worth(ca: Certificate) -> tuple[bool, datetime]:
        return served is not None and served.is_issued_by(ca), ca.not_before

    kept = sorted(distinct.values(), key=worth)[-_MOST:]
    return tuple(sorted(kept, key=lambda ca: ca.not_before))
