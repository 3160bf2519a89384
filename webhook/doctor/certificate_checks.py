"""The checks of certificates: what is served, what is trusted, and who renews it."""

from datetime import datetime

from webhook.doctor.chain import Chain, parse_bundle, parse_chain
from webhook.doctor.check import Check, CheckName, failed, ok, unknown, warning
from webhook.doctor.installation import Hook, Installation, Unread

_LATE = 3 / 4
"""The part of a certificate's life that is over when its renewal is late: it is due at 2/3."""


def check_certificate(found: Installation, *, now: datetime) -> Check:
    """Check the serving certificate: there, for the Service, in its life and renewed in time."""
    name, secret = CheckName.CERTIFICATE, f"the Secret {found.release.serving_secret}"
    if isinstance(found.serving_chain, Unread):
        return unknown(name, found.serving_chain.why)
    chain = _chain(found)
    if chain is None:
        return failed(name, f"{secret} holds no certificate", _renewer(found))
    end = chain.leaf.not_valid_after_utc
    days = (end - now).days
    if chain.elapsed(now) >= 1:
        return failed(name, f"the certificate expired at {end:%Y-%m-%d %H:%M}Z", _renewer(found))
    if chain.elapsed(now) < 0:
        begin = chain.leaf.not_valid_before_utc
        said = f"the certificate is valid from {begin:%Y-%m-%d %H:%M}Z on"
        return failed(name, said, "Set the clock of this machine, or of who issued it.")
    wanted = f"{found.release.name}.{found.release.namespace}.svc"
    if wanted not in chain.names:
        said = f"the certificate is for {', '.join(chain.names) or 'no name'}, not {wanted}"
        return failed(name, said, _renewer(found))
    said = f"the certificate for {wanted} is valid for {days} more days"
    if chain.elapsed(now) > _LATE:
        return warning(name, f"{said}, and its renewal is late", _renewer(found))
    return ok(name, said)


def check_bundles(found: Installation) -> Check:
    """Check what each webhook's caBundle makes of the serving certificate."""
    name = CheckName.CA_BUNDLE
    if not found.hooks:
        return unknown(name, "no webhook configuration was read")
    if empty := [each for each in found.hooks if not each.bundle]:
        return failed(name, f"no caBundle: {_named(empty)}", _publisher(found))
    chain = _chain(found)
    distrusting = [each for each in found.hooks if not _trusts(each, chain)]
    if distrusting:
        said = f"the caBundle does not trust the serving certificate: {_named(distrusting)}"
        return failed(name, said, _publisher(found))
    if chain is None:
        return unknown(name, "there is no certificate to hold it against")
    return ok(name, f"the caBundle of {len(found.hooks)} webhooks trusts the certificate")


def check_process(found: Installation) -> Check:
    """Check the certificate process, where the release has one."""
    name, process = CheckName.CERTIFICATE_PROCESS, found.certificate_process
    if isinstance(process, Unread):
        return unknown(name, process.why)
    if process is None:
        return ok(name, "none: cert-manager or you renew the certificate")
    if process.problem:
        mend = "Mend what its Pod waits for (image.repository, a node with room): helm upgrade"
        return failed(name, f"it does not start: {process.problem}", mend)
    if process.ready < 1:
        logs = f"kubectl logs deployment/{found.release.name}-certs {found.release.option}"
        return failed(name, "it is not ready, so nothing is renewed or published", logs)
    return ok(name, "it is ready: what it issued and published is in order")


def _chain(found: Installation) -> Chain | None:
    if not isinstance(found.serving_chain, bytes):
        return None
    try:
        return parse_chain(found.serving_chain)
    except ValueError:
        return None


def _trusts(hook: Hook, chain: Chain | None) -> bool:
    """Tell whether a bundle trusts the certificate, or holds any where there is none to try."""
    try:
        bundle = parse_bundle(hook.bundle)
    except ValueError:
        return False
    return chain is None or chain.is_trusted(bundle)


def _named(hooks: list[Hook]) -> str:
    return ", ".join(each.name for each in hooks)


def _renewer(found: Installation) -> str:
    if found.certificate_process is None:
        return f"Renew it: kubectl describe certificates,secrets {found.release.option}"
    return _inspect(found)


def _publisher(found: Installation) -> str:
    if found.certificate_process is None:
        return "Publish the CA: certificates.existing.caBundle, or cert-manager's ca-injector"
    return _inspect(found)


def _inspect(found: Installation) -> str:
    process = f"deployment/{found.release.name}-certs {found.release.option}"
    return f"kubectl exec {process} -- redis-memory-guard-certs inspect"
