"""The command's bad input: all of it is found before anything is made on a cluster."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from webhook.cli.commands.group import commands

KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: u, user: {}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
"""


def plateau(*arguments: str):
    return CliRunner().invoke(commands, ["plateau", *arguments])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--limit", "31Mi"), "31Mi is not within 32Mi to 64Gi"),
        (("--limit", "1GB"), "not a quantity: '1GB' (did you mean 1G or 1Gi?)"),
        (("--rate", "257Mi"), "257Mi is not within 64Ki to 256Mi"),
        (("--duration", "9"), "9 is not in the range 10<=x<=3600"),
        (("--image", "nginx"), "Error: nothing would be injected into nginx: No Redis server."),
        (("--kubeconfig", "/nowhere"), "Error: no usable kubeconfig: "),
    ],
)
def test_bad_input(arguments: tuple[str, ...], message: str):
    result = plateau(*arguments)

    assert result.exit_code == 2
    assert message in result.stderr


def test_a_cluster_that_does_not_answer(tmp_path: Path):
    kubeconfig = tmp_path / "config"
    kubeconfig.write_text(KUBECONFIG)

    result = plateau("--kubeconfig", str(kubeconfig))

    assert result.exit_code == 2
    assert result.stderr.startswith("Error: the API server cannot be reached: ")


def test_a_context_that_is_not_in_the_kubeconfig(tmp_path: Path):
    kubeconfig = tmp_path / "config"
    kubeconfig.write_text(KUBECONFIG)

    result = plateau("--kubeconfig", str(kubeconfig), "--context", "y")

    assert result.exit_code == 2
    assert "no usable kubeconfig: " in result.stderr
    assert "Expected object with name y" in result.stderr
