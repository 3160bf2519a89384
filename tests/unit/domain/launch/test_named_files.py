"""The files that a command line names are looked at within the evaluation's budget."""

from tests.harness.builders import a_config_map, a_container, a_mount, a_pod
from webhook.domain.kubernetes.budget import LIMITS, Budget, Work
from webhook.domain.kubernetes.config_maps import Files
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.launch.named_files import named_files

POD = parse_pod(
    a_pod(
        a_container(
            command=["sh", "-c", "/scripts/a.sh; exec /scripts/b.sh", "/elsewhere"],
            volumeMounts=[a_mount("/scripts", "settings")],
        ),
        volumes=[a_config_map()],
    )
)
TEXTS = {"settings": {"b.sh": "second", "c.sh": "third"}}


def test_they_are_found_within_a_text():
    assert list(named_files(POD.containers[0], Files(POD, TEXTS, Budget()))) == ["second"]


def test_none_is_where_a_quarter_of_the_budget_is_used_up():
    budget = Budget()
    budget.spend(Work.LOOKUPS, LIMITS[Work.LOOKUPS] // 4 + 1)

    assert list(named_files(POD.containers[0], Files(POD, TEXTS, budget))) == []


def test_a_container_without_such_a_volume_has_none():
    pod = parse_pod(a_pod(a_container(command=["/scripts/b.sh"])))

    assert list(named_files(pod.containers[0], Files(pod, TEXTS, Budget()))) == []


def test_none_is_looked_at_that_is_longer_than_what_is_left():
    budget = Budget()
    budget.spend(Work.SCRIPTS, LIMITS[Work.SCRIPTS] - len("second") + 1)

    assert list(named_files(POD.containers[0], Files(POD, TEXTS, budget))) == []
