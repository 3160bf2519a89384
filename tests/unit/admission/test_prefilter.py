import pytest
from hypothesis import given

from tests.harness.builders import Json, a_container, evaluated
from tests.property.pods import pods
from webhook.admission.match_conditions import LONGEST_IMAGE, LONGEST_TEXT
from webhook.admission.prefilter import Prefilter
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.policy.settings import ImageFamily, Images

OWN = Images(add=(ImageFamily(repository="registry.example.com/mirror/cache", family="redis"),))


BUILT_IN = Images()


def takes(container: Json, images: Images = BUILT_IN) -> bool:
    return Prefilter(images).takes({"containers": [container]})


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        (a_container(image="redis:7"), True),
        (a_container(image="registry.example.com:5000/bitnami/redis@sha256:ab"), True),
        (a_container(image="oliver006/redis_exporter"), False),
        (a_container(image="nginx"), False),
        (a_container(image="nginx", args=["--cache", "redis://cache:6379"]), False),
        (a_container(image="own", command=["redis-server"]), True),
        (a_container(image="own", args=["sh", "-c", "exec valkey-server --port 1"]), True),
        (a_container(image="own", command=["x-server", "y" * LONGEST_TEXT]), True),
        (a_container(image="own", command=["x-server", "y" * 9]), False),
        (a_container(image=f"{'x' * LONGEST_IMAGE}/redis"), False),
        ({"name": "no-image"}, False),
    ],
)
def test_what_may_run_redis_is_taken(container: Json, expected: bool):
    assert takes(container) is expected


def test_an_image_of_the_administrator_is_taken():
    container = a_container(image="registry.example.com/mirror/cache:1")

    assert (takes(container), takes(container, OWN)) == (False, True)
    assert not takes(a_container(image="nginx"), OWN)


def test_init_containers_count():
    assert Prefilter(Images()).takes({"initContainers": [a_container()]})


@pytest.mark.parametrize("spec", [None, [], {}, {"containers": None}])
def test_what_is_no_pod_spec_is_not_taken(spec: object):
    assert not Prefilter(Images()).takes(spec)


@pytest.mark.parametrize("args", ["redis-server", None, 7])
def test_what_is_no_list_names_no_program(args: object):
    assert not takes({"name": "odd", "image": "own", "args": args})


@given(pods())
def test_every_server_is_taken(pod: Json):
    servers = evaluated(pod).servers
    if any(each.verdict is not Verdict.EXEMPT for each in servers):
        assert Prefilter(Images()).takes(pod["spec"])
