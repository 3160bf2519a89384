"""What holds for one Pod when its servers' ceilings are decided."""

from dataclasses import dataclass

from webhook.domain.policy.annotations import PodOverrides
from webhook.domain.policy.floors import Floors
from webhook.domain.policy.profile import Headroom
from webhook.domain.policy.settings import NamespaceSettings, Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds for a Pod: the policy, its own settings and headroom, and its allowed wishes.

    `floors` tell what servers were seen to hold.
    """

    policy: Policy
    settings: NamespaceSettings
    headroom: Headroom
    overrides: PodOverrides
    floors: Floors
