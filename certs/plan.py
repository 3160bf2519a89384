"""Decide the next write. Pure: what is stored, what is wanted, the time; one action.

An action is at most one write to one object, and each is planned from nothing but what is stored.
So a process killed between any two writes is continued by whoever reads next, and the order of
the writes is the order of these rules:

    what is stored                                        action
    1  no usable CA, or its renewal is due                AddCA; the old ones stay trusted
    2  a caBundle differs during a propagation            StopPropagation; the wait starts anew
       a caBundle differs                                 Publish
    3  one CA; leaf missing, wrong or due                 IssueLeaf
       one CA; leaf good                                  Keep
    4  several; since when they are in force is unknown   StartPropagation
       several; leaf missing, wrong, due or of an older   AwaitPropagation, then IssueLeaf
       several; leaf good and of the newest               AwaitPropagation, then DropOldCAs

Two promises follow. No leaf is handed out before every API server trusts its CA, and no
CA is dropped while a Pod may still serve a leaf of it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from certs.actions import (
    Action,
    AddCA,
    AwaitPropagation,
    DropOldCAs,
    IssueLeaf,
    Keep,
    Publish,
    StartPropagation,
    StopPropagation,
)
from certs.certificate import Certificate
from certs.state import (
    Absent,
    Damaged,
    Propagation,
    Publication,
    Serving,
    State,
    TrustedCAs,
    digest,
    parse_published,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What is wanted.

    `bundle_propagation`: how long after its publication every API server is taken to use a
    caBundle. `serving_propagation`: how long after its issue every Pod is taken to serve a leaf.
    The kubelet refreshes a mounted Secret after its sync period and its cache's delay, about two
    minutes.
    """

    dns_names: tuple[str, ...]
    ca_lifetime: timedelta
    serving_lifetime: timedelta
    bundle_propagation: timedelta
    serving_propagation: timedelta


def plan(state: State, spec: Spec, now: datetime) -> Action:
    """Return the next action towards a good state; `now` is read after `state` was.

    Reading the clock last makes every note of time late rather than early, so that a wait is
    never cut short.
    """
    cas = state.cas
    if not isinstance(cas, TrustedCAs):
        return AddCA(previous=_recovered(state, now), reason=_missing(cas))
    if (defect := _signer_defect(cas, now)) is not None:
        trusted = (*cas.previous, cas.signer.certificate)
        return AddCA(previous=_unexpired(trusted, now), reason=defect)
    for publication in state.publications:
        if any(bundle != cas.bundle for bundle in publication.bundles):
            return _publish(cas, publication)
    leaf = _judge_leaf(state.serving, cas, spec, now)
    if cas.previous:
        return _rotate(cas, state.serving, leaf, spec, now)
    match leaf:
        case _Defect(reason=reason):
            return IssueLeaf(cas=cas, reason=reason)
        case Certificate():
            return _keep(cas.signer.certificate, leaf)
        case _:
            assert_never(leaf)


@dataclass(frozen=True, slots=True)
class _Defect:
    """Why the leaf has to be issued anew."""

    reason: str


def _missing(cas: Absent | Damaged) -> str:
    match cas:
        case Absent():
            return "there is no CA"
        case Damaged(reason=reason):
            return f"the CA Secret is damaged: {reason}"
        case _:
            assert_never(cas)


def _recovered(state: State, now: datetime) -> tuple[Certificate, ...]:
    """Return the CAs that API servers may trust although our record of them is lost."""
    published = {bundle for publication in state.publications for bundle in publication.bundles}
    found = [certificate for bundle in sorted(published) for certificate in parse_published(bundle)]
    if isinstance(state.serving, Serving) and state.serving.issuer is not None:
        found.append(state.serving.issuer)
    return _unexpired(tuple(found), now)


