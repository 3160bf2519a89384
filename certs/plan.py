"""Decide the next write. Pure: what is stored, what is wanted, the time; one action.

An action is at most one write to one object, and each is planned from nothing but what is stored.
So a process killed between any two writes is continued by whoever reads next, and the order of
the writes is the order of these rules:

    what is stored                                        action
    1  no usable CA; a caBundle that cannot be read       Hold: it may hold the CA of what is served
       no usable CA                                       AddCA; the newest old ones stay trusted
       one CA, which is due, and no obstacle              AddCA; the old one stays trusted
       one that cannot sign what API servers accept       Hold: it is somebody's own
    2  leaf of the CA that signs; wrong or due            IssueLeaf: trusted where the old one is
    3  a caBundle differs during a propagation            StopPropagation; the wait starts anew
       a caBundle differs, and no obstacle                Publish
    4  one CA; leaf missing or of another                 IssueLeaf
       one CA; leaf good                                  Keep
    5  several; no leaf that is served can be trusted     IssueLeaf
       several; since when they are in force is unknown   StartPropagation
       several; leaf missing or of an older               AwaitPropagation, then IssueLeaf
       several; leaf good and of the newest               AwaitPropagation, then DropOldCAs

Two promises follow. No leaf is handed out before every API server trusts its CA, and no
CA is dropped while a Pod may still serve a leaf of it.

An obstacle is what keeps an object from being read or written: permissions, a policy, somebody who
undoes each write. One at a Secret stops the writes to it; one at a configuration stops rotations,
which need all of them, but no renewal, which needs none. Instead of waiting in peace: Hold.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from certs.actions import (
    Action,
    AddCA,
    AwaitPropagation,
    DropOldCAs,
    Hold,
    IssueLeaf,
    Keep,
    Publish,
    StartPropagation,
    StopPropagation,
)
from certs.certificate import Certificate
from certs.defects import LeafDefect, evaluate_leaf, find_signer_defect
from certs.recovery import keep_newest, recover_cas
from certs.state import (
    Absent,
    Damaged,
    ErrorCode,
    Obstacle,
    Propagation,
    Serving,
    State,
    TrustedCAs,
    Unfit,
    digest,
)
from certs.verification import find_ca_defect


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
    obstacles = _configuration_obstacles(state)
    action = _plan_past(obstacles, state, spec, now)
    in_the_way: Obstacle | None
    match action:
        case AddCA() | StartPropagation() | StopPropagation() | DropOldCAs():
            in_the_way = state.ca_obstacle
        case IssueLeaf():
            in_the_way = state.serving_obstacle
        case AwaitPropagation() | Keep():
            in_the_way = next(iter(obstacles), None)
        case Publish() | Hold():
            in_the_way = None
        case _:
            assert_never(action)
    return action if in_the_way is None else _hold(in_the_way)


def _plan_past(obstacles: tuple[Obstacle, ...], state: State, spec: Spec, now: datetime) -> Action:
    """Plan what can be done while `obstacles` stand in the way of configurations."""
    cas = state.cas
    if not isinstance(cas, TrustedCAs):
        return _plan_without_signer(cas, state, now)
    if (defect := find_signer_defect(cas, now, is_reachable=not obstacles)) is not None:
        trusted = (*cas.previous, cas.signer.certificate)
        return AddCA(previous=keep_newest(trusted, state, now), reason=defect)
    if (unfit := find_ca_defect(cas.signer, spec.dns_names)) is not None:
        return _hold_unfit(unfit)
    leaf = evaluate_leaf(state.serving, cas, spec.dns_names, now)
    if isinstance(leaf, LeafDefect) and leaf.is_of_signer:
        return IssueLeaf(cas=cas, reason=leaf.reason)
    if (publishing := _publish(cas, state)) is not None:
        return publishing
    if cas.previous and not (isinstance(leaf, LeafDefect) and _is_gap(state, cas, now, obstacles)):
        return _hold(obstacles[0]) if obstacles else _rotate(cas, leaf, state, spec, now)
    match leaf:
        case LeafDefect(reason=reason):
            return IssueLeaf(cas=cas, reason=reason)
        case Certificate():
            return _keep(cas.signer.certificate, leaf)
        case _:
            assert_never(leaf)


def _configuration_obstacles(state: State) -> tuple[Obstacle, ...]:
    """Return what keeps configurations from having, or from being known to have, our caBundle."""
    ours = state.cas.bundle if isinstance(state.cas, TrustedCAs) else None
    return tuple(
        publication.obstacle
        for publication in state.publications
        if publication.obstacle is not None and set(publication.bundles) != {ours}
    )


def _unread(state: State) -> tuple[Obstacle, ...]:
    return tuple(
        publication.obstacle
        for publication in state.publications
        if publication.obstacle is not None and not publication.bundles
    )


def _is_expired(serving: Serving | Absent | Damaged, now: datetime) -> bool:
    return isinstance(serving, Serving) and now > serving.pair.certificate.not_after


def _hold(obstacle: Obstacle) -> Hold:
    return Hold(error=obstacle.error, reason=obstacle.reason)


def _hold_unfit(defect: str) -> Hold:
    return Hold(
        error=ErrorCode.UNFIT_CA,
        reason=(
            f"the CA in the Secret does not work: {defect}. It is left as it is, and not published;"
            " empty the Secret to have a CA made"
        ),
    )


def _plan_without_signer(
    cas: Absent | Damaged | Unfit, state: State, now: datetime
) -> AddCA | Hold:
    match cas:
        case Unfit(reason=reason):
            return _hold_unfit(reason)
        case Absent():
            missing = "there is no CA"
        case Damaged(reason=reason):
            missing = f"the CA Secret is damaged: {reason}"
        case _:
            assert_never(cas)
    if (unread := _unread(state)) and not _is_expired(state.serving, now):
        # What is trusted there, and perhaps served, would be forgotten.
        return _hold(unread[0])
    return AddCA(previous=recover_cas(state, now), reason=missing)


def _publish(cas: TrustedCAs, state: State) -> Publish | StopPropagation | None:
    """Return what brings the caBundle to the first configuration that has another one."""
    for publication in state.publications:
        if all(bundle == cas.bundle for bundle in publication.bundles):
            continue
        reason = f"the caBundle of {publication.configuration} is not ours"
        if cas.propagation is not None:
            return StopPropagation(cas=replace(cas, propagation=None), reason=reason)
        if publication.obstacle is None:
            return Publish(
                configuration=publication.configuration, bundle=cas.bundle, reason=reason
            )
    return None


def _rotate(
    cas: TrustedCAs, leaf: Certificate | LeafDefect, state: State, spec: Spec, now: datetime
) -> IssueLeaf | StartPropagation | AwaitPropagation | DropOldCAs:
    """Plan while several CAs are trusted and all configurations carry them."""
    propagation, observed = cas.propagation, digest(cas.bundle, state.serving)
    if propagation is None or propagation.observed != observed or propagation.since > now:
        noted = replace(cas, propagation=Propagation(observed=observed, since=now))
        return StartPropagation(cas=noted, reason="every configuration has this caBundle")
    if isinstance(leaf, LeafDefect):
        until = propagation.since + spec.bundle_propagation
        if now < until:
            return AwaitPropagation(until=until, reason="API servers take up the new caBundle")
        return IssueLeaf(cas=cas, reason=leaf.reason)
    until = propagation.since + spec.serving_propagation
    if now < until:
        return AwaitPropagation(until=until, reason="Pods take up the new serving certificate")
    only_signer = TrustedCAs(signer=cas.signer)
    return DropOldCAs(cas=only_signer, reason="every Pod serves a certificate of the new CA")


def _is_gap(state: State, cas: TrustedCAs, now: datetime, obstacles: tuple[Obstacle, ...]) -> bool:
    """Tell whether nothing that is served can be trusted, so that waiting would only prolong that.

    An expired leaf is waited with for the minutes of a propagation, which let no admission fail
    that does not fail already, but not for an obstacle, which may stay for days.
    """
    if obstacles and _is_expired(state.serving, now):
        return True
    return not any(certificate.is_valid_at(now) for certificate in cas.previous)


def _keep(signer: Certificate, leaf: Certificate) -> Keep:
    if leaf.renewal_due <= signer.renewal_due:
        return Keep(until=leaf.renewal_due, reason="the serving certificate is renewed then")
    return Keep(until=signer.renewal_due, reason="the CA is rotated then")
