"""The judgement of an installation: a check for each part, those that others need first."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from webhook.doctor.certificate_checks import check_bundles, check_certificate, check_process
from webhook.doctor.check import Check, CheckName, Status, failed, ok, unknown, warning
from webhook.doctor.installation import Hook, Installation, Unread
from webhook.doctor.policy_checks import (
    check_audit,
    check_bounded_pod,
    check_config_maps,
    check_denied_pod,
    check_exempt_namespaces,
    check_policy,
)

_OLDEST_MINOR = 30
"""Webhooks' matchConditions are stable from Kubernetes 1.30 on."""


def diagnose(found: Installation, *, now: datetime) -> tuple[Check, ...]:
    """Judge everything that was found, each check once and in the order of CheckName."""
    checks: Sequence[Callable[[Installation], Check]] = (
        _check_api_server,
        _check_versions,
        _check_replicas,
        _check_endpoints,
        _check_mutating,
        _check_validating,
        lambda each: check_certificate(each, now=now),
        check_bundles,
        check_process,
        check_policy,
        check_config_maps,
        check_audit,
        check_exempt_namespaces,
        check_bounded_pod,
        check_denied_pod,
    )
    return tuple(check(found) for check in checks)


def is_healthy(checks: Sequence[Check]) -> bool:
    """Tell whether no check failed."""
    return all(check.status is not Status.FAILED for check in checks)


def _check_api_server(found: Installation) -> Check:
    version = found.api_server_version
    matched = re.match(r"v1\.(\d+)", version)
    if matched is not None and int(matched[1]) < _OLDEST_MINOR:
        message = f"the API server is {version}; 1.{_OLDEST_MINOR} is the oldest supported one"
        return failed(CheckName.API_SERVER, message, "Upgrade the cluster first.")
    return ok(CheckName.API_SERVER, f"the API server is {version}")


def _check_versions(found: Installation) -> Check:
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


def _check_replicas(found: Installation) -> Check:
    name, wanted = CheckName.REPLICAS, found.release.wanted
    if isinstance(found.replicas, Unread):
        return unknown(name, found.replicas.why)
    if wanted == 0:
        scale = f"kubectl scale deployment {found.release.name} {found.release.option} --replicas=2"
        return failed(name, "the webhook is scaled to 0", scale)
    ready = sum(each.is_ready for each in found.replicas)
    said = f"{ready} of {wanted} replicas are ready"
    stuck = [f"{each.name}: {each.problem}" for each in found.replicas if each.problem]
    if stuck:
        said = f"{said}; {stuck[0]}"
    if ready < wanted or stuck:
        options = f"{found.release.option} --selector={found.release.selector}"
        describe = f"kubectl describe pods {options}"
        return (failed if ready == 0 or stuck else warning)(name, said, describe)
    if wanted == 1 and any(each.failure_policy == "Fail" for each in found.hooks):
        remedy = "helm upgrade --reset-then-reuse-values --set webhook.replicas=2"
        return warning(name, f"{said}, and Redis waits while it is replaced", remedy)
    return ok(name, said)


def _check_endpoints(found: Installation) -> Check:
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


def _check_mutating(found: Installation) -> Check:
    return _check_configuration(CheckName.MUTATING_CONFIGURATION, found.mutating, found)


def _check_validating(found: Installation) -> Check:
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


_ROLLING = "Wait for the roll-out to end: kubectl rollout status"
