"""The part of a match condition that tells what the policy decides for a namespace.

A failure policy belongs to a webhook, not to a request: where one namespace is enforced and another
audited, there have to be two webhooks, and each is called for its own namespaces alone. The rules
are tried in their order, as the policy does, and the first that matches decides.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from webhook.domain.policy.settings import Mode, Policy, Rule


class Handling(StrEnum):
    """What the policy decides for the Pods of a namespace."""

    ENFORCED = "enforced"
    AUDITED = "audited"
    EXEMPT = "exempt"


def handled(policy: Policy, handling: Handling) -> str:
    """Write the expression that is true where a request's namespace is handled so.

    "true" where all are; "" where none is.
    """
    decided = tuple(_decisions(policy))
    default = _handling(policy.defaults.mode, is_exempt=policy.defaults.exempt)
    found = {each for _, each in decided} | {default}
    if found == {handling}:
        return "true"
    if handling not in found:
        return ""
    chain = "".join(f"{_matches(globs)} ? '{each}' : " for globs, each in decided)
    return f"({chain}'{default}') == '{handling}'"


def _decisions(policy: Policy) -> Iterable[tuple[Sequence[str], Handling]]:
    """Give the rules up to the last that decides otherwise than the default."""
    default = _handling(policy.defaults.mode, is_exempt=policy.defaults.exempt)
    of_namespaces = (rule for rule in policy.rules if not rule.labels)
    decided = [(rule.namespaces, _by_rule(policy, rule)) for rule in of_namespaces]
    while decided and decided[-1][1] is default:
        decided.pop()
    return decided


def _by_rule(policy: Policy, rule: Rule) -> Handling:
    settings = policy.defaults
    is_exempt = settings.exempt if rule.exempt is None else rule.exempt
    return _handling(rule.mode or settings.mode, is_exempt=is_exempt)


def _handling(mode: Mode, *, is_exempt: bool) -> Handling:
    if is_exempt:
        return Handling.EXEMPT
    return Handling.AUDITED if mode is Mode.AUDIT else Handling.ENFORCED


def _matches(globs: Iterable[str]) -> str:
    return f"request.namespace.matches('^({'|'.join(map(_pattern, globs))})$')"


def _pattern(glob: str) -> str:
    """Write a glob over namespace names, in RE2; the policy allows no other characters in it."""
    return glob.replace("[!", "[^").replace("?", ".").replace("*", ".*")
