"""Decide a server's ceiling, eviction policy and snapshots, where its options can be reached."""

from collections.abc import Sequence
from dataclasses import dataclass

from webhook.domain.ceiling.amounts import Amounts, choose_amounts, injected_size, maxmemory_of
from webhook.domain.ceiling.eviction import choose_policy, needs_policy, policy_in_effect
from webhook.domain.ceiling.explicit import Ceiling, read_ceiling
from webhook.domain.ceiling.headroom import choose_size, side_by_side
from webhook.domain.ceiling.injection import Injection
from webhook.domain.ceiling.observations import Observations, observe
from webhook.domain.ceiling.obstacles import nowhere, out_of_reach, too_high, too_small, uncounted
from webhook.domain.ceiling.rules import Rules
from webhook.domain.ceiling.sizing import Limit, Sizing
from webhook.domain.ceiling.snapshots import (
    SnapshotState,
    save_points_of,
    snapshot_state,
    turns_off_snapshots,
)
from webhook.domain.ceiling.warnings import (
    ceiling_warnings,
    durable_warnings,
    fork_warnings,
    held_warnings,
    hidden_ceiling_warnings,
    hidden_warnings,
    queue_warnings,
    size_warnings,
    snapshot_warnings,
)
from webhook.domain.configuration.redis_configuration import Obstacle
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.injection_points import Nowhere
from webhook.domain.launch.launch import ReachableServer
from webhook.domain.policy.floors import server_name
from webhook.domain.policy.settings import EvictionPolicy
from webhook.domain.reasons import AdmissionWarning


@dataclass(frozen=True, slots=True, kw_only=True)
class CeilingPlan:
    """What a server needs under a limit.

    `computed` is the ceiling that fits it and `sizing` the one that is injected; `ceilings` are its
    own and `injections` what to add, both one for each start. Where there is an `obstacle`, none of
    it can or may be added, and of the warnings only those of `seen` hold. `unfulfilled` are those
    of wishes that could not be followed.
    """

    limit: Limit
    seen: Observations
    computed: Sizing
    sizing: Sizing
    ceilings: tuple[Ceiling, ...]
    injections: tuple[Injection, ...]
    eviction_policy: str | None
    snapshots: SnapshotState
    obstacle: Obstacle | None
    unfulfilled: tuple[AdmissionWarning, ...]

    @property
    def forks(self) -> bool:
        """Tell whether it can fork to write its data, with the options added."""
        return self.seen.persistence.forks and self.snapshots is not SnapshotState.TURNED_OFF

    @property
    def injects_ceiling(self) -> bool:
        """Tell whether a start of the server gets a ceiling."""
        return any(injection.maxmemory is not None for injection in self.injections)

    @property
    def unsafe(self) -> tuple[Ceiling, ...]:
        """The explicit ceilings that do not protect the server."""
        return tuple(ceiling for ceiling in self.ceilings if ceiling.is_unsafe)


def plan_ceiling(
    context: ContainerContext, server: ReachableServer, limit: Limit, rules: Rules
) -> CeilingPlan:
    """Decide what a server gets under a limit.

    A server under 512Mi with no maxmemory of its own that writes no snapshots gets an Injection of
    400Mi and the eviction policy of its rules; one whose own ceiling fits gets nothing.
    """
    seen = observe(context, server, limit)
    turns_off = turns_off_snapshots(seen.persistence, rules)
    counted = side_by_side(server, seen.configurations)
    servers = counted or 1
    name = server_name(context.pod, context.container) if rules.floors else None
    held = None if name is None else rules.floors.get(name)
    computed, refused = choose_size(
        servers, limit, rules, seen.persistence, turns_off=turns_off, held=held
    )
    amounts = choose_amounts(
        limit, rules, computed, seen.persistence, servers=servers, turns_off=turns_off
    )
    ceilings = tuple(read_ceiling(each, amounts.safe) for each in seen.configurations)
    policy, unsupported = choose_policy(context, server, seen.persistence, rules)
    injections = _injections(
        context, server, seen, ceilings, rules, amounts=amounts, policy=policy, turns_off=turns_off
    )
    return CeilingPlan(
        limit=limit,
        seen=seen,
        computed=computed,
        sizing=injected_size(computed, ceilings, injections, rules),
        ceilings=ceilings,
        injections=injections,
        eviction_policy=policy_in_effect(seen.configurations[0], injections[0]),
        snapshots=snapshot_state(seen.persistence, turns_off=turns_off),
        obstacle=nowhere(server, injections)
        or uncounted(counted, server)
        or too_small(limit, computed, injections, rules)
        or too_high(ceilings, limit, rules)
        or out_of_reach(context, server, seen.configurations, injections),
        unfulfilled=(*refused, *unsupported),
    )


def plan_warnings(
    context: ContainerContext, plan: CeilingPlan, rules: Rules
) -> tuple[AdmissionWarning, ...]:
    """Collect the warnings of a plan that is carried out."""
    seen, ceilings, injections = plan.seen, plan.ceilings, plan.injections
    turns_off = plan.snapshots is SnapshotState.TURNED_OFF
    return (
        *ceiling_warnings(ceilings, plan.computed, injections),
        *durable_warnings(
            seen.persistence, plan.sizing, injections, plan.eviction_policy, rules.headroom
        ),
        *held_warnings(plan.sizing, injections, rules.headroom),
        *hidden_ceiling_warnings(ceilings, plan.sizing),
        *hidden_warnings(seen.configurations, ceilings, injections, plan.sizing),
        *snapshot_warnings(turns_off=turns_off),
        *fork_warnings(ceilings, seen.persistence, plan.sizing, turns_off=turns_off),
        *plan.unfulfilled,
        *queue_warnings(context.pod, injections),
        *seen.warnings,
        *size_warnings(plan.computed, rules.headroom, injections),
    )


def _injections(
    context: ContainerContext,
    server: ReachableServer,
    seen: Observations,
    ceilings: Sequence[Ceiling],
    rules: Rules,
    *,
    amounts: Amounts,
    policy: EvictionPolicy,
    turns_off: bool,
) -> tuple[Injection, ...]:
    """Decide what each start gets; ceilings that hold are left where no better one can be put."""
    no_better = server.may_be_outdone or isinstance(server.injection_point, Nowhere)
    if no_better and all(ceiling.holds(amounts.safe) for ceiling in ceilings):
        return tuple(Injection() for _ in ceilings)
    return tuple(
        Injection(
            maxmemory=maxmemory_of(ceiling, amounts, rules),
            eviction_policy=(
                policy if needs_policy(each, ceiling, seen.persistence, rules) else None
            ),
            save_points=save_points_of(each, context, turns_off=turns_off),
        )
        for each, ceiling in zip(seen.configurations, ceilings, strict=True)
    )
