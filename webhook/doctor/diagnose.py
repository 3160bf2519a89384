"""A diagnosis: every check of an installation, those first that others need."""

from collections.abc import Callable, Sequence
from datetime import datetime

from webhook.doctor.certificate_checks import check_bundles, check_certificate, check_process
from webhook.doctor.check import Check, Status
from webhook.doctor.installation import Installation
from webhook.doctor.policy_checks import (
    check_audit,
    check_bounded_pod,
    check_config_maps,
    check_denied_pod,
    check_exempt_namespaces,
    check_policy,
)
from webhook.doctor.release_checks import (
    check_api_server,
    check_endpoints,
    check_mutating,
    check_replicas,
    check_validating,
    check_versions,
)


def diagnose(found: Installation, *, now: datetime) -> tuple[Check, ...]:
    """Check everything that was found, once each and in the order of CheckName."""
    checks: Sequence[Callable[[Installation], Check]] = (
        check_api_server,
        check_versions,
        check_replicas,
        check_endpoints,
        check_mutating,
        check_validating,
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
