"""Say what a server's plan means: verdict, reason, message, remedy, and the steps to it."""

from collections.abc import Iterable
from dataclasses import replace

from webhook.domain.ceiling.explicit import CeilingState
from webhook.domain.ceiling.plan import CeilingPlan, plan_warnings
from webhook.domain.ceiling.rules import Rules
from webhook.domain.ceiling.sizing import Sizing
from webhook.domain.configuration.redis_configuration import Obstacle
from webhook.domain.evaluation.injection import inject
from webhook.domain.evaluation.outcome import Outcome, Verdict
from webhook.domain.evaluation.remedies import limit_remedy, unreachable_remedy
from webhook.domain.evaluation.steps import steps_to
from webhook.domain.kubernetes.budget import TooComplexError, Work
from webhook.domain.kubernetes.pod import Container
from webhook.domain.kubernetes.quantity import format_bytes, format_mebibytes
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.launch import ReachableServer, UnreachableServer
from webhook.domain.policy.profile import MEBIBYTE
from webhook.domain.policy.settings import NamespaceSettings, Unenforceable
from webhook.domain.reasons import EXPLANATIONS, Reason
from webhook.domain.redis.command_line import render_options

SUGGESTED_LIMIT = 512 * MEBIBYTE
"""The memory limit in bytes that a server without one is advised to have."""


def ignore(container: Container, reason: Reason, detail: str = "") -> Outcome:
    """Pass over a container that runs no server."""
    sentence = EXPLANATIONS[reason].sentence
    return Outcome(
        container=container,
        server=False,
        verdict=Verdict.IGNORE,
        reason=reason,
        message=sentence,
        steps=(detail, sentence) if detail else (sentence,),
    )


def exempt(container: Container, reason: Reason, detail: str) -> Outcome:
    """Leave a server alone that the policy exempts, or that sizes itself."""
    sentence = EXPLANATIONS[reason].sentence
    return Outcome(
        container=container,
        server=True,
        verdict=Verdict.EXEMPT,
        reason=reason,
        message=sentence,
        steps=(detail, sentence),
    )


def leave_without_limit(
    container: Container, launch: ReachableServer | UnreachableServer
) -> Outcome:
    """Evaluate a server that nothing limits."""
    message = "it runs a Redis server without a memory limit"
    return Outcome(
        container=container,
        server=True,
        verdict=Verdict.UNENFORCEABLE,
        reason=Reason.NO_MEMORY_LIMIT,
        message=message,
        remedy=limit_remedy(container, format_bytes(SUGGESTED_LIMIT)),
        steps=(_seen(launch), EXPLANATIONS[Reason.NO_MEMORY_LIMIT].sentence),
    )


def deny_without_limit(
    container: Container, launch: ReachableServer | UnreachableServer, remedied: Outcome
) -> Outcome:
    """Refuse a server that nothing limits; `remedied` is its plan under SUGGESTED_LIMIT."""
    left = leave_without_limit(container, launch)
    return replace(left, verdict=Verdict.DENY, denied=True, remedied=remedied)


def leave_unreachable(
    container: Container, launch: UnreachableServer, settings: NamespaceSettings
) -> Outcome:
    """Evaluate a server whose options cannot be reached."""
    return Outcome(
        container=container,
        server=True,
        verdict=Verdict.UNENFORCEABLE,
        reason=launch.reason,
        message=f"no memory ceiling could be injected: {launch.detail}",
        remedy=unreachable_remedy(container, launch.reason),
        denied=launch.is_certain and settings.unenforceable is Unenforceable.DENY,
        steps=(_seen(launch), EXPLANATIONS[launch.reason].sentence),
    )


def deny_unread(container: Container, too_much: Work) -> Outcome:
    """Refuse the container that stands for those which are not read: any may run a server."""
    explanation = EXPLANATIONS[Reason.TOO_COMPLEX]
    return Outcome(
        container=container,
        server=True,
        verdict=Verdict.DENY,
        reason=Reason.TOO_COMPLEX,
        message=f"it is not read, nor is what follows: {TooComplexError(too_much)}",
        remedy="Make the Pod smaller: long texts have their place in its image or in ConfigMaps.",
        denied=True,
        steps=(explanation.sentence,),
    )


def admit_server(
    context: ContainerContext, server: ReachableServer, plan: CeilingPlan, rules: Rules
) -> Outcome:
    """Say what the plan for a server whose options can be reached comes to."""
    steps = (_seen(server), *steps_to(plan, rules.headroom))
    if plan.obstacle is None:
        return _admitted(context, server, plan, rules, steps)
    blocked = _blocked(context.container, plan, plan.obstacle, steps, rules.settings)
    return replace(blocked, warnings=plan.seen.warnings)


