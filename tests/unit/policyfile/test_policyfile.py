import re
from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path

import pytest

from webhook.domain.images.catalog import FAMILIES
from webhook.domain.policy.profile import MEBIBYTE, Headroom, Profile
from webhook.domain.policy.settings import (
    AnnotationBounds,
    EvictionPolicy,
    ExplicitCeiling,
    ImageFamily,
    Images,
    Mode,
    NamespaceSettings,
    NoLimit,
    Policy,
    ProfileChoice,
    Rule,
    Snapshots,
    Unenforceable,
)
from webhook.policyfile import BUILT_IN, PolicyFileError, load_policy, parse_policy

EXAMPLE = Path(__file__).parents[3] / "docs" / "policy.example.yaml"
EVICTION_POLICIES = ", ".join(EvictionPolicy)
TOP_LEVEL = (
    "mode, evictionPolicy, durableEvictionPolicy, profile, noLimit, unenforceable, "
    "explicitCeiling, snapshots, headroom, annotations, images, rules"
)


def problems_of(text: str) -> tuple[str, ...]:
    with pytest.raises(PolicyFileError) as raised:
        parse_policy(text, "policy.yaml")
    return raised.value.problems


@pytest.mark.parametrize(
    ("text", "top", "rule"),
    [
        ("", EvictionPolicy.VOLATILE_LRU, None),
        ("evictionPolicy: noeviction\n", EvictionPolicy.NOEVICTION, None),
        ("evictionPolicy: allkeys-lfu\n", EvictionPolicy.VOLATILE_LRU, None),
        (
            "evictionPolicy: noeviction\ndurableEvictionPolicy: allkeys-lru\n",
            EvictionPolicy.ALLKEYS_LRU,
            None,
        ),
        (
            "rules: [{namespaces: [a], evictionPolicy: noeviction}]\n",
            EvictionPolicy.VOLATILE_LRU,
            EvictionPolicy.NOEVICTION,
        ),
        (
            "rules: [{namespaces: [a], evictionPolicy: allkeys-lfu}]\n",
            EvictionPolicy.VOLATILE_LRU,
            None,
        ),
    ],
)
def test_noeviction_holds_for_durable_data_too(
    text: str, top: EvictionPolicy, rule: EvictionPolicy | None
):
    policy = parse_policy(text, "policy.yaml")

    assert policy.defaults.durable_eviction_policy is top
    assert [each.durable_eviction_policy for each in policy.rules] in ([], [rule])


@pytest.mark.parametrize(
    "text",
    [
        "rules: [{labels: {a: b}, profile: cache}, {namespaces: ['*'], mode: audit}]",
        "rules: [{namespaces: ['*'], mode: audit}, {labels: {a: b}, profile: cache}]",
        "rules: [{labels: {a: b, c: d}}, {labels: {a: b}}]",
        "rules: [{labels: {a: ''}}, {labels: {x.io/a: b_c.d}}]",
    ],
)
def test_rules_by_labels_and_by_namespaces_hide_none_of_each_other(text: str):
    assert len(parse_policy(text, "policy.yaml").rules) == 2


def test_the_headroom_of_a_rule_says_what_differs():
    policy = parse_policy(
        """
        headroom: {explicitShare: 70%, cache: {base: 20Mi}}
        rules:
          - namespaces: [a]
            headroom: {cache: {share: 50%}, persistent: {base: 8Mi}}
          - namespaces: [b]
            headroom: {explicitShare: 60%}
          - namespaces: [c]
        """,
        "policy.yaml",
    )

    cache = Profile(base=20 * MEBIBYTE)
    assert [rule.headroom for rule in policy.rules] == [
        Headroom(
            explicit_share=Fraction(7, 10),
            cache=replace(cache, share=Fraction(1, 2)),
            persistent=Profile(base=8 * MEBIBYTE, share=Fraction(1, 2)),
        ),
        Headroom(explicit_share=Fraction(6, 10), cache=cache),
        None,
    ]


