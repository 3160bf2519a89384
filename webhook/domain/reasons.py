"""The closed list of reasons: codes for metrics, each with a sentence and a remedy for people.

docs/reasons.md lists them all; a test keeps that page complete.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why an outcome is what it is, or why a warning is given."""

    # verdicts
    CEILING_INJECTED = "ceiling-injected"
    CEILING_LOWERED = "ceiling-lowered"
    CEILING_RESPECTED = "ceiling-respected"
    NO_MEMORY_LIMIT = "no-memory-limit"
    CEILING_TOO_HIGH = "ceiling-too-high"
    CEILING_UNDONE = "ceiling-undone"
    LIMIT_TOO_SMALL = "limit-too-small"
    IMAGE_IGNORES_OPTIONS = "image-ignores-options"
    UNKNOWN_IMAGE = "unknown-image"
    UNREADABLE_SCRIPT = "unreadable-script"
    UNREADABLE_SHELL_TEXT = "unreadable-shell-text"
    CONFIG_FROM_STDIN = "config-from-stdin"
    OPTION_WAITS_FOR_VALUE = "option-waits-for-value"
    JOINED_OPTION = "joined-option"
    OPTIONS_VARIABLE_HIDDEN = "options-variable-hidden"
    LAUNCH_UNDECIDABLE = "launch-undecidable"
    TOO_COMPLEX = "too-complex"
    OPERATOR_MANAGED = "operator-managed"
    SIZES_ITSELF = "sizes-itself"
    EXEMPT_BY_RULE = "exempt-by-rule"
    EXEMPT_BY_ANNOTATION = "exempt-by-annotation"
    NOT_REDIS = "not-redis"
    OTHER_PROGRAM = "other-program"
    SENTINEL = "sentinel"
    INIT_CONTAINER = "init-container"
    EPHEMERAL_CONTAINER = "ephemeral-container"
    # warnings
    SNAPSHOTS_TURNED_OFF = "snapshots-turned-off"
    DURABLE_DATA_BOUNDED = "durable-data-bounded"
    DATA_OVER_CEILING = "data-over-ceiling"
    POLICY_HIDDEN = "policy-hidden"
    OPTIONS_HIDDEN = "options-hidden"
    OPTIONS_HINTED = "options-hinted"
    SMALL_LIMIT = "small-limit"
    FORK_OVER_HALF = "fork-over-half"
    POD_LIMIT_SHARED = "pod-limit-shared"
    MEMORY_VOLUME_UNBOUNDED = "memory-volume-unbounded"
    ANNOTATION_REFUSED = "annotation-refused"
    CEILING_HIDDEN = "ceiling-hidden"
    CEILING_UNSAFE = "ceiling-unsafe"
    POLICY_UNSUPPORTED = "policy-unsupported"
    MAYBE_QUEUE = "maybe-queue"
    REPLICA_IGNORES_CEILING = "replica-ignores-ceiling"
    CEILING_SET_LATER = "ceiling-set-later"
    OPTION_ILLEGAL = "option-illegal"
    LIMIT_IN_MILLIBYTES = "limit-in-millibytes"


FIRST_WARNING = Reason.SNAPSHOTS_TURNED_OFF
"""The reasons before it are of verdicts, it and those behind it of warnings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A reason for people: what it means, and what to do about it (empty: nothing needs doing)."""

    sentence: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionWarning:
    """A warning beside the verdict: its reason and one sentence with the values."""

    reason: Reason
    message: str


