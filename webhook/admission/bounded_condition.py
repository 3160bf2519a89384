"""The part of a match condition that tells a Pod whose servers are provably bounded.

Such a Pod needs no call of the validating webhook: the API server sees for itself that every server
in it ends its args in a ceiling that fits its memory limit. It is sound and not complete: what it
lets go `/validate` would allow (a property test holds that, with the API server's own CEL library);
what it does not recognise is asked about as before.

| launch | is provable |
|---|---|
| the official image, args that begin with the program, an option or a `.conf` file | yes |
| any image, `command: [redis-server]` | yes |
| options in front of ours, a configuration file, our options behind them | yes |
| a shell text, an environment variable, a wrapper, another image's own start script | no |
| Pod-level resources, a volume in memory, VALKEY_EXTRA_FLAGS | no |
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from webhook.domain.images.catalog import SERVER_PROGRAMS

_LIMIT = "c.resources.limits['memory']"
_MOST_CONTAINERS = 16
_MOST_WORDS = 64
_LONGEST_SMALL_WORD = 256
_MOST_VOLUMES = 64
_MOST_VARIABLES = 64
_MOST_DECIMALS = 3
_LONGEST_WORD = 512
"""Characters of an element that is looked into; a longer one is asked about."""

_OFFICIAL = (
    r"^((docker\.io|index\.docker\.io|registry-1\.docker\.io)/)?"
    r"((library/)?redis|valkey/valkey)(:[^/@]*)?(@.*)?$"
)
"""Images whose entrypoint hands args on to the server, by their registry's full name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`headroom.explicitShare` in whole numbers, which Helm and CEL can both write.

    A template puts placeholders there.
    """

    numerator: str
    denominator: str


def whole_share(share: Fraction) -> Share | None:
    """Write a share by the digits of its percentage: 82.5% is 825 of 1000.

    None for one with more than three decimals: its products could leave CEL's 64 bits.
    """
    for decimals in range(_MOST_DECIMALS + 1):
        scaled = share * 100 * 10**decimals
        if scaled.denominator == 1:
            return Share(numerator=str(scaled.numerator), denominator=f"100{'0' * decimals}")
    return None


def bounded_pod(may_run: str, share: Share, *, template: str = "object.spec") -> str:
    """Write the expression for the Pod spec at `template`.

    `may_run` is the expression that tells of a container `c` whether it may run a server.
    """
    bounded = f"({_is_small()} && ({_bounded_container(share)} || !{may_run}))"
    return " && ".join(
        (
            f"!has({template}.resources)",
            _no_volume_in_memory(template),
            f"size({template}.containers) <= {_MOST_CONTAINERS}",
            f"{template}.containers.all(c, {bounded})",
            f"(!has({template}.initContainers)"
            f" || (size({template}.initContainers) <= {_MOST_CONTAINERS}"
            f" && {template}.initContainers.all(c, {bounded})))",
        )
    )


def _bounded_container(share: Share) -> str:
    """Look at args by index from their end: iterating over many is quadratic in the API server."""
    return _all(
        "has(c.args) && size(c.args) >= 2",
        _starts_server(),
        _no_variable_appends(),
        "has(c.resources) && has(c.resources.limits) && 'memory' in c.resources.limits",
        _ends_in_ceiling(share),
    )


def _is_small() -> str:
    """Tell a container of few and short words: joining them anew is then within the budget."""
    return _all(
        *(
            f"(!has(c.{field}) || (size(c.{field}) <= {_MOST_WORDS}"
            f" && c.{field}.all(w, size(w) <= {_LONGEST_SMALL_WORD})))"
            for field in ("command", "args")
        )
    )


def _starts_server() -> str:
    programs = _strings(sorted(SERVER_PROGRAMS))
    first = "c.args[0]"
    handed_on = (
        f"({first} in {programs} || {first}.startsWith('-')"
        f" || (size({first}) <= {_LONGEST_WORD} && {first}.endsWith('.conf')))"
    )
    by_image = (
        f"has(c.image) && size(c.image) <= {_LONGEST_WORD}"
        f" && c.image.matches(r'{_OFFICIAL}') && {handed_on}"
    )
    by_command = f"size(c.command) == 1 && c.command[0] in {programs}"
    return f"(has(c.command) && size(c.command) > 0 ? {by_command} : {by_image})"


def _no_variable_appends() -> str:
    """Valkey's entrypoint puts the words of VALKEY_EXTRA_FLAGS behind args, where they win."""
    return (
        f"!has(c.envFrom) && (!has(c.env) || (size(c.env) <= {_MOST_VARIABLES}"
        " && !c.env.exists(v, v.name.endsWith('_EXTRA_FLAGS'))))"
    )


def _ends_in_ceiling(share: Share) -> str:
    """Step back over `--save ""` and over `--maxmemory-policy P`, each of which may follow."""
    save = "c.args[size(c.args) - 2] == '--save' && c.args[size(c.args) - 1] == ''"
    policy = f"c.args[p - 2] == '--maxmemory-policy' && {_short('c.args[p - 1]', '[a-z-]{1,32}')}"
    after_save = f"[size(c.args) >= 4 && {save} ? size(c.args) - 2 : size(c.args)]"
    after_policy = f"[p >= 4 && {policy} ? p - 2 : p]"
    return f"{after_save}.exists(p, {after_policy}.exists(m, {_ceiling(share)}))"


def _ceiling(share: Share) -> str:
    """`m` is how many args there are up to the ceiling's own value."""
    amount = f"int(c.args[m - 1]) * {share.denominator}"
    before = f"size(c.args[m - 3]) <= {_LONGEST_WORD}"
    takes_ours = "c.args[m - 3].startsWith('-') || c.args[m - 3].contains('$')"
    return _all(
        "m >= 2 && c.args[m - 2] == '--maxmemory'",
        _short("c.args[m - 1]", "[1-9][0-9]{0,12}"),
        f"(m == 2 || ({before} && !({takes_ours})))",
        f"isQuantity({_LIMIT}) && quantity({_LIMIT}).isInteger()",
        f"quantity({_LIMIT}).isLessThan(quantity('8Ti'))",
        f"{amount} <= quantity({_LIMIT}).asInteger() * {share.numerator}",
    )


def _no_volume_in_memory(template: str) -> str:
    in_memory = "has(v.emptyDir) && has(v.emptyDir.medium) && v.emptyDir.medium != ''"
    return (
        f"(!has({template}.volumes) || (size({template}.volumes) <= {_MOST_VOLUMES}"
        f" && !{template}.volumes.exists(v, {in_memory})))"
    )


def _short(element: str, pattern: str) -> str:
    return f"size({element}) <= 32 && {element}.matches('^{pattern}$')"


def _all(*conditions: str) -> str:
    return " && ".join(conditions)


def _strings(words: Sequence[str]) -> str:
    return f"[{', '.join(repr(word) for word in words)}]"