def test_the_example_writes_out_the_built_in_policy():
    assert load_policy(EXAMPLE).policy == Policy()


SECTIONS = (NamespaceSettings, Headroom, Profile, AnnotationBounds, Images)
NAMES = sorted({field.name for section in SECTIONS for field in fields(section)})


@pytest.mark.parametrize("name", NAMES)
def test_the_example_names_every_setting(name: str):
    head, *tail = name.split("_")
    key = head + "".join(part.capitalize() for part in tail)

    assert re.search(rf"^ *{key}:", EXAMPLE.read_text(), re.MULTILINE)


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "{}", "null", "rules:\nimages:\n"])
def test_an_empty_file_is_the_built_in_policy(text: str):
    assert parse_policy(text, "policy.yaml") == Policy()


def test_every_setting_reaches_its_field():
    policy = parse_policy(
        """
        mode: audit
        evictionPolicy: volatile-ttl
        durableEvictionPolicy: volatile-lfu
        profile: persistent
        noLimit: warn
        unenforceable: deny
        explicitCeiling: respect
        snapshots: keep
        headroom:
          cache: {base: 8Mi, ofLimit: 12.5%, share: 90%}
          persistent: {base: 24Mi, ofLimit: 0.000001%, share: 33.3%}
          explicitShare: 100%
          minimumLimit: 48Mi
          smallLimit: 100000000
        annotations:
          evictionPolicies: [noeviction]
          headroomMinimum: 20%
          headroomMaximum: 20%
          snapshots: false
          exempt: true
        images:
          add: [{repository: "host:5000/a/*", family: valkey}]
          drop: ["*/tools/redis"]
          mirrors: ["registry.example.com/hub"]
        rules:
          - namespaces: [a, "b-*"]
            mode: enforce
            exempt: false
            evictionPolicy: noeviction
            durableEvictionPolicy: volatile-random
            profile: cache
            noLimit: deny
            unenforceable: warn
            explicitCeiling: deny
            snapshots: auto
        """,
        "policy.yaml",
    )

    assert policy == Policy(
        defaults=NamespaceSettings(
            mode=Mode.AUDIT,
            eviction_policy=EvictionPolicy.VOLATILE_TTL,
            durable_eviction_policy=EvictionPolicy.VOLATILE_LFU,
            profile=ProfileChoice.PERSISTENT,
            no_limit=NoLimit.WARN,
            unenforceable=Unenforceable.DENY,
            explicit_ceiling=ExplicitCeiling.RESPECT,
            snapshots=Snapshots.KEEP,
        ),
        headroom=Headroom(
            cache=Profile(base=8 * MEBIBYTE, of_limit=Fraction(1, 8), share=Fraction(9, 10)),
            persistent=Profile(
                base=24 * MEBIBYTE, of_limit=Fraction(1, 100_000_000), share=Fraction(333, 1000)
            ),
            explicit_share=Fraction(1),
            minimum_limit=48 * MEBIBYTE,
            small_limit=100_000_000,
        ),
        annotations=AnnotationBounds(
            eviction_policies=(EvictionPolicy.NOEVICTION,),
            headroom_minimum=Fraction(1, 5),
            headroom_maximum=Fraction(1, 5),
            snapshots=False,
            exempt=True,
        ),
        images=Images(
            add=(ImageFamily(repository="host:5000/a/*", family="valkey"),),
            drop=("*/tools/redis",),
            mirrors=("registry.example.com/hub",),
        ),
        rules=(
            Rule(
                namespaces=("a", "b-*"),
                mode=Mode.ENFORCE,
                exempt=False,
                eviction_policy=EvictionPolicy.NOEVICTION,
                durable_eviction_policy=EvictionPolicy.VOLATILE_RANDOM,
                profile=ProfileChoice.CACHE,
                no_limit=NoLimit.DENY,
                unenforceable=Unenforceable.WARN,
                explicit_ceiling=ExplicitCeiling.DENY,
                snapshots=Snapshots.AUTO,
            ),
        ),
    )