def _blocked(
    container: Container,
    plan: CeilingPlan,
    obstacle: Obstacle,
    steps: tuple[str, ...],
    settings: NamespaceSettings,
) -> Outcome:
    match obstacle.reason:
        case Reason.LIMIT_TOO_SMALL:
            return _too_small(container, obstacle, settings, steps)
        case Reason.CEILING_TOO_HIGH:
            return _too_high(container, plan, obstacle, steps)
        case reason:
            launch = UnreachableServer(
                reason=reason, detail=obstacle.detail, is_certain=obstacle.is_certain
            )
            outcome = leave_unreachable(container, launch, settings)
            return replace(outcome, steps=(*steps, *outcome.steps[1:]))


def _too_small(
    container: Container, obstacle: Obstacle, settings: NamespaceSettings, steps: tuple[str, ...]
) -> Outcome:
    return Outcome(
        container=container,
        server=True,
        verdict=Verdict.UNENFORCEABLE,
        reason=Reason.LIMIT_TOO_SMALL,
        message=obstacle.detail,
        remedy=limit_remedy(container, "64Mi"),
        denied=settings.unenforceable is Unenforceable.DENY,
        steps=(*steps, EXPLANATIONS[Reason.LIMIT_TOO_SMALL].sentence),
    )


def _too_high(
    container: Container, plan: CeilingPlan, obstacle: Obstacle, steps: tuple[str, ...]
) -> Outcome:
    return Outcome(
        container=container,
        server=True,
        verdict=Verdict.DENY,
        reason=Reason.CEILING_TOO_HIGH,
        message=obstacle.detail,
        remedy=f"--maxmemory {plan.computed.maxmemory}",
        denied=True,
        steps=(*steps, EXPLANATIONS[Reason.CEILING_TOO_HIGH].sentence),
    )


def _admitted(
    context: ContainerContext,
    server: ReachableServer,
    plan: CeilingPlan,
    rules: Rules,
    steps: tuple[str, ...],
) -> Outcome:
    verdict, reason = _verdict(plan)
    sizing = plan.sizing if verdict is not Verdict.RESPECT else _respected(plan)
    of_starts = tuple(injection.options for injection in plan.injections)
    options, *others = _told_first(of_starts, sizing)
    return Outcome(
        container=context.container,
        server=True,
        verdict=verdict,
        reason=reason,
        message=_message(verdict, plan, sizing),
        remedy=EXPLANATIONS[reason].remedy or None,
        sizing=sizing,
        eviction_policy=plan.eviction_policy,
        snapshots=plan.snapshots,
        forks=plan.forks,
        replica_of=None if plan.seen.replica is None else plan.seen.replica.master,
        options=options,
        other_options=tuple(each for each in others if each),
        after=inject(context, server.injection_point, of_starts),
        source=server.injection_point.code,
        warnings=plan_warnings(context, plan, rules),
        steps=(*steps, _added(options)),
    )


def _told_first(of_starts: Iterable[tuple[str, ...]], sizing: Sizing) -> list[tuple[str, ...]]:
    """Order what a server's starts get, each once: that with the ceiling of `sizing` is first."""
    told = str(sizing.maxmemory)
    return sorted(
        dict.fromkeys(of_starts), key=lambda each: (told in each, len(each)), reverse=True
    )


def _added(options: tuple[str, ...]) -> str:
    return f"so it starts with {render_options(options)}" if options else "nothing is added"


def _verdict(plan: CeilingPlan) -> tuple[Verdict, Reason]:
    if not plan.injects_ceiling:
        return Verdict.RESPECT, Reason.CEILING_RESPECTED
    if plan.unsafe:
        return Verdict.ADJUST, Reason.CEILING_LOWERED
    return Verdict.INJECT, Reason.CEILING_INJECTED


def _respected(plan: CeilingPlan) -> Sizing:
    own = max(ceiling.amount or ceiling.hinted or 0 for ceiling in plan.ceilings)
    computed = plan.computed
    because = "its own maxmemory is respected"
    return replace(
        computed, maxmemory=own, headroom=computed.limit - own, because=because, raised=None
    )


def _message(verdict: Verdict, plan: CeilingPlan, sizing: Sizing) -> str:
    amount, limit = format_mebibytes(sizing.maxmemory), format_bytes(sizing.limit)
    if verdict is Verdict.RESPECT and plan.unsafe:
        own = f" of {plan.unsafe[0].text}" if plan.unsafe[0].text else ""
        return f"its own maxmemory{own} is left as the policy says"
    if verdict is Verdict.RESPECT:
        return f"its own maxmemory of {amount} fits the memory limit of {limit}"
    if verdict is Verdict.INJECT:
        return f"maxmemory {amount} of {limit} ({sizing.profile}) is injected"
    if plan.unsafe[0].state is CeilingState.VOID:
        return f"{CeilingState.VOID.value}; {amount} of {limit} ({sizing.profile}) is set"
    own = plan.unsafe[0].text
    return f"maxmemory {own} is lowered to {amount} of {limit} ({sizing.profile})"


def _seen(launch: ReachableServer | UnreachableServer) -> str:
    return launch.description if isinstance(launch, ReachableServer) else launch.detail
