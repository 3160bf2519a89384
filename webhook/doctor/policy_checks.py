"""The checks of what is decided: the policy, what may be read, and the Pods of the dry run."""

import hashlib
from collections.abc import Callable, Sequence

from webhook.doctor.check import Check, CheckName, failed, ok, unknown, warning
from webhook.doctor.installation import Installation, Trial, Unread, WebhookReplica
from webhook.domain.policy.settings import Mode, NamespaceSettings, Policy
from webhook.policyfile import PolicyFileError, parse_policy
from webhook.trials.admission import DryRunAnswer, problem_with_limit, problem_without_limit

_MAY_NOT = 'cannot create resource "pods"'


def check_policy(found: Installation) -> Check:
    """Check the policy: there, without a mistake, and the one that every replica started with."""
    name, text = CheckName.POLICY, found.policy_text
    where = f"the ConfigMap {found.release}-policy"
    if isinstance(text, Unread):
        return unknown(name, text.why)
    if text is None:
        return failed(name, f"{where} is not there, or has no policy.yaml", "helm upgrade")
    try:
        policy = parse_policy(text, where)
    except PolicyFileError as error:
        return failed(name, str(error), "Mend the value `policy`, then helm upgrade")
    if isinstance(found.replicas, Unread):
        return unknown(name, found.replicas.why)
    if other := _find_other_policy(found, found.replicas, text):
        return other
    told = f"{policy.defaults.mode}, {len(policy.rules)} rules"
    how = (
        "follows" if all(each.policy_in_force for each in found.replicas) else "was rolled out with"
    )
    return ok(name, f"every replica {how} the policy {_sha256(text)[:12]} ({told})")


def _find_other_policy(
    found: Installation, replicas: Sequence[WebhookReplica], text: str
) -> Check | None:
    """Find replicas that do not follow the ConfigMap; None where all do, as far as they tell."""
    config_map = f"the ConfigMap {found.release}-policy"
    roll_out = f"deployment/{found.release.name} {found.release.option}"
    # the chart's annotation is of the text without the line end that a YAML block gives it
    rolled_out, current = _sha256(text.rstrip("\n")), _sha256(text)
    if others := [each.name for each in replicas if each.policy_hash != rolled_out]:
        said = f"{config_map} is not the policy that was rolled out to {', '.join(others)}"
        remedy = f"Changed by hand: helm upgrade. In a roll-out: kubectl rollout status {roll_out}"
        return failed(CheckName.POLICY, said, remedy)
    if others := [each.name for each in replicas if each.policy_in_force not in ("", current)]:
        said = f"{config_map} is not the policy that {', '.join(others)} read at the start"
        return failed(CheckName.POLICY, said, f"kubectl rollout restart {roll_out}")
    return None


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def check_config_maps(found: Installation) -> Check:
    """Check whether the webhook can read what its policy says it reads."""
    name, may = CheckName.CONFIG_MAPS, found.may_read_config_maps
    if not found.release.reads_config_maps:
        return ok(name, "none is read (configMaps.read: false)")
    if isinstance(may, Unread):
        return unknown(name, may.why)
    if not may:
        said = (
            f"{found.release.service_account} may not read ConfigMaps: what they say of a Redis "
            "is not followed"
        )
        remedy = f"Bring back the ClusterRole {found.release.name}-config-maps: helm upgrade"
        return failed(name, said, remedy)
    return ok(name, "the webhook may read ConfigMaps, by name")


def check_audit(found: Installation) -> Check:
    """Tell whether the audit runs."""
    name, audit = CheckName.AUDIT, found.audit
    if isinstance(audit, Unread):
        return unknown(name, audit.why)
    if audit is None:
        return ok(name, "off (audit.enabled): nobody looks at what runs already")
    if audit.ready < 1:
        logs = f"kubectl logs deployment/{found.release.name}-audit {found.release.option}"
        return warning(name, "it is not ready: its metrics are old, or not there", logs)
    return ok(name, "on, and ready")


def check_exempt_namespaces(found: Installation) -> Check:
    """Tell which namespaces no webhook is called for, and which the policy exempts."""
    name = CheckName.EXEMPT_NAMESPACES
    if not found.hooks:
        return unknown(name, "no webhook configuration was read")
    named = sorted({each for hook in found.hooks for each in hook.exempt_namespaces})
    policy = _policy(found)
    rules = () if policy is None else tuple(rule for rule in policy.rules if rule.exempt)
    globs = [glob for rule in rules for glob in rule.namespaces]
    by_rule = f"; by a rule: {', '.join(globs)}" if globs else ""
    return ok(name, f"{', '.join(named)}{by_rule}")


def check_bounded_pod(found: Installation) -> Check:
    """Check the dry run of a Redis with a memory limit."""
    return _check_pod(found, CheckName.BOUNDED_POD, problem_with_limit)


def check_denied_pod(found: Installation) -> Check:
    """Check the dry run of a Redis without one."""
    return _check_pod(found, CheckName.DENIED_POD, problem_without_limit)


def _check_pod(
    found: Installation,
    name: CheckName,
    problem_of: Callable[[NamespaceSettings, DryRunAnswer], str],
) -> Check:
    trial, policy = found.trial, _policy(found)
    if isinstance(trial, Unread):
        return unknown(name, trial.why)
    if policy is None:
        return unknown(name, "no policy was read to hold it against")
    settings = policy.for_namespace(trial.namespace)
    is_left_out = any(trial.namespace in hook.exempt_namespaces for hook in found.hooks)
    if settings.exempt or is_left_out:
        return unknown(name, f"the namespace {trial.namespace} is exempt: --trial-namespace")
    is_bounded = name is CheckName.BOUNDED_POD
    answer = trial.limited if is_bounded else trial.unlimited
    if _MAY_NOT in answer.refusal:
        return unknown(name, answer.refusal)
    what = f"a Redis {'with' if is_bounded else 'without'} a memory limit in {trial.namespace}"
    if problem := problem_of(settings, answer):
        said = f"{what}: {problem}{_told(answer)}"
        return failed(name, said, "Mend what failed above; if nothing did, see the page.")
    return ok(name, f"{what} {_became(settings, answer, trial)}")


def _told(answer: DryRunAnswer) -> str:
    return f"; the API server said: {answer.refusal.splitlines()[0]}" if answer.refusal else ""


def _became(settings: NamespaceSettings, answer: DryRunAnswer, trial: Trial) -> str:
    if answer.refusal:
        return "is refused"
    if settings.mode is Mode.AUDIT or answer is trial.unlimited:
        return "is admitted, with a warning" if answer.warnings else "is admitted"
    _, _, ceiling = " ".join(answer.words).partition("--maxmemory ")
    return f"gets a ceiling of {ceiling.split()[0]} bytes"


def _policy(found: Installation) -> Policy | None:
    if not isinstance(found.policy_text, str):
        return None
    try:
        return parse_policy(found.policy_text, "policy.yaml")
    except PolicyFileError:
        return None