def test_a_profile_given_in_part_keeps_its_own_defaults():
    policy = parse_policy("headroom: {persistent: {base: 8Mi}}", "policy.yaml")

    expected = replace(Headroom().persistent, base=8 * MEBIBYTE)
    assert policy == Policy(headroom=Headroom(persistent=expected))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- mode", "must be a mapping, not a list"),
        ("audit", "must be a mapping, not 'audit'"),
        ("mode: lru", "mode: must be one of enforce, audit, not 'lru'"),
        ("mode: off", "mode: must be one of enforce, audit, not false"),
        ("mode: [audit]", "mode: must be one of enforce, audit, not a list"),
        (f"mode: {'x' * 61}", f"mode: must be one of enforce, audit, not '{'x' * 57}...'"),
        ("Mode: audit", "Mode: no such setting; did you mean 'mode'?"),
        ("eviction_policy: x", "eviction_policy: no such setting; did you mean 'evictionPolicy'?"),
        ("defaults: {}", f"defaults: no such setting; there are {TOP_LEVEL}"),
        ("exempt: true", "exempt: no such setting; only a rule can exempt, for its namespaces"),
        ('"a\\eb": 1', f"'a\\x1bb': no such setting; there are {TOP_LEVEL}"),
        (
            "rules: [{namespaces: [a]}, {namespaces: [b], evictionPolicy: lru}]",
            f"rules[1].evictionPolicy: must be one of {EVICTION_POLICIES}, not 'lru'",
        ),
        ("rules: {}", "rules: must be a list, not a mapping"),
        ("rules: [3]", "rules[0]: must be a mapping, not 3"),
        (
            "rules: [{mode: audit}]",
            "rules[0].namespaces: must name at least one namespace or glob",
        ),
        ("rules: [{namespaces: dev}]", "rules[0].namespaces: must be a list, not 'dev'"),
        ("rules: [{namespaces: [7]}]", "rules[0].namespaces[0]: must be a string, not 7"),
        ("rules: [{namespaces: ['']}]", "rules[0].namespaces[0]: must be a string, not ''"),
        ("rules: [{namespaces: [null]}]", "rules[0].namespaces[0]: must be a string, not null"),
        (
            "rules: [{namespaces: [a], exempt: 'yes'}]",
            "rules[0].exempt: must be true or false, not 'yes'",
        ),
        (
            "rules: [{namespaces: [a], annotations: {}}]",
            "rules[0].annotations: no such setting; there are namespaces, labels, mode, "
            "exempt, evictionPolicy, durableEvictionPolicy, profile, noLimit, unenforceable, "
            "explicitCeiling, snapshots, headroom",
        ),
        (
            "rules: [{namespaces: []}]",
            "rules[0].namespaces: must name at least one namespace or glob",
        ),
        (
            "rules: [{namespaces: [Dev_1]}]",
            "rules[0].namespaces[0]: can match no namespace: 'Dev_1'",
        ),
        (
            "rules: [{namespaces: ['*']}, {namespaces: [a]}]",
            "rules[1]: is never reached: rules[0] takes 'a'",
        ),
        (
            "rules: [{namespaces: ['a-*']}, {namespaces: [b]}, {namespaces: ['a-x*', b]}]",
            "rules[2]: is never reached: rules[0] takes 'a-x*', rules[1] takes 'b'",
        ),
        *(
            (
                f"rules: [{{labels: {{app: x}}, {key}: {value}}}]",
                f"rules[0].{key}: a rule with labels may set durableEvictionPolicy, "
                "evictionPolicy, headroom, profile only, for whoever creates a Pod chooses its "
                "labels",
            )
            for key, value in (
                ("mode", "audit"),
                ("exempt", "true"),
                ("exempt", "false"),
                ("noLimit", "warn"),
                ("unenforceable", "warn"),
                ("explicitCeiling", "respect"),
                ("snapshots", "keep"),
            )
        ),
        ("rules: [{labels: 3}]", "rules[0].labels: must be a mapping, not 3"),
        ("rules: [{labels: {a: 3}}]", "rules[0].labels: 'a' must be a string, not 3"),
        ("rules: [{labels: {a b: c}}]", "rules[0].labels: can match no Pod: 'a b': 'c'"),
        ("rules: [{labels: {a: b c}}]", "rules[0].labels: can match no Pod: 'a': 'b c'"),
        (
            "rules: [{labels: {a: b}}, {namespaces: [x], labels: {a: b, c: d}}]",
            "rules[1]: is never reached: rules[0] takes 'x'",
        ),
        (
            "rules: [{labels: {a: b}}, {labels: {a: b}}]",
            "rules[1]: is never reached: rules[0] takes '*'",
        ),
        (
            "rules: [{namespaces: [a], headroom: {cache: {base: 28Mi}}}]",
            "rules[0].headroom.cache: leaves nothing at minimumLimit: "
            "(32Mi - 28Mi - 18.75% of 32Mi) x 100% = -2Mi",
        ),
        ("rules: [{namespaces: [a], headroom: 3}]", "rules[0].headroom: must be a mapping, not 3"),
        ("headroom: 3", "headroom: must be a mapping, not 3"),
        (
            "headroom: {explicitShare: 0.85}",
            "headroom.explicitShare: must be a percentage from 0% to 100%, like 18.75%, not 0.85",
        ),
        (
            "headroom: {explicitShare: 100.000001%}",
            "headroom.explicitShare: must be a percentage from 0% to 100%, like 18.75%, "
            "not '100.000001%'",
        ),
        ("headroom: {explicitShare: 0%}", "headroom.explicitShare: must be above 0%"),
        (
            "headroom: {cache: {base: 16MB}}",
            "headroom.cache.base: not a quantity: '16MB' (did you mean 16M or 16Mi?)",
        ),
        ("headroom: {cache: {base: true}}", "headroom.cache.base: not a quantity: True"),
        ("headroom: {persistent: {share: 0%}}", "headroom.persistent.share: must be above 0%"),
        ("headroom: {minimumLimit: 0}", "headroom.minimumLimit: must be above 0"),
        (
            "headroom: {cache: {base: 26Mi}}",
            "headroom.cache: leaves nothing at minimumLimit: "
            "(32Mi - 26Mi - 18.75% of 32Mi) x 100% = 0",
        ),
        (
            "headroom: {cache: {base: 28Mi}}",
            "headroom.cache: leaves nothing at minimumLimit: "
            "(32Mi - 28Mi - 18.75% of 32Mi) x 100% = -2Mi",
        ),
        (
            "headroom: {cache: {base: 0, ofLimit: 0%}}",
            "headroom.cache: leaves no headroom: base and ofLimit are 0, and share is 100%",
        ),
        (
            "annotations: {headroomMinimum: 40%, headroomMaximum: 30.5%}",
            "annotations.headroomMinimum: must not be above headroomMaximum: 40% > 30.5%",
        ),
        ("annotations: {headroomMinimum: 0%}", "annotations.headroomMinimum: must be above 0%"),
        ("annotations: {headroomMaximum: 100%}", "annotations.headroomMaximum: must be below 100%"),
        (
            "images: {add: [{repository: a/b, family: reddis}]}",
            f"images.add[0].family: must be one of {', '.join(FAMILIES)}, not 'reddis'",
        ),
        ("images: {add: [{repository: a/b}]}", "images.add[0].family: must be given"),
        (
            "images: {add: [{repository: 'a/b:7', family: redis}]}",
            "images.add[0].repository: must be a repository without tag or digest, not 'a/b:7'",
        ),
        (
            "images: {drop: [redis]}",
            "images.drop[0]: must start with the registry, like 'docker.io/library/redis' "
            "or '*/redis'",
        ),
        ("images: {drop: ['a b/c']}", "images.drop[0]: can match no image: 'a b/c'"),
        *(
            (
                f"images: {{mirrors: ['{mirror}']}}",
                "images.mirrors[0]: must be a registry, with or without a path, like "
                f"'registry.example.com/hub', not '{mirror}'",
            )
            for mirror in ("hub", "hub/redis", "*.example.com", "registry.example.com/", "A.b/c")
        ),
        ("mode: audit\nmode: audit\n", "line 2: 'mode' is given twice"),
        ("mode: [", "line 2: did not find expected node content"),
        ("mode: audit\n---\nmode: audit\n", "line 2: but found another document"),
        ("a: &a [*a]", "line 1: an alias stands inside its own anchor"),
    ],
)
def test_a_problem_is_told_with_its_path(text: str, problem: str):
    assert problems_of(text) == (problem,)