def _unexpired(certificates: tuple[Certificate, ...], now: datetime) -> tuple[Certificate, ...]:
    """Return each CA once that is not expired; "not yet valid" may be our clock's fault."""
    kept = {c.fingerprint: c for c in certificates if c.is_ca and now <= c.not_after}
    return tuple(kept.values())


def _signer_defect(cas: TrustedCAs, now: datetime) -> str | None:
    certificate = cas.signer.certificate
    if not certificate.is_valid_at(now):
        return f"the CA is valid {_period(certificate)} only"
    # One rotation at a time: the one under way takes minutes, the rest of a life is months.
    if now >= certificate.renewal_due and not cas.previous:
        return f"two thirds of the CA's life passed at {_time(certificate.renewal_due)}"
    return None


def _publish(cas: TrustedCAs, publication: Publication) -> Publish | StopPropagation:
    reason = f"the caBundle of {publication.configuration} is not ours"
    if cas.propagation is not None:
        return StopPropagation(cas=replace(cas, propagation=None), reason=reason)
    return Publish(configuration=publication.configuration, bundle=cas.bundle, reason=reason)


def _judge_leaf(
    serving: Serving | Absent | Damaged, cas: TrustedCAs, spec: Spec, now: datetime
) -> Certificate | _Defect:
    """Return the serving certificate when it can stay, else what is wrong with it."""
    match serving:
        case Absent():
            return _Defect("there is no serving certificate")
        case Damaged(reason=reason):
            return _Defect(f"the serving Secret is damaged: {reason}")
        case Serving():
            leaf = serving.pair.certificate
        case _:
            assert_never(serving)
    if not leaf.is_issued_by(cas.signer.certificate):
        return _Defect("the serving certificate is not from the CA that signs now")
    if set(leaf.dns_names) != set(spec.dns_names):
        return _Defect(f"the serving certificate is for {', '.join(leaf.dns_names) or 'no name'}")
    if not leaf.is_valid_at(now):
        return _Defect(f"the serving certificate is valid {_period(leaf)} only")
    if now >= leaf.renewal_due:
        due = _time(leaf.renewal_due)
        return _Defect(f"two thirds of the serving certificate's life passed at {due}")
    return leaf


def _rotate(
    cas: TrustedCAs,
    serving: Serving | Absent | Damaged,
    leaf: Certificate | _Defect,
    spec: Spec,
    now: datetime,
) -> IssueLeaf | StartPropagation | AwaitPropagation | DropOldCAs:
    """Plan while several CAs are trusted and all configurations carry them."""
    if isinstance(leaf, _Defect) and not any(c.is_valid_at(now) for c in cas.previous):
        # Nothing that could still be served is trusted: waiting would only prolong the gap.
        return IssueLeaf(cas=cas, reason=leaf.reason)
    propagation, observed = cas.propagation, digest(cas.bundle, serving)
    if propagation is None or propagation.observed != observed or propagation.since > now:
        noted = replace(cas, propagation=Propagation(observed=observed, since=now))
        return StartPropagation(cas=noted, reason="every configuration has this caBundle")
    if isinstance(leaf, _Defect):
        until = propagation.since + spec.bundle_propagation
        if now < until:
            return AwaitPropagation(until=until, reason="API servers take up the new caBundle")
        return IssueLeaf(cas=cas, reason=leaf.reason)
    until = propagation.since + spec.serving_propagation
    if now < until:
        return AwaitPropagation(until=until, reason="Pods take up the new serving certificate")
    only_signer = TrustedCAs(signer=cas.signer)
    return DropOldCAs(cas=only_signer, reason="every Pod serves a certificate of the new CA")


def _keep(signer: Certificate, leaf: Certificate) -> Keep:
    if leaf.renewal_due <= signer.renewal_due:
        return Keep(until=leaf.renewal_due, reason="the serving certificate is renewed then")
    return Keep(until=signer.renewal_due, reason="the CA is rotated then")


def _period(certificate: Certificate) -> str:
    return f"from {_time(certificate.not_before)} to {_time(certificate.not_after)}"


def _time(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
