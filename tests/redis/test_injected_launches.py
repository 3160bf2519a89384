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
from tests.redis.launches import LAUNCHES, Json, Launch
from tests.redis.started_container import StartedContainer
from webhook.admission.handling import Evaluator
from webhook.admission.patch import pod_patch
from webhook.domain.ceiling.persistence import SnapshotState
from webhook.domain.evaluation.outcome import Evaluation
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.policy.settings import Policy

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


@pytest.mark.parametrize("launch", LAUNCHES, ids=lambda launch: launch.name)
def test_the_started_server_says_what_the_webhook_said(launch: Launch, root: Path) -> None:
    evaluation, injected = inject(launch, launch.pod())
    (outcome,) = evaluation.outcomes
    assert outcome.sizing is not None
    assert inject(launch, injected)[1] == injected

    with StartedContainer(
        root,
        injected,
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


def inject(launch: Launch, pod: Json) -> tuple[Evaluation, Json]:
    """Evaluate a Pod with the launch's ConfigMaps, and change it accordingly."""
    evaluator = Evaluator(policy=Policy(), read_config_maps=reading(launch.config_maps))
    evaluation = evaluator.evaluate(parse_pod(pod))
    return evaluation, jsonpatch.apply_patch(copy.deepcopy(pod), pod_patch(evaluation))


def _fitting(save: str) -> set[SnapshotState]:
    """What the webhook may have said of a server with these save points."""
    known = {SnapshotState.ON} if save else {SnapshotState.OFF, SnapshotState.TURNED_OFF}
    return known | {SnapshotState.UNKNOWN}
