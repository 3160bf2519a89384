"""`inspect`: what is there, until when, and what would be done next and why, for people."""

from collections.abc import Iterator
from datetime import datetime
from typing import assert_never

from certs.actions import AwaitPropagation, Keep
from certs.certificate import Certificate
from certs.reconcile import Step, Targets
from certs.state import Absent, Damaged, Publication, Serving, State, TrustedCAs, Unfit


def render(step: Step, targets: Targets) -> str:
    """Render one look as aligned lines; nothing in it is secret."""
    rows = [
        *_ca_rows(step.state.cas, targets, step.now),
        *_serving_rows(step.state.serving, targets, step.now),
        *_publication_rows(step.state, targets),
        *_next_rows(step),
    ]
    width = max(len(label) for label, _ in rows)
    return "".join(f"{label:<{width}}  {text}".rstrip() + "\n" for label, text in rows)


Row = tuple[str, str]


def _ca_rows(
    cas: TrustedCAs | Absent | Damaged | Unfit, targets: Targets, now: datetime
) -> Iterator[Row]:
    yield "CA", f"Secret/{targets.ca_secret}"
    match cas:
        case TrustedCAs(signer=signer, previous=previous):
            yield "  signs", _describe(signer.certificate, now)
            for certificate in previous:
                yield "  trusted still", _describe(certificate, now)
        case Absent() | Damaged():
            yield "  signs", _explain(cas)
        case Unfit(reason=reason):
            yield "  signs", f"nothing: {reason}"
        case _:
            assert_never(cas)


def _serving_rows(
    serving: Serving | Absent | Damaged, targets: Targets, now: datetime
) -> Iterator[Row]:
    yield "serving", f"Secret/{targets.serving_secret}"
    match serving:
        case Serving(pair=pair):
            yield "  certificate", _describe(pair.certificate, now)
            yield "  names", ", ".join(pair.certificate.dns_names) or "none"
        case Absent() | Damaged():
            yield "  certificate", _explain(serving)
        case _:
            assert_never(serving)


def _publication_rows(state: State, targets: Targets) -> Iterator[Row]:
    yield "caBundle", ""
    publications = {p.configuration: p for p in state.publications}
    ours = state.cas.bundle if isinstance(state.cas, TrustedCAs) else None
    for name in targets.configurations:
        yield (
            f"  {name.kind.value.removesuffix('WebhookConfiguration').lower()}",
            (f"{name.name}: {_describe_publication(publications.get(name), ours)}"),
        )


def _describe_publication(publication: Publication | None, ours: bytes | None) -> str:
    if publication is None:
        return "does not exist"
    if publication.obstacle is not None:
        return f"not known: {publication.obstacle.reason}"
    right = sum(bundle == ours for bundle in publication.bundles)
    return f"up to date in {right} of {len(publication.bundles)} webhooks"


def _next_rows(step: Step) -> Iterator[Row]:
    action = step.action
    match action:
        case AwaitPropagation(until=until) | Keep(until=until):
            yield "next", f"{action.code} until {_time(until)}"
        case _:
            yield "next", f"{action.code} now"
    yield "  because", action.reason


def _describe(certificate: Certificate, now: datetime) -> str:
    """Say which, and until when; the first bytes of a fingerprint tell two apart."""
    days = (certificate.not_after - now).days
    left = f"{days} days left" if now <= certificate.not_after else "EXPIRED"
    return (
        f"{certificate.fingerprint[:16]}, valid {_time(certificate.not_before)}"
        f" to {_time(certificate.not_after)} ({left}), renewal due {_time(certificate.renewal_due)}"
    )


def _explain(value: Absent | Damaged) -> str:
    return "none yet" if isinstance(value, Absent) else f"DAMAGED: {value.reason}"


def _time(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%SZ")
