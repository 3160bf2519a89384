from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from certs.ca import create_ca
from tests.unit.doctor.installations import (
    AUTHORITY,
    BOUNDED,
    DAY,
    NOW,
    REFUSED,
    a_chain,
    a_hook,
    a_release,
    a_replica,
    an_installation,
)
from webhook.doctor.chain import parse_bundle, parse_chain
from webhook.doctor.check import Check, CheckName, Status
from webhook.doctor.diagnose import diagnose, is_healthy
from webhook.doctor.installation import Component, Endpoints, Installation, Side, Trial, Unread
from webhook.trials.admission import DryRunAnswer

DOCS = Path(__file__).parents[3] / "docs"
FORBIDDEN = Unread(why="the API server answers 403: forbidden")
NO_HOOKS = {"mutating": None, "validating": None}
OPTION = "--namespace=guard"
INSPECT = (
    "kubectl exec deployment/redis-memory-guard-certs --namespace=guard -- "
    "redis-memory-guard-certs inspect"
)


def check(name: CheckName, found: Installation, now: datetime = NOW) -> Check:
    return next(each for each in diagnose(found, now=now) if each.name is name)


def told(name: str, now: datetime = NOW, **fields: object) -> tuple[str, str]:
    """The status and the message of a check of an installation that is otherwise in order."""
    found = check(CheckName(name), an_installation(**fields), now)
    return found.status, found.message


def test_an_installation_in_order_has_every_check_in_order():
    checks = diagnose(an_installation(), now=NOW)

    assert [each.name for each in checks] == list(CheckName)
    assert {each.name: each.status for each in checks if each.status is not Status.OK} == {}
    assert {(each.remedy, each.see) for each in checks} == {("", "")}
    assert is_healthy(checks)


def test_a_warning_or_what_cannot_be_read_is_no_fault():
    unread = ("replicas", "endpoints", "mutating", "validating", "serving_chain", "policy_text")
    others = ("may_read_config_maps", "certificate_process", "audit", "trial")
    found = an_installation(**dict.fromkeys((*unread, *others), FORBIDDEN))

    checks = diagnose(found, now=NOW)

    statuses = {each.status for each in checks[1:]}
    assert (statuses, checks[0].status) == ({Status.UNKNOWN}, Status.OK)
    assert check(CheckName.REPLICAS, found).message == f"not checked: {FORBIDDEN.why}"
    assert is_healthy(checks)


@pytest.mark.parametrize("name", CheckName)
def test_every_check_has_its_heading(name: CheckName):
    _, _, behind = (DOCS / "troubleshooting.md").read_text().partition("\n## What doctor says\n")

    assert f"\n### {name}\n" in behind
    failed = Check(name=name, status=Status.FAILED, message="")
    assert failed.see.endswith(f"/docs/troubleshooting.md#{name}")


@pytest.mark.parametrize(
    ("version", "status"), [("v1.29.9", Status.FAILED), ("v1.30.0", Status.OK), ("", Status.OK)]
)
def test_the_oldest_api_server_is_1_30(version: str, status: Status):
    assert told("api-server", api_server_version=version)[0] == status


def test_versions_that_differ():
    rolling = (a_replica("a"), a_replica("b", version="1.1.0"))

    assert told("versions", replicas=rolling) == (
        "warning",
        "the release is 1.2.0, and there are replicas of 1.1.0",
    )
    assert told("versions", program_version="1.3.0") == (
        "warning",
        "the release is 1.2.0, and this program 1.3.0",
    )


@pytest.mark.parametrize(
    ("replicas", "wanted", "expected"),
    [
        ((), 0, ("failed", "the webhook is scaled to 0")),
        ((), 2, ("failed", "0 of 2 replicas are ready")),
        ((a_replica(is_ready=False),), 1, ("failed", "0 of 1 replicas are ready")),
        (
            (a_replica(), a_replica("b", is_ready=False)),
            2,
            ("warning", "1 of 2 replicas are ready"),
        ),
        (
            (a_replica(), a_replica("b"), a_replica("c", is_ready=False, problem="ErrImagePull")),
            2,
            ("failed", "2 of 2 replicas are ready; c: ErrImagePull"),
        ),
        (
            (a_replica(),),
            1,
            ("warning", "1 of 1 replicas are ready, and Redis waits while it is replaced"),
        ),
    ],
)
def test_replicas(replicas: tuple[object, ...], wanted: int, expected: tuple[str, str]):
    assert told("replicas", replicas=replicas, release=a_release(wanted=wanted)) == expected


def test_one_replica_is_enough_where_nothing_waits_for_it():
    ignoring = a_hook(failure_policy="Ignore")

    found = told(
        "replicas",
        replicas=(a_replica(),),
        release=a_release(wanted=1),
        mutating=(ignoring,),
        validating=(ignoring,),
    )

    assert found == ("ok", "1 of 1 replicas are ready")


