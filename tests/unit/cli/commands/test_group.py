import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from webhook import __version__
from webhook.cli.commands.group import commands

PROGRAM = Path(sys.executable).with_name("redis-memory-guard")
POD = """\
kind: Pod
metadata: {name: p}
spec:
  containers:
  - {name: redis, image: redis:7, resources: {limits: {memory: 512Mi}}}
  - {name: web, image: nginx}
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_the_version_is_the_packages():
    assert run("--version").stdout == f"redis-memory-guard {__version__}\n"


def test_every_command_is_listed_with_its_purpose():
    listed = CliRunner().invoke(commands, ["--help"]).stdout.split("Commands:\n")[1]

    assert [line.split()[0] for line in listed.splitlines()] == [
        "apply",
        "audit",
        "check",
        "demo",
        "doctor",
        "explain",
        "fix",
        "observe",
        "plateau",
        "serve",
    ]
    assert all(len(line.split()) > 3 for line in listed.splitlines())
    assert "..." not in listed


@pytest.mark.parametrize(
    "name", ["apply", "audit", "check", "doctor", "explain", "fix", "observe", "plateau"]
)
def test_the_examples_of_its_help_are_command_lines_that_it_takes(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    told = CliRunner().invoke(commands, [name, "--help"]).stdout.split("Examples:\n")[1]
    command = commands.get_command(click.Context(commands), name)
    calls = re.findall(rf"redis-memory-guard {name}([^|>#\n]*)", told)
    monkeypatch.chdir(tmp_path)
    for given in ("FILE", "audit.json"):
        Path(given).touch()

    assert command is not None
    assert all(command.make_context(name, shlex.split(call)).params for call in calls)
    assert len(calls) == len(told.splitlines())


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--cases", "3"]])
def test_a_command_that_cannot_be_imported_takes_no_other_away(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "webhook.cli.commands.demo.command", None)

    listed = CliRunner().invoke(commands, ["--help"])
    failed = CliRunner().invoke(commands, ["demo", *arguments])

    assert listed.exit_code == 0
    assert "demo     Cannot be loaded here: " in listed.stdout
    assert "  fix      " in listed.stdout
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert failed.stderr.startswith("Error: Cannot be loaded here: ")


def test_an_unknown_command_is_a_usage_error():
    result = CliRunner().invoke(commands, ["chekc"])

    assert result.exit_code == 2
    assert "No such command 'chekc'" in result.stderr


def test_serve_answers_for_itself_and_carries_nothing_of_the_command_line():
    code = (
        "import sys, json; sys.argv = ['redis-memory-guard', 'serve', '--help']\n"
        "from webhook.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    modules = set(json.loads(done.stderr.splitlines()[-1]))
    # flask brings click along as its own dependency
    assert not modules & {"rich", "kubernetes", "cryptography", "webhook.cli.commands.group"}
    assert "--" in done.stdout


@pytest.mark.parametrize("output", ["json", "sarif"])
def test_a_check_for_programs_pays_for_no_terminal(output: str):
    code = (
        f"import sys; sys.argv = ['x', 'check', '-', '-o', '{output}']\n"
        "from webhook.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: sys.exit('rich' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], input=POD, text=True, check=False, timeout=60
    )

    assert done.returncode == 0


def test_explain_tells_of_one_container_or_of_all():
    every = CliRunner().invoke(commands, ["explain", "-"], input=POD)
    one = CliRunner().invoke(commands, ["explain", "-", "--container", "web"], input=POD)

    assert (every.exit_code, one.exit_code) == (0, 0)
    assert "container redis" in every.stdout
    assert "container web" in every.stdout
    assert "container redis" not in one.stdout
    assert "container web" in one.stdout


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        (POD, ["--container", "absent"], "There is no container 'absent' in the input.\n"),
        ("kind: Service\n", [], "There is no workload in the input.\n"),
        ("a: [\n", [], "-: document 0, line 2: did not find expected node content\n"),
    ],
)
def test_nothing_to_explain_is_bad_input(text: str, options: list[str], said: str):
    result = CliRunner().invoke(commands, ["explain", "-", *options], input=text)

    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_a_disk_that_is_full_is_told_in_one_line(tmp_path: Path):
    manifest = tmp_path / "pod.yaml"
    manifest.write_text(POD)

    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [PROGRAM, "check", manifest],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )

    assert done.returncode == 2
    assert done.stderr == "redis-memory-guard: [Errno 28] No space left on device\n"
