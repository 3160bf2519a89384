"""Decide the next write. Pure: what is stored, what is wanted, the time; one action.

An action is at most one write to one object, and each is planned from nothing but what is stored.
So a process killed between any two writes is continued by whoever reads next, and the order of
the writes is the order of these rules:

    what is stored                                        action
    1  no usable authority, or its renewal is due         AddAuthority; the old ones stay trusted
    2  a caBundle differs while something settles         StopSettling; the wait starts anew
       a caBundle differs                                 Publish
    3  one authority; leaf missing, wrong or due          IssueLeaf
       one authority; leaf good                           Keep
    4  several; since when they are in force is unknown   StartSettling
       several; leaf missing, wrong, due or of an older   Settle, then IssueLeaf
       several; leaf good and of the newest               Settle, then DropAuthorities

Two promises follow. No leaf is handed out before every API server trusts its authority, and no
authority is dropped while a Pod may still serve a leaf of it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from certs.actions import (
    Action,
    AddAuthority,
    DropAuthorities,
    IssueLeaf,
    Keep,
    Publish,
    Settle,
    StartSettling,
    StopSettling,
)
from certs.certificate import Certificate
from certs.state import (
    Absent,
    Authorities,
    Damaged,
    Publication,
    Serving,
    Settling,
    State,
    digest,
    parse_published,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What is wanted.

    `bundle_settle`: how long after its publication every API server is taken to use a caBundle.
    `leaf_settle`: how long after its issue every Pod is taken to serve a leaf. The kubelet
    refreshes a mounted Secret after its sync period and its cache's delay, about two minutes.
    """

    dns_names: tuple[str, ...]
    authority_lifetime: timedelta
    leaf_lifetime: timedelta
    bundle_settle: timedelta
    leaf_settle: timedelta


def plan(state: State, spec: Spec, now: datetime) -> Action:
    """Return the next action towards a good state; `now` is read after `state` was.

    Reading the clock last makes every note of time late rather than early, so that a wait is
    never cut short.
    """
    authorities = state.authorities
    if not isinstance(authorities, Authorities):
        return AddAuthority(previous=_recovered(state, now), reason=_missing(authorities))
    if (defect := _signer_defect(authorities, now)) is not None:
        trusted = (*authorities.previous, authorities.signer.certificate)
        return AddAuthority(previous=_unexpired(trusted, now), reason=defect)
    for publication in state.publications:
        if any(bundle != authorities.bundle for bundle in publication.bundles):
            return _publish(authorities, publication)
    leaf = _judge_leaf(state.serving, authorities, spec, now)
    if authorities.previous:
        return _rotate(authorities, state.serving, leaf, spec, now)
    match leaf:
        case _Defect(reason=reason):
            return IssueLeaf(authorities=authorities, reason=reason)
        case Certificate():
            return _keep(authorities.signer.certificate, leaf)
        case _:
            assert_never(leaf)


@dataclass(frozen=True, slots=True)
class _Defect:
    """Why the leaf has to be issued anew."""

    reason: str


def _missing(authorities: Absent | Damaged) -> str:
    match authorities:
        case Absent():
            return "there is no certificate authority"
        case Damaged(reason=reason):
            return f"the authority Secret is damaged: {reason}"
        case _:
            assert_never(authorities)


def _recovered(state: State, now: datetime) -> tuple[Certificate, ...]:
    """Return the authorities that API servers may trust although our record of them is lost."""
    published = {bundle for publication in state.publications for bundle in publication.bundles}
    found = [certificate for bundle in sorted(published) for certificate in parse_published(bundle)]
    if isinstance(state.serving, Serving) and state.serving.issuer is not None:
        found.append(state.serving.issuer)
    return _unexpired(tuple(found), now)


def _unexpired(certificates: tuple[Certificate, ...], now: datetime) -> tuple[Certificate, ...]:
    """Return each authority once that is not expired; "not yet valid" may be our clock's fault."""
    kept = {c.fingerprint: c for c in certificates if c.is_authority and now <= c.not_after}
    return tuple(kept.values())


def _signer_defect(authorities: Authorities, now: datetime) -> str | None:
    certificate = authorities.signer.certificate
    if not certificate.is_valid_at(now):
        return f"the certificate authority is valid {_period(certificate)} only"
    # One rotation at a time: the one under way takes minutes, the rest of a life is months.
    if now >= certificate.renewal_due and not authorities.previous:
        return f"two thirds of the authority's life passed at {_time(certificate.renewal_due)}"
    return None


def _publish(authorities: Authorities, publication: Publication) -> Publish | StopSettling:
    reason = f"the caBundle of {publication.configuration} is not ours"
    if authorities.settling is not None:
        return StopSettling(authorities=replace(authorities, settling=None), reason=reason)
    return Publish(
        configuration=publication.configuration, bundle=authorities.bundle, reason=reason
    )


def _judge_leaf(
    serving: Serving | Absent | Damaged, authorities: Authorities, spec: Spec, now: datetime
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
    if not leaf.is_issued_by(authorities.signer.certificate):
        return _Defect("the serving certificate is not from the authority that signs now")
    if set(leaf.dns_names) != set(spec.dns_names):
        return _Defect(f"the serving certificate is for {', '.join(leaf.dns_names) or 'no name'}")
    if not leaf.is_valid_at(now):
        return _Defect(f"the serving certificate is valid {_period(leaf)} only")
    if now >= leaf.renewal_due:
        due = _time(leaf.renewal_due)
        return _Defect(f"two thirds of the serving certificate's life passed at {due}")
    return leaf


def _rotate(
    authorities: Authorities,
    serving: Serving | Absent | Damaged,
    leaf: Certificate | _Defect,
    spec: Spec,
    now: datetime,
) -> IssueLeaf | StartSettling | Settle | DropAuthorities:
    """Plan while several authorities are trusted and all configurations carry them."""
    if isinstance(leaf, _Defect) and not any(c.is_valid_at(now) for c in authorities.previous):
        # Nothing that could still be served is trusted: waiting would only prolong the gap.
        return IssueLeaf(authorities=authorities, reason=leaf.reason)
    settling, observed = authorities.settling, digest(authorities.bundle, serving)
    if settling is None or settling.observed != observed or settling.since > now:
        noted = replace(authorities, settling=Settling(observed=observed, since=now))
        return StartSettling(authorities=noted, reason="every configuration has this caBundle")
    if isinstance(leaf, _Defect):
        until = settling.since + spec.bundle_settle
        if now < until:
            return Settle(until=until, reason="API servers take up the new caBundle")
        return IssueLeaf(authorities=authorities, reason=leaf.reason)
    until = settling.since + spec.leaf_settle
    if now < until:
        return Settle(until=until, reason="Pods take up the new serving certificate")
    only_signer = Authorities(signer=authorities.signer)
    return DropAuthorities(
        authorities=only_signer, reason="every Pod serves a certificate of the new authority"
    )


def _keep(signer: Certificate, leaf: Certificate) -> Keep:
    if leaf.renewal_due <= signer.renewal_due:
        return Keep(until=leaf.renewal_due, reason="the serving certificate is renewed then")
    return Keep(until=signer.renewal_due, reason="the certificate authority is rotated then")


def _period(certificate: Certificate) -> str:
    return f"from {_time(certificate.not_before)} to {_time(certificate.not_after)}"


def _time(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
