"""Opening a cluster: whatever a kubeconfig holds, it is told in one line which file is no good."""

from pathlib import Path

import pytest

from webhook.cluster.connection import ClusterError, open_cluster

_WHOLE = """\
apiVersion: v1
kind: Config
current-context: here
clusters: [{name: here, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: here, context: {cluster: here, user: me}}]
users: [{name: me, user: {token: secret}}]
"""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xd0\xff\x00",
        b"clusters:\n\t- name: here\n",
        b"contexts: *nowhere\n",
        b"- a list\n",
        b"a word\n",
        _WHOLE.replace("[{name: here, context: {cluster: here, user: me}}]", "3").encode(),
        _WHOLE.replace('"https://127.0.0.1:1"', "3").encode(),
        _WHOLE.replace("token: secret", "client-certificate-data: x, client-key-data: x").encode(),
    ],
)
def test_a_kubeconfig_that_is_none_is_named_in_one_line(content: bytes, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "config"
    kubeconfig.write_bytes(content)

    with pytest.raises(ClusterError) as raised:
        open_cluster(kubeconfig=kubeconfig, context=None)

    assert str(raised.value).startswith(f"no usable kubeconfig: {kubeconfig}: ")
    assert "\n" not in str(raised.value)


def test_the_place_of_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/nowhere")

    with pytest.raises(ClusterError, match=r"^no usable kubeconfig: /nowhere: "):
        open_cluster(kubeconfig=None, context=None)
