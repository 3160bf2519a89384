"""The one evaluation of a Pod, which the webhook and the command line both render."""

import re
from dataclasses import replace
from typing import assert_never

from webhook.domain.ceiling.plan import plan_ceiling
from webhook.domain.ceiling.rules import Rules
from webhook.domain.ceiling.sizing import Unlimited, memory_limit
from webhook.domain.evaluation.build_outcome import (
    SUGGESTED_LIMIT,
    admit_server,
    deny_unread,
    deny_without_limit,
    exempt,
    ignore,
    leave_unreachable,
    leave_without_limit,
)
from webhook.domain.evaluation.charts import with_settings_of_chart
from webhook.domain.evaluation.outcome import Evaluation, Outcome
from webhook.domain.evaluation.status_annotation import recorded_options, without_own
from webhook.domain.images.catalog import SERVER_WORD, family_of
from webhook.domain.images.family import Family
from webhook.domain.kubernetes.budget import Budget, TooComplexError, Work
from webhook.domain.kubernetes.config_maps import ConfigMaps, Files
from webhook.domain.kubernetes.environment import read_environment
from webhook.domain.kubernetes.pod import Container, ContainerList, Pod
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.injection_points import Nowhere
from webhook.domain.launch.launch import LeftAlone, NoServer, ReachableServer, UnreachableServer
from webhook.domain.launch.named_files import named_files
from webhook.domain.launch.read import read_launch
from webhook.domain.policy.annotations import read_overrides
from webhook.domain.policy.floors import NO_FLOORS, Floors
from webhook.domain.policy.settings import NoLimit, Policy
from webhook.domain.reasons import Reason
from webhook.domain.redis.version import read_version

_NOTHING: ConfigMaps = {}
_SERVER_WORD = re.compile(SERVER_WORD)


def evaluate(
    pod: Pod,
    policy: Policy,
    files: ConfigMaps = _NOTHING,
    *,
    floors: Floors = NO_FLOORS,
    budget: Budget | None = None,
) -> Evaluation:
    """Evaluate every container of a Pod.

    A bare `redis:7` under a limit of 512Mi gives one outcome: `inject`, `ceiling-injected`, and as
    `after` the container with `redis-server --maxmemory 419430400 --maxmemory-policy allkeys-lru
    --save ""`.

    `files` are the ConfigMaps of the Pod's namespace that were read, `floors` what durable servers
    were seen to hold, which their ceilings then have room for. Our own earlier options are
    dropped first and computed anew, so that evaluating an injected Pod changes nothing. What costs
    more than `budget`, by default a new one, is left alone as too complex.
    """
    settings = policy.for_pod(pod.namespace, pod.labels)
    overrides = read_overrides(pod.annotations, policy.annotations)
    headroom = policy.headroom_for(pod.namespace, pod.labels)
    rules = Rules(
        policy=policy, settings=settings, headroom=headroom, overrides=overrides, floors=floors
    )
    readable = Files(pod, files, budget or Budget())
    original = _without_own(pod)
    outcomes = tuple(
        _evaluate(original, container, written, rules, readable)
        for container, written in zip(pod.containers, original.containers, strict=True)
    )
    if pod.cut_by is not None and outcomes and not settings.exempt:
        outcomes = (*outcomes[:-1], deny_unread(pod.containers[-1], pod.cut_by))
    has_server = any(outcome.server for outcome in outcomes)
    return Evaluation(
        pod=pod,
        settings=settings,
        outcomes=outcomes,
        warnings=overrides.warnings if has_server else (),
        wanted=readable.wanted,
    )


def _without_own(pod: Pod) -> Pod:
    """Take our own earlier options out of every container; what is left was written by others."""
    recorded = recorded_options(pod.annotations)
    if not recorded or pod.cut_by is not None:
        return pod
    originals = (without_own(each, recorded.get(each.name, ())) for each in pod.containers)
    return replace(pod, containers=tuple(originals))


def _evaluate(
    pod: Pod, container: Container, original: Container, rules: Rules, files: Files
) -> Outcome:
    family = family_of(container.image, rules.policy.images)
    if family is None and not (_names_a_program(container) or _runs_a_script(container, files)):
        return ignore(container, Reason.NOT_REDIS)
    if container.list is ContainerList.EPHEMERAL_CONTAINERS:
        return ignore(container, Reason.EPHEMERAL_CONTAINER)
    if container.list is ContainerList.INIT_CONTAINERS and not container.restartable:
        return ignore(container, Reason.INIT_CONTAINER)
    try:
        _spend_on_server(pod, files.budget)
        outcome = _evaluate_launch(pod, _context(pod, original, family, files), rules)
    except TooComplexError as bound:
        outcome = _too_complex(pod, original, family, rules, str(bound))
    if not outcome.server:
        return replace(outcome, container=container)
    starts_as = outcome.after or original
    after = None if starts_as == container else starts_as
    if original is not container or after is not outcome.after:
        outcome = replace(outcome, container=container, after=after)
    return with_settings_of_chart(pod, outcome)