def test_a_service_that_leads_nowhere_says_whose_fault_that_is():
    nobody = Endpoints(ready=0, all=0)
    gone = check(CheckName.ENDPOINTS, an_installation(endpoints=nobody, replicas=()))
    lost = check(CheckName.ENDPOINTS, an_installation(endpoints=nobody))

    assert (gone.status, gone.remedy) == ("failed", "Make the replicas ready: see above.")
    assert (lost.status, lost.message, lost.remedy) == (
        "failed",
        "the Service guard/redis-memory-guard leads to none of the ready replicas",
        "The selector of the Service is not the chart's: helm upgrade",
    )


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("hooks", [None, ()])
def test_a_configuration_that_is_not_there(side: Side, hooks: tuple[()] | None):
    kind = f"{side.capitalize()}WebhookConfiguration"

    assert told(f"{side}-configuration", **{str(side): hooks}) == (
        "failed",
        f"the {kind} redis-memory-guard is not there: no Redis is looked at",
    )


def test_a_configuration_that_calls_somebody_else():
    assert told("mutating-configuration", mutating=(a_hook(service="other/guard"),)) == (
        "failed",
        "the MutatingWebhookConfiguration redis-memory-guard calls other/guard, "
        "not guard/redis-memory-guard",
    )


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (22, ("ok", "the certificate for {name} is valid for 8 more days")),
        (23, ("warning", "the certificate for {name} is valid for 7 more days{late}")),
        (30, ("failed", "the certificate expired at 2026-04-03 12:00Z")),
        (-1, ("failed", "the certificate is valid from 2026-03-04 11:00Z on")),
    ],
)
def test_the_certificate_in_its_life(days: int, expected: tuple[str, str]):
    status, message = expected
    name = "redis-memory-guard.guard.svc"

    found = told("certificate", NOW + days * DAY)

    late = ", and its renewal is late"
    assert found == (status, message.format(name=name, late=late))


@pytest.mark.parametrize("chain", [None, b"no PEM"])
def test_no_certificate(chain: bytes | None):
    found = check(CheckName.CERTIFICATE, an_installation(serving_chain=chain))

    assert (found.status, found.message, found.remedy) == (
        "failed",
        "the Secret redis-memory-guard-tls holds no certificate",
        INSPECT,
    )


def test_a_certificate_for_another_name():
    assert told("certificate", serving_chain=a_chain(name="other.guard.svc")) == (
        "failed",
        "the certificate is for other.guard.svc, not redis-memory-guard.guard.svc",
    )


def test_whoever_renews_is_named_in_the_remedy():
    found = an_installation(serving_chain=None, certificate_process=None)

    assert check(CheckName.CERTIFICATE, found).remedy == (
        "Renew it: kubectl describe certificates,secrets --namespace=guard"
    )
    assert check(CheckName.CERTIFICATE_PROCESS, found).message == (
        "none: cert-manager or you renew the certificate"
    )


OTHER = create_ca(lifetime=365 * DAY, now=NOW).certificate.pem


@pytest.mark.parametrize(
    ("bundle", "expected"),
    [
        (b"", ("failed", "no caBundle: mutating.redis-memory-guard.dev")),
        (
            OTHER,
            (
                "failed",
                "the caBundle does not trust the serving certificate: "
                "mutating.redis-memory-guard.dev",
            ),
        ),
        (
            b"no PEM",
            (
                "failed",
                "the caBundle does not trust the serving certificate: "
                "mutating.redis-memory-guard.dev",
            ),
        ),
        (
            OTHER + AUTHORITY.certificate.pem,
            ("ok", "the caBundle of 2 webhooks trusts the certificate"),
        ),
    ],
)
def test_bundles(bundle: bytes, expected: tuple[str, str]):
    assert told("ca-bundle", mutating=(a_hook(bundle=bundle),)) == expected


def test_a_bundle_is_held_against_nothing_where_there_is_no_certificate():
    assert told("ca-bundle", serving_chain=None) == (
        "unknown",
        "not checked: there is no certificate to hold it against",
    )


def test_without_the_process_somebody_else_publishes():
    found = an_installation(mutating=(a_hook(bundle=b""),), certificate_process=None)

    assert check(CheckName.CA_BUNDLE, found).remedy == (
        "Publish the CA: certificates.existing.caBundle, or cert-manager's ca-injector"
    )


def test_a_chain_is_followed_through_what_is_served_behind_the_leaf():
    leaf, root = a_chain(), AUTHORITY.certificate.pem
    bundle = parse_bundle(root)

    assert parse_chain(leaf + root).is_trusted(bundle)
    assert not parse_chain(leaf + root).is_trusted(parse_bundle(OTHER))
    assert parse_chain(root).names == ()


def test_a_certificate_process_that_is_not_ready():
    found = check(
        CheckName.CERTIFICATE_PROCESS,
        an_installation(certificate_process=Component(ready=0, wanted=1)),
    )

    assert (found.status, found.message, found.remedy) == (
        "failed",
        "it is not ready, so nothing is renewed or published",
        f"kubectl logs deployment/redis-memory-guard-certs {OPTION}",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "the ConfigMap guard/redis-memory-guard-policy is not there, or has no policy.yaml"),
        (
            "mode: enforce\nsnapshots: keep\n",
            "the ConfigMap guard/redis-memory-guard-policy is not the policy that was rolled out "
            "to a, b",
        ),
    ],
)
def test_a_policy_that_is_not_the_replicas(text: str | None, message: str):
    assert told("policy", policy_text=text) == ("failed", message)