@pytest.mark.parametrize(
    "text",
    [
        "headroom: {cache: {base: 26214399}}",  # leaves one byte at 32Mi
        "headroom: {cache: {base: 0, ofLimit: 0.000001%}}",
        "headroom: {cache: {base: 1, ofLimit: 0%}}",
        "headroom: {explicitShare: 0.000001%}",
        "annotations: {headroomMinimum: 30%, headroomMaximum: 30%}",
        "annotations: {evictionPolicies: []}",
        "rules: [{namespaces: ['a-*']}, {namespaces: ['a*']}]",
        "rules: [{namespaces: ['?']}, {namespaces: ['*']}]",
        "rules: [{namespaces: ['?*']}, {namespaces: ['[ab]']}]",
        "rules: [{namespaces: [a]}, {namespaces: [a, b]}]",
        "images: {drop: ['host:5000/redis', '*redis']}",
        "images: {mirrors: ['localhost', 'host:5000', 'registry.example.com/a/b_c']}",
    ],
)
def test_just_inside_the_bounds_is_no_problem(text: str):
    assert parse_policy(text, "policy.yaml") != Policy()


def test_all_problems_are_told_at_once():
    with pytest.raises(PolicyFileError) as raised:
        parse_policy("mode: x\nmode: x\nsnapshot: auto\nrules: [{}, 1]\n", "policy.yaml")

    assert str(raised.value) == (
        "policy.yaml: line 2: 'mode' is given twice\n"
        "policy.yaml: mode: must be one of enforce, audit, not 'x'\n"
        "policy.yaml: rules[1]: must be a mapping, not 1\n"
        "policy.yaml: snapshot: no such setting; did you mean 'snapshots'?"
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"mode: \xff", "is not UTF-8 at byte 6"),
        (b"#" * (1024 * 1024 + 1), "is over 1 MiB, more than a ConfigMap holds"),
    ],
)
def test_a_file_that_is_no_text_is_a_problem(tmp_path: Path, content: bytes, problem: str):
    path = tmp_path / "policy.yaml"
    path.write_bytes(content)

    with pytest.raises(PolicyFileError) as raised:
        load_policy(path)

    assert str(raised.value) == f"{path}: {problem}"


def test_a_file_of_one_mebibyte_with_a_byte_order_mark_is_read(tmp_path: Path):
    path = tmp_path / "policy.yaml"
    path.write_bytes(b"\xef\xbb\xbfmode: audit\n".ljust(1024 * 1024, b"#"))

    loaded = load_policy(path)

    assert loaded.policy == Policy(defaults=NamespaceSettings(mode=Mode.AUDIT))


def test_a_policy_is_known_by_the_digest_of_its_file(tmp_path: Path):
    path, empty = tmp_path / "policy.yaml", tmp_path / "empty.yaml"
    path.write_bytes(b"mode: audit\n")
    empty.write_bytes(b"")

    # as sha256sum says it of the same file
    assert load_policy(path).sha256 == (
        "e1c9ef096ce9ddb23112951dd4d264c40196bb3ce21c9eb8a1565c71a243f313"
    )
    assert load_policy(empty) == BUILT_IN


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path):
    with pytest.raises(PolicyFileError) as raised:
        load_policy(tmp_path / "absent.yaml")

    assert raised.value.problems == ("cannot be read: No such file or directory",)
