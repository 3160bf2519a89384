"""The CAs and leaves that the truth table of certs/plan.py is tried with."""

from dataclasses import replace
from datetime import datetime

from certs.state import Serving, TrustedCAs
from tests.unit.certs.builders import DAY, HOUR, NOW, ca, propagated, serving

# OLD's renewal is due at NOW: two thirds of 90 days have passed.
OLD = ca(created=NOW - 60 * DAY, lifetime=90 * DAY + HOUR)
NEW = ca(created=NOW)
OTHER = ca(created=NOW)

AT_REST = TrustedCAs(signer=NEW)
ROTATING = TrustedCAs(signer=NEW, previous=(OLD.certificate,))
OLD_LEAF, NEW_LEAF = serving(OLD, issued=NOW - DAY), serving(NEW, issued=NOW)
A_LEAF_DUE = NEW_LEAF.pair.certificate.renewal_due


def noted(served: Serving, *, since: datetime) -> TrustedCAs:
    return replace(ROTATING, propagation=propagated(ROTATING, served, since=since))