EXPLANATIONS: Mapping[Reason, Explanation] = {
    Reason.CEILING_INJECTED: Explanation(
        sentence="The server had no memory ceiling; one below its memory limit was injected.",
    ),
    Reason.CEILING_LOWERED: Explanation(
        sentence="The server's ceiling was missing its purpose: it was switched off, or so "
        "close to the memory limit that the kernel would kill the server first. It "
        "was lowered.",
        remedy="Set maxmemory to the value that was injected, or raise the memory limit.",
    ),
    Reason.CEILING_RESPECTED: Explanation(
        sentence="The server has a ceiling of its own, which is left as it is.",
    ),
    Reason.NO_MEMORY_LIMIT: Explanation(
        sentence="The server has no memory limit, so there is nothing to size its ceiling "
        "by: it would grow until the kernel kills it or its neighbours.",
        remedy="Set resources.limits.memory on the container.",
    ),
    Reason.CEILING_TOO_HIGH: Explanation(
        sentence="The server's explicit ceiling is too close to its memory limit, and the "
        "administrator's policy refuses that instead of lowering it.",
        remedy="Lower maxmemory, or raise resources.limits.memory.",
    ),
    Reason.CEILING_UNDONE: Explanation(
        sentence="The change would leave the server without a working ceiling: a later webhook "
        "took it away, the limit shrank below it, or a running Pod's image became a server's.",
        remedy="Create the Pod anew, so that its ceiling is computed anew, or keep the limit.",
    ),
    Reason.LIMIT_TOO_SMALL: Explanation(
        sentence="The memory limit is so small that no sensible ceiling fits below it.",
        remedy="Raise resources.limits.memory to at least 32Mi; 64Mi is the least that "
        "serves well.",
    ),
    Reason.IMAGE_IGNORES_OPTIONS: Explanation(
        sentence="The image's own start script ignores or would be broken by options in args.",
        remedy="Start the server yourself (command: [redis-server, …]), or set maxmemory and"
        " maxmemory-policy in the configuration file that the image reads.",
    ),
    Reason.UNKNOWN_IMAGE: Explanation(
        sentence="The image is not a known one: what it starts, and what it makes of args, "
        "cannot be told.",
        remedy="Name the server in the Pod (command: [redis-server]), or let the administrator "
        "add the image (images.add) or its registry (images.mirrors) to the policy.",
    ),
    Reason.UNREADABLE_SCRIPT: Explanation(
        sentence="The server is started by a script that cannot be read from here, so "
        "options cannot be placed where they would reach it.",
        remedy="Set maxmemory and maxmemory-policy as options of the server in that script, or in "
        "the configuration file that it copies or reads from a ConfigMap.",
    ),
    Reason.UNREADABLE_SHELL_TEXT: Explanation(
        sentence="The shell text that starts the server cannot be edited safely.",
        remedy="Start the server without a shell (command: [redis-server, …]), or set "
        "maxmemory and maxmemory-policy as options of the server in the text.",
    ),
    Reason.CONFIG_FROM_STDIN: Explanation(
        sentence="The server reads its configuration from standard input, after which no "
        "option may stand.",
        remedy="Set maxmemory and maxmemory-policy in what is fed to standard input, or use "
        "a file.",
    ),
    Reason.OPTION_WAITS_FOR_VALUE: Explanation(
        sentence="The last option still waits for its value and would swallow an injected one.",
        remedy="Give the last option its value.",
    ),
    Reason.JOINED_OPTION: Explanation(
        sentence="An option stands in one element with its value, and this release of Redis takes "
        "whatever stands behind it for a further value and refuses to start.",
        remedy="Write the option and its value as two elements, or use Redis 7.0.3 or later.",
    ),
    Reason.OPTIONS_VARIABLE_HIDDEN: Explanation(
        sentence="The image takes its options from an environment variable that a Secret or "
        "an unreadable ConfigMap may set; overriding it could lose options.",
        remedy="Set that variable as a literal value in the container's env.",
    ),
    Reason.LAUNCH_UNDECIDABLE: Explanation(
        sentence="How the server is started cannot be told from the Pod.",
        remedy="Start the server directly (command: [redis-server, …]), or set maxmemory and"
        " maxmemory-policy in its configuration file.",
    ),
    Reason.TOO_COMPLEX: Explanation(
        sentence="Telling how this server starts would take more work than one Pod may cause; the "
        "bound is named in the message. A Pod that is too large to be read is refused.",
        remedy="Start the server plainly (command: [redis-server, …]), with fewer variables, "
        "files and scripts around it.",
    ),
    Reason.OPERATOR_MANAGED: Explanation(
        sentence="The image belongs to an operator that writes the server's configuration itself.",
        remedy="Set maxmemory and maxmemory-policy where the operator takes configuration.",
    ),
    Reason.SIZES_ITSELF: Explanation(
        sentence="The server sizes itself by its memory limit and has other options than Redis.",
    ),
    Reason.EXEMPT_BY_RULE: Explanation(
        sentence="The administrator's policy exempts the namespace.",
    ),
    Reason.EXEMPT_BY_ANNOTATION: Explanation(
        sentence="The Pod is exempt by its annotation, which the administrator's policy allows.",
    ),
    Reason.NOT_REDIS: Explanation(
        sentence="No Redis server.",
    ),
    Reason.OTHER_PROGRAM: Explanation(
        sentence="The image can run a Redis server, but this container runs another program.",
    ),
    Reason.SENTINEL: Explanation(
        sentence="A Sentinel watches servers and holds no data; a ceiling would be useless there.",
    ),
    Reason.INIT_CONTAINER: Explanation(
        sentence="A plain init container ends before the Pod runs.",
    ),
    Reason.EPHEMERAL_CONTAINER: Explanation(
        sentence="An ephemeral container is for debugging and can carry no resources.",
    ),
    Reason.SNAPSHOTS_TURNED_OFF: Explanation(
        sentence="Snapshots were on by default, but no volume could ever bring them back: "
        "they would only cost a fork that doubles the memory. They were turned off.",
        remedy="Mount a volume at the data directory, or keep them with the annotation "
        "redis-memory-guard.dev/snapshots: keep.",
    ),
    Reason.DURABLE_DATA_BOUNDED: Explanation(
        sentence="The server's data outlives its Pod and has a ceiling from now on. Nothing that "
        "lasts is evicted by our choice: beyond the ceiling writes fail.",
        remedy="Raise resources.limits.memory so that the ceiling holds the data, or choose by "
        "the annotation redis-memory-guard.dev/eviction-policy what is evicted.",
    ),
    Reason.DATA_OVER_CEILING: Explanation(
        sentence="The server's data outlives its Pod, and the audit in the cluster saw it hold "
        "more than its ceiling would be. It gets a ceiling that holds the data, as far as the "
        "memory limit allows, so that it takes writes as before; a fork may not fit.",
        remedy="Raise resources.limits.memory to what the warning says.",
    ),
    Reason.POLICY_HIDDEN: Explanation(
        sentence="The server may have an eviction policy where it cannot be seen, such as "
        "noeviction for a queue, so none was injected.",
        remedy="Say it where it can be seen: --maxmemory-policy in args, or the annotation "
        "redis-memory-guard.dev/eviction-policy.",
    ),
    Reason.OPTIONS_HIDDEN: Explanation(
        sentence="Some of the server's options cannot be seen from the Pod, so the headroom "
        "holds a fork.",
        remedy="Give the configuration in a ConfigMap that can be read, or in args.",
    ),
    Reason.OPTIONS_HINTED: Explanation(
        sentence="The server's configuration cannot be seen, but the Pod holds what it seems to be "
        "made of, such as a ConfigMap that an init container copies: its maxmemory is not raised, "
        "its eviction policy and save points count as seen.",
        remedy="Mount the ConfigMap where the server reads it, or say maxmemory in args.",
    ),
    Reason.SMALL_LIMIT: Explanation(
        sentence="With so small a memory limit little of it is left for data.",
        remedy="Raise resources.limits.memory.",
    ),
    Reason.FORK_OVER_HALF: Explanation(
        sentence="The server takes snapshots or rewrites its AOF, and its explicit ceiling "
        "is over half of the limit: measured, a fork under writes needs up to twice"
        " maxmemory.",
        remedy="Lower maxmemory to the persistent profile's value, or raise the memory limit.",
    ),
    Reason.POD_LIMIT_SHARED: Explanation(
        sentence="The Pod's memory limit also holds for the other containers, which could take "
        "a part that the server counts on.",
        remedy="Set resources.limits.memory on every container, together within the Pod's limit.",
    ),
    Reason.MEMORY_VOLUME_UNBOUNDED: Explanation(
        sentence="A volume in memory counts against the limit and has no sizeLimit.",
        remedy="Set emptyDir.sizeLimit on the volume.",
    ),
    Reason.ANNOTATION_REFUSED: Explanation(
        sentence="An annotation asks for what the administrator's policy does not allow, or "
        "cannot be read.",
        remedy="Correct the annotation, or ask the cluster's administrator to allow it.",
    ),
    Reason.CEILING_HIDDEN: Explanation(
        sentence="The server's own ceiling is set from a value that cannot be seen; the "
        "computed one overrides it, and may be higher.",
        remedy="Give maxmemory as a literal value.",
    ),
    Reason.CEILING_UNSAFE: Explanation(
        sentence="The server's own ceiling does not protect it, and the administrator's policy "
        "leaves explicit ceilings as they are.",
        remedy="Lower maxmemory, or raise resources.limits.memory.",
    ),
    Reason.POLICY_UNSUPPORTED: Explanation(
        sentence="The server's version may not know the chosen eviction policy and would then "
        "refuse to start; its LRU sibling was used.",
        remedy="Choose an eviction policy that the server knows.",
    ),
    Reason.MAYBE_QUEUE: Explanation(
        sentence="A name, label, image or variable of the Pod says that the server may be a queue, "
        "whose jobs an eviction policy could drop. It decides nothing.",
        remedy="If it is a queue, annotate the Pod with redis-memory-guard.dev/eviction-policy: "
        "noeviction, or let the administrator write a rule for it.",
    ),
    Reason.REPLICA_IGNORES_CEILING: Explanation(
        sentence="A replica leaves evicting to its master and ignores its own maxmemory until it "
        "is promoted, so that its memory limit must hold what its master may hold.",
        remedy="Give it the memory limit of its master, or set replica-ignore-maxmemory no.",
    ),
    Reason.CEILING_SET_LATER: Explanation(
        sentence="A hook, the launch itself or another container sets maxmemory on the running "
        "server, where no admission can follow.",
        remedy="Set maxmemory in the server's own options instead.",
    ),
    Reason.OPTION_ILLEGAL: Explanation(
        sentence="The server refuses to start on one of its own options.",
        remedy="Correct the line that the warning quotes.",
    ),
    Reason.LIMIT_IN_MILLIBYTES: Explanation(
        sentence="The memory limit ends in m, which is a thousandth of a byte.",
        remedy="Write the unit as Mi or M.",
    ),
}
