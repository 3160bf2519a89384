"""The checks of what runs and is called: API server, replicas, Service, webhook configurations."""

import re

from webhook.doctor.check import Check, CheckName, failed, ok, unknown, warning
from webhook.doctor.installation import Hook, Installation, Unread

_OLDEST_MINOR = 30
"""Webhooks' matchConditions are stable from Kubernetes 1.30 on."""

_ROLLING = "Wait for the roll-out to end: kubectl rollout status"


def check_api_server(found: Installation) -> Check:
    """Check that the API server is one that the chart supports."""
    version = found.api_server_version
    matched = re.match(r"v1\.(\d+)", version)
    if matched is not None and int(matched[1]) < _OLDEST_MINOR:
        message = f"the API server is {version}; 1.{_OLDEST_MINOR} is the oldest supported one"
        return failed(CheckName.API_SERVER, message, "Upgrade the cluster first.")
    return ok(CheckName.API_SERVER, f"the API server is {version}")


def check_versions(found: Installation) -> Check:
    """Compare the versions of the release, of its replicas and of this program."""
    name, release, program = CheckName.VERSIONS, found.release.version, found.program_version
    if isinstance(found.replicas, Unread):
        return unknown(name, found.replicas.why)
    others = sorted({each.version for each in found.replicas} - {release})
    if others:
        message = f"the release is {release}, and there are replicas of {', '.join(others)}"
        return warning(name, message, _ROLLING)
    if release != program:
        message = f"the release is {release}, and this program {program}"
        return warning(name, message, "Use the program of the release's version.")
    return ok(name, f"the release and this program are {release}")


def check_replicas(found: Installation) -> Check:
    """Check that as many replicas are ready as are wanted, and that one is no single point."""
    name, wanted, replicas = CheckName.REPLICAS, found.release.wanted, found.replicas
    if isinstance(replicas, Unread):
        return unknown(name, replicas.why)
    if wanted == 0:
        scale = f"kubectl scale deployment {found.release.name} {found.release.option} --replicas=2"
        return failed(name, "the webhook is scaled to 0", scale)
    ready = sum(each.is_ready for each in replicas)
    stuck = [f"{each.name}: {each.problem}" for each in replicas if each.problem]
    said = "; ".join((f"{ready} of {wanted} replicas are ready", *stuck[:1]))
    if ready < wanted or stuck:
        options = f"{found.release.option} --selector={found.release.selector}"
        describe = f"kubectl describe pods {options}"
        return (failed if ready == 0 or stuck else warning)(name, said, describe)
    if wanted == 1 and any(each.failure_policy == "Fail" for each in found.hooks):
        remedy = "helm upgrade --reset-then-reuse-values --set webhook.replicas=2"
        return warning(name, f"{said}, and Redis waits while it is replaced", remedy)
    return ok(name, said)


def check_endpoints(found: Installation) -> Check:
    """Check that the Service leads to replicas that are ready."""
    name, endpoints = CheckName.ENDPOINTS, found.endpoints
    if isinstance(endpoints, Unread):
        return unknown(name, endpoints.why)
    said = f"the Service {found.release} leads to {endpoints.ready} ready replicas"
    if endpoints.ready:
        return ok(name, said)
    replicas = () if isinstance(found.replicas, Unread) else found.replicas
    if any(each.is_ready for each in replicas):
        said = f"the Service {found.release} leads to none of the ready replicas"
        restore = "The selector of the Service is not the chart's: helm upgrade"
        return failed(name, said, restore)
    return failed(name, said, "Make the replicas ready: see above.")


def check_mutating(found: Installation) -> Check:
    """Check that Pods are mutated by this release."""
    return _check_configuration(CheckName.MUTATING_CONFIGURATION, found.mutating, found)


def check_validating(found: Installation) -> Check:
    """Check that Pods are validated by this release."""
    return _check_configuration(CheckName.VALIDATING_CONFIGURATION, found.validating, found)


def _check_configuration(
    name: CheckName, hooks: tuple[Hook, ...] | Unread | None, found: Installation
) -> Check:
    kind = f"{str(name).removesuffix('-configuration').capitalize()}WebhookConfiguration"
    what = f"the {kind} {found.release.name}"
    if isinstance(hooks, Unread):
        return unknown(name, hooks.why)
    if not hooks:
        return failed(
            name, f"{what} is not there: no Redis is looked at", "Bring it back: helm upgrade"
        )
    if elsewhere := {each.service for each in hooks} - {str(found.release)}:
        said = f"{what} calls {', '.join(sorted(elsewhere))}, not {found.release}"
        return failed(name, said, "Bring back the chart's: helm upgrade")
    policies = ", ".join(f"{each.name}: {each.failure_policy}" for each in hooks)
    return ok(name, f"{what} is there ({policies})")