def _spend_on_server(pod: Pod, budget: Budget) -> None:
    if pod.cut_by is not None:
        raise TooComplexError(pod.cut_by)
    budget.spend(Work.CONTAINERS, 1)
    budget.spend(Work.NEIGHBOURS, pod.entries)


def _too_complex(
    pod: Pod, container: Container, family: Family | None, rules: Rules, bound: str
) -> Outcome:
    """Leave a container that asks for too much work; a known image without a limit is denied."""
    if rules.settings.exempt:
        return exempt(container, Reason.EXEMPT_BY_RULE, f"namespace {pod.namespace}")
    is_certain = family is not None
    launch = UnreachableServer(reason=Reason.TOO_COMPLEX, detail=bound, is_certain=is_certain)
    left = leave_unreachable(container, launch, rules.settings)
    is_unlimited = container.memory_limit is None and pod.memory_limit is None
    if not (is_certain and is_unlimited):
        return left
    if rules.settings.no_limit is NoLimit.WARN:
        return leave_without_limit(container, launch)
    return deny_without_limit(container, launch, left)


def _names_a_program(container: Container) -> bool:
    return any(
        "-server" in (text := " ".join(elements)) and _SERVER_WORD.search(text) is not None
        for elements in (container.command, container.args)
    )


def _runs_a_script(container: Container, files: Files) -> bool:
    """Tell whether a container runs a readable script that names a server, whatever its image."""
    return any(_SERVER_WORD.search(text) for text in named_files(container, files))


def _context(
    pod: Pod, container: Container, family: Family | None, files: Files
) -> ContainerContext:
    is_known = family is not None and family.is_known
    tells_version = family is not None and is_known and family.tags_are_versions
    return ContainerContext(
        pod=pod,
        container=container,
        family=family,
        environment=read_environment(container, files, pod, knows_image=is_known),
        files=files,
        version=read_version(container.image) if tells_version else None,
    )


def _evaluate_launch(pod: Pod, context: ContainerContext, rules: Rules) -> Outcome:
    container = context.container
    launch = read_launch(context)
    match launch:
        case NoServer(reason=reason, detail=detail):
            return ignore(container, reason, detail)
        case LeftAlone(reason=reason, detail=detail):
            return exempt(container, reason, detail)
        case ReachableServer() | UnreachableServer():
            return _evaluate_server(pod, context, rules, launch)
        case _:
            assert_never(launch)


def _evaluate_server(
    pod: Pod, context: ContainerContext, rules: Rules, launch: ReachableServer | UnreachableServer
) -> Outcome:
    container = context.container
    if rules.settings.exempt:
        return exempt(container, Reason.EXEMPT_BY_RULE, f"namespace {pod.namespace}")
    if rules.overrides.exempt:
        return exempt(container, Reason.EXEMPT_BY_ANNOTATION, "by its annotation")
    limit = memory_limit(pod, container, context.files)
    if isinstance(limit, Unlimited):
        uncertain = _uncertain(launch)
        if uncertain is not None:
            return leave_unreachable(container, uncertain, rules.settings)
        return _evaluate_unlimited(pod, context, rules, launch)
    if isinstance(launch, UnreachableServer):
        return leave_unreachable(container, launch, rules.settings)
    return admit_server(context, launch, plan_ceiling(context, launch, limit, rules), rules)


def _uncertain(launch: ReachableServer | UnreachableServer) -> UnreachableServer | None:
    """Give a server of which it is not certain that it is one, and which is never refused."""
    match launch:
        case ReachableServer(injection_point=Nowhere(is_certain=False) as point):
            return UnreachableServer(reason=point.reason, detail=point.detail, is_certain=False)
        case UnreachableServer(is_certain=False):
            return launch
        case _:
            return None


def _evaluate_unlimited(
    pod: Pod, context: ContainerContext, rules: Rules, launch: ReachableServer | UnreachableServer
) -> Outcome:
    container = context.container
    if rules.settings.no_limit is NoLimit.WARN:
        return leave_without_limit(container, launch)
    limited = replace(container, memory_limit=SUGGESTED_LIMIT)
    remedied = _evaluate_launch(pod, _context(pod, limited, context.family, context.files), rules)
    return deny_without_limit(container, launch, remedied)
