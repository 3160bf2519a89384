"""Every launch style, injected, then started as its container would be: what the server says."""

import copy
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import jsonpatch
import pytest

from tests.harness.builders import reading
from tests.harness.failure import ClusterError
from tests.harness.servers import SERVERS, locate_server
from tests.redis.launches import LAUNCHES, Json, Launch
from tests.redis.started_container import StartedContainer, StartError
from webhook.admission.handling import Evaluator
from webhook.admission.patch import pod_patch
from webhook.domain.ceiling.snapshots import SnapshotState
from webhook.domain.evaluation.evaluate import evaluate
from webhook.domain.evaluation.outcome import Evaluation
from webhook.domain.images.catalog import family_of
from webhook.domain.images.families import KNOWN_FAMILIES
from webhook.domain.images.family import OutOfReach
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.policy.settings import EvictionPolicy, NamespaceSettings, Policy

pytestmark = pytest.mark.redis

NEEDED = ("redis-server", "redis-cli", "unshare", "nsenter", "chroot", "setpriv", "ip")


@pytest.fixture
def root() -> Iterator[Path]:
    """An empty root directory for a container."""
    missing = [program for program in NEEDED if shutil.which(program) is None]
    if missing or os.geteuid() != 0:
        reason = "needs root and: apt-get install redis-server util-linux iproute2"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="root-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o755)
        yield Path(directory)


@pytest.mark.parametrize(
    ("launch", "server"),
    [(launch, server) for launch in LAUNCHES for server in launch.servers],
    ids=str,
)
def test_the_started_server_says_what_the_webhook_said(
    launch: Launch, server: str, root: Path
) -> None:
    evaluation, injected = inject(launch, launch.pod(server))
    (outcome,) = evaluation.outcomes
    assert outcome.sizing is not None
    assert inject(launch, injected)[1] == injected

    with StartedContainer(
        root,
        injected,
        server=located(server),
        config_maps=launch.config_maps,
        secrets=launch.secrets,
        port=launch.port,
        password=launch.password,
    ) as container:
        said = {name: container.config_get(name) for name in launch.answers}
        memory = container.config_get("maxmemory")
        policy = container.config_get("maxmemory-policy")
        save = container.config_get("save")

    assert said == launch.answers
    assert (memory, policy, save) == (str(launch.maxmemory), launch.policy, launch.save)
    assert outcome.source == launch.place
    assert outcome.sizing.maxmemory == launch.maxmemory
    assert outcome.eviction_policy in (launch.policy, None)
    assert outcome.snapshots in _fitting(save)


@pytest.mark.parametrize("server", SERVERS)
def test_each_server_knows_the_eviction_policies_that_it_may_be_given(
    server: str, root: Path
) -> None:
    container = {"command": ["redis-server"]}
    pod = Launch(name="plain", place="arguments", container=container).pod(server)
    given = {each for each in EvictionPolicy if chosen(each, pod) == each}

    with StartedContainer(root, pod, server=located(server), config_maps={}, secrets={}) as started:
        known = {
            each
            for each in EvictionPolicy
            if started.ask("CONFIG", "SET", "maxmemory-policy", each) == "OK"
        }

    assert given == known


@pytest.mark.parametrize("server", SERVERS)
def test_save_points_in_one_element_are_none_to_redis_before_7(server: str, root: Path) -> None:
    container = {"args": ["--save", "60 7 300 1"]}
    pod = Launch(name="plain", place="arguments", container=container).pod(server)

    with StartedContainer(root, pod, server=located(server), config_maps={}, secrets={}) as started:
        save = started.config_get("save")

    assert save == ("" if server == "redis-6.2" else "60 7 300 1")


@pytest.mark.parametrize("server", SERVERS)
def test_a_value_that_looks_like_an_option_is_one_to_redis_before_7(
    server: str, root: Path
) -> None:
    container = {"args": ["--requirepass", "--x", "--maxmemory", "100mb"]}
    pod = Launch(name="plain", place="arguments", container=container).pod(server)
    image = StartedContainer(
        root, pod, server=located(server), config_maps={}, secrets={}, password="--x"
    )

    if server == "redis-6.2":
        with pytest.raises(StartError, match="'requirepass'"), image:
            pass
        return
    with image as started:
        assert started.config_get("maxmemory") == "104857600"


def test_every_family_that_options_reach_is_started() -> None:
    launches = [Launch.pod(each, server) for each in LAUNCHES for server in each.servers]
    images = {pod["spec"]["containers"][0]["image"] for pod in launches}
    started = {family_of(image, Policy().images) for image in images}
    reached = {each for each in KNOWN_FAMILIES if not isinstance(each.start, OutOfReach)}

    assert reached - started == set()


def chosen(policy: EvictionPolicy, pod: Json) -> str | None:
    """The eviction policy that a Pod gets where an administrator wants this one."""
    settings = Policy(defaults=NamespaceSettings(eviction_policy=policy))
    (outcome,) = evaluate(parse_pod(pod), settings, {}).outcomes
    return outcome.eviction_policy


def located(server: str) -> Path:
    """Find a server by name; where it cannot be had, the test is skipped, but not in CI."""
    try:
        return locate_server(server)
    except ClusterError as missing:
        if os.environ.get("CI") == "true":
            raise
        return pytest.skip(f"needs {server}: {missing}")


def inject(launch: Launch, pod: Json) -> tuple[Evaluation, Json]:
    """Evaluate a Pod with the launch's ConfigMaps, and change it accordingly."""
    evaluator = Evaluator(policy=Policy(), read_config_maps=reading(launch.config_maps))
    evaluation = evaluator.evaluate(parse_pod(pod))
    return evaluation, jsonpatch.apply_patch(copy.deepcopy(pod), pod_patch(evaluation))


def _fitting(save: str) -> set[SnapshotState]:
    """What the webhook may have said of a server with these save points."""
    known = {SnapshotState.ON} if save else {SnapshotState.OFF, SnapshotState.TURNED_OFF}
    return known | {SnapshotState.UNKNOWN}
