"""Which CAs stay trusted: of many the issuer of what is served, and the newest."""

from datetime import timedelta

import pytest

from certs.recovery import keep_newest, recover_cas
from certs.state import Absent, State
from tests.unit.certs.builders import HOUR, NOW, ca, published, serving

CAS = [ca(created=NOW + number * HOUR) for number in range(7)]
NOTHING = State(cas=Absent(), serving=Absent(), publications=())


@pytest.mark.parametrize("count", range(8))
def test_of_many_the_newest_five_are_kept_oldest_first(count: int) -> None:
    certificates = [pair.certificate for pair in CAS[:count]]

    kept = keep_newest(reversed(certificates), NOTHING, NOW + 8 * HOUR)

    assert kept == tuple(certificates[-5:])


def test_the_issuer_of_what_is_served_is_kept_before_newer_ones() -> None:
    state = State(cas=Absent(), serving=serving(CAS[0]), publications=())

    kept = keep_newest((pair.certificate for pair in CAS), state, NOW + 8 * HOUR)

    assert kept == tuple(pair.certificate for pair in (CAS[0], *CAS[3:]))


def test_each_is_kept_once() -> None:
    certificates = 2 * [CAS[1].certificate, CAS[0].certificate]

    assert keep_newest(certificates, NOTHING, NOW) == (CAS[0].certificate, CAS[1].certificate)


def test_what_is_published_and_who_issued_what_is_served_are_recovered() -> None:
    bundle = b"".join(pair.certificate.pem for pair in CAS)
    state = State(cas=Absent(), serving=serving(CAS[0]), publications=(published(bundle, b"?"),))

    recovered = recover_cas(state, NOW + timedelta(hours=8))

    assert recovered == tuple(pair.certificate for pair in (CAS[0], *CAS[3:]))