def test_a_policy_with_a_mistake_names_it():
    status, message = told("policy", policy_text="mode: maybe\n")

    assert status == "failed"
    assert "mode" in message


def test_the_line_end_of_the_policy_does_not_count():
    assert told("policy", policy_text="mode: enforce") == told("policy")
    assert told("policy")[1].endswith("(enforce, 0 rules)")


@pytest.mark.parametrize(
    ("reads", "may", "expected"),
    [
        (True, True, ("ok", "the webhook may read ConfigMaps, by name")),
        (False, False, ("ok", "none is read (configMaps.read: false)")),
        (
            True,
            False,
            (
                "failed",
                "redis-memory-guard may not read ConfigMaps: what they say of a Redis is not "
                "followed",
            ),
        ),
    ],
)
def test_config_maps(reads: bool, may: bool, expected: tuple[str, str]):
    release = a_release(reads_config_maps=reads)

    assert told("config-maps", release=release, may_read_config_maps=may) == expected


@pytest.mark.parametrize(
    ("audit", "expected"),
    [
        (None, ("ok", "off (audit.enabled): nobody looks at what runs already")),
        (Component(ready=1, wanted=1), ("ok", "on, and ready")),
        (
            Component(ready=0, wanted=1),
            ("warning", "it is not ready: its metrics are old, or not there"),
        ),
    ],
)
def test_audit(audit: Component | None, expected: tuple[str, str]):
    assert told("audit", audit=audit) == expected


def test_exempt_namespaces_by_name_and_by_rule():
    policy = "mode: enforce\nrules:\n- {namespaces: [dev-*], exempt: true}\n"

    assert told("exempt-namespaces") == ("ok", "guard, kube-system")
    assert told("exempt-namespaces", policy_text=policy) == (
        "ok",
        "guard, kube-system; by a rule: dev-*",
    )
    assert told("exempt-namespaces", **NO_HOOKS)[0] == "unknown"


NOBODY = DryRunAnswer(
    refusal='the API server answers 500: failed calling webhook "v": no endpoints'
)
BARE = DryRunAnswer(container={"command": ["sh", "-c", "exec redis-server"]})


@pytest.mark.parametrize(
    ("limited", "unlimited", "bounded", "denied"),
    [
        (
            BOUNDED,
            REFUSED,
            ("ok", "a Redis with a memory limit in default gets a ceiling of 419430400 bytes"),
            ("ok", "a Redis without a memory limit in default is refused"),
        ),
        (
            NOBODY,
            NOBODY,
            (
                "failed",
                "a Redis with a memory limit in default: expected it to be admitted; "
                f"the API server said: {NOBODY.refusal}",
            ),
            (
                "failed",
                "a Redis without a memory limit in default: expected it to be refused by "
                f"redis-memory-guard; the API server said: {NOBODY.refusal}",
            ),
        ),
        (
            BARE,
            BARE,
            (
                "failed",
                "a Redis with a memory limit in default: expected --maxmemory below the limit of "
                "536870912 bytes",
            ),
            (
                "failed",
                "a Redis without a memory limit in default: expected it to be refused by "
                "redis-memory-guard",
            ),
        ),
    ],
)
def test_the_two_pods(
    limited: DryRunAnswer,
    unlimited: DryRunAnswer,
    bounded: tuple[str, str],
    denied: tuple[str, str],
):
    trial = Trial(namespace="default", limited=limited, unlimited=unlimited)

    assert told("bounded-pod", trial=trial) == bounded
    assert told("denied-pod", trial=trial) == denied


def test_the_two_pods_in_audit_mode():
    warned = replace(
        BARE,
        warnings=(
            'container "redis" would start with --maxmemory 419430400',
            'container "redis" starts without a working memory ceiling',
            'container "redis" would be refused: it runs a Redis server without a memory limit',
        ),
    )
    trial = Trial(namespace="default", limited=warned, unlimited=warned)

    for name in ("bounded-pod", "denied-pod"):
        status, message = told(name, trial=trial, policy_text="mode: audit\n")
        assert (status, message.endswith("is admitted, with a warning")) == ("ok", True)


def test_the_pods_are_not_checked_where_they_say_nothing():
    exempt = Trial(namespace="guard", limited=BARE, unlimited=BARE)
    refusal = 'pods is forbidden: User "u" cannot create resource "pods" in the namespace "default"'
    may_not = DryRunAnswer(refusal=refusal)
    forbidden = Trial(namespace="default", limited=may_not, unlimited=may_not)
    rule = "mode: enforce\nrules:\n- {namespaces: [default], exempt: true}\n"

    assert told("bounded-pod", trial=exempt) == (
        "unknown",
        "not checked: the namespace guard is exempt: --trial-namespace",
    )
    assert told("bounded-pod", policy_text=rule)[0] == "unknown"
    assert told("denied-pod", trial=forbidden) == ("unknown", f"not checked: {refusal}")
    assert told("denied-pod", policy_text="mode: maybe\n")[0] == "unknown"
