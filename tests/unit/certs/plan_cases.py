"""The authorities and leaves that the truth table of certs/plan.py is tried with."""

from dataclasses import replace
from datetime import datetime

from certs.state import Authorities, Serving
from tests.unit.certs.builders import DAY, HOUR, NOW, authority, serving, settled

# OLD's renewal is due at NOW: two thirds of 90 days have passed.
OLD = authority(created=NOW - 60 * DAY, lifetime=90 * DAY + HOUR)
NEW = authority(created=NOW)
OTHER = authority(created=NOW)

AT_REST = Authorities(signer=NEW)
ROTATING = Authorities(signer=NEW, previous=(OLD.certificate,))
OLD_LEAF, NEW_LEAF = serving(OLD, issued=NOW - DAY), serving(NEW, issued=NOW)
A_LEAF_DUE = NEW_LEAF.pair.certificate.renewal_due


def noted(served: Serving, *, since: datetime) -> Authorities:
    return replace(ROTATING, settling=settled(ROTATING, served, since=since))
