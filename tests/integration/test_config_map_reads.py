"""A read of a ConfigMap that hangs delays its own review, and no other."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from socket import create_server

import pytest

from tests.integration.running import Server, review
from webhook.server.tls.dev_certificate import write_certificate


def test_others_are_answered_while_a_read_hangs(
    start_server: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = _service_account(tmp_path / "account")
    with create_server(("127.0.0.1", 0)) as silent_api_server, ThreadPoolExecutor() as pool:
        monkeypatch.setenv("SERVICE_ACCOUNT", str(account))
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(silent_api_server.getsockname()[1]))
        server = start_server().wait_ready()
        assert server.post().status_code == 200

        hanging = [pool.submit(server.post, content=_with_config_file()) for _ in range(3)]
        quick = server.post()
        overtaken = not any(future.done() for future in hanging)

    assert quick.status_code == 200
    assert overtaken
    assert [future.result().status_code for future in hanging] == [200, 200, 200]


def _with_config_file() -> bytes:
    """Review a Pod whose server reads its configuration from a ConfigMap."""
    content = json.loads(review())
    spec = content["request"]["object"]["spec"]
    spec["volumes"] = [{"name": "config", "configMap": {"name": "cache-config"}}]
    spec["containers"][0] |= {
        "args": ["/config/redis.conf"],
        "volumeMounts": [{"name": "config", "mountPath": "/config"}],
    }
    return json.dumps(content).encode()


def _service_account(directory: Path) -> Path:
    directory.mkdir()
    write_certificate(directory, now=datetime.now(UTC))
    (directory / "tls.crt").rename(directory / "ca.crt")
    (directory / "token").write_text("token")
    return directory
