import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from webhook.cli.commands.group import commands
from webhook.domain.policy.floors import ServerName
from webhook.domain.reasons import Reason
from webhook.floors.record import Held
from webhook.floors.text import encode_record

SCHEMA = json.loads((files("webhook.cli") / "check-output.schema.json").read_text())
PROGRAM = Path(sys.executable).with_name("redis-memory-guard")
SERVER = {"name": "redis", "image": "redis:7", "resources": {"limits": {"memory": "512Mi"}}}
UNLIMITED = {"name": "bare", "image": "redis:7"}
OTHER = {"name": "web", "image": "nginx"}
BAD = "kind: Pod\nspec: {containers: [{args: [7]}]}\n"


def pod(*containers: Mapping[str, object]) -> str:
    manifest = {"kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": list(containers)}}
    return yaml.safe_dump(manifest, explicit_start=True)


def check(text: str, *options: str, **env: str) -> Result:
    return CliRunner(env=env).invoke(commands, ["check", "-", *options], input=text.encode())


def check_json(text: str, *options: str) -> Any:
    output = json.loads(check(text, "--output", "json", *options).stdout)
    Draft202012Validator(SCHEMA).validate(output)
    return output


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (pod(SERVER), 0),
        (pod(OTHER), 0),
        ("---\n# a chart that renders nothing\n", 0),
        (" \n", 2),
        (pod(SERVER) + pod(UNLIMITED), 1),
        (pod(SERVER) + BAD, 2),
        (pod(UNLIMITED) + "---\n" + BAD, 2),
        (pod(UNLIMITED) + "---\na: [\n", 2),
    ],
)
@pytest.mark.parametrize("output", ["table", "json", "yaml", "sarif"])
def test_the_exit_code_is_0_clean_1_denied_2_bad_input(text: str, code: int, output: str):
    assert check(text, "--output", output).exit_code == code


def test_the_schema_is_a_schema_and_knows_every_field_in_order():
    Draft202012Validator.check_schema(SCHEMA)

    (finding,) = check_json(pod(SERVER))["findings"]

    assert list(finding) == list(SCHEMA["$defs"]["finding"]["properties"])
    assert list(finding)[:19] == [
        "source",
        "document",
        "kind",
        "namespace",
        "name",
        "container",
        "image",
        "server",
        "verdict",
        "reason",
        "message",
        "remedy",
        "limitBytes",
        "headroomBytes",
        "maxmemoryBytes",
        "evictionPolicy",
        "profile",
        "snapshots",
        "patch",
    ]


def test_a_finding_tells_all_of_it():
    output = check_json(pod(SERVER))

    (finding,) = output["findings"]
    assert finding["patch"][0] == {
        "op": "add",
        "path": "/spec/containers/0/args",
        "value": [
            "redis-server",
            "--maxmemory",
            "419430400",
            "--maxmemory-policy",
            "allkeys-lru",
            "--save",
            "",
        ],
    }
    assert [operation["path"] for operation in finding["patch"][1:]] == [
        "/metadata/annotations",
        "/metadata/labels",
    ]
    assert [warning["reason"] for warning in finding["warnings"]] == ["snapshots-turned-off"]
    assert finding | {"patch": [], "warnings": []} == {
        "source": "-",
        "document": 0,
        "kind": "Pod",
        "namespace": "default",
        "name": "p",
        "container": "redis",
        "image": "redis:7",
        "server": True,
        "verdict": "inject",
        "reason": "ceiling-injected",
        "message": "maxmemory 400Mi of 512Mi (cache) is injected",
        "remedy": None,
        "limitBytes": 536870912,
        "headroomBytes": 117440512,
        "maxmemoryBytes": 419430400,
        "evictionPolicy": "allkeys-lru",
        "profile": "cache",
        "snapshots": "turned off",
        "patch": [],
        "warnings": [],
        "refused": False,
    }


def test_the_summary_counts():
    output = check_json(pod(SERVER, OTHER) + pod(UNLIMITED) + "---\n" + BAD)

    assert output["schemaVersion"] == 1
    assert output["summary"] == {
        "sources": 1,
        "workloads": 2,
        "containers": 3,
        "servers": 2,
        "refused": 1,
        "badInput": 1,
        "verdicts": {
            "inject": 1,
            "adjust": 0,
            "respect": 0,
            "deny": 1,
            "unenforceable": 0,
            "exempt": 0,
            "ignore": 1,
        },
    }


def test_a_pod_that_would_be_denied_has_no_patch():
    findings = check_json(pod(SERVER, UNLIMITED))["findings"]

    assert [(item["verdict"], item["refused"], item["patch"]) for item in findings] == [
        ("inject", False, []),
        ("deny", True, []),
    ]


def test_yaml_is_the_same_object():
    text = pod(SERVER, UNLIMITED, OTHER)

    output = yaml.safe_load(check(text, "--output", "yaml").stdout)

    assert output == check_json(text)


def test_the_policy_and_the_namespace_hold(tmp_path: Path):
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        "rules: [{namespaces: [queues], evictionPolicy: noeviction, noLimit: warn}]\n"
    )

    findings = check_json(pod(SERVER, UNLIMITED), "--policy", str(policy), "--namespace", "queues")[
        "findings"
    ]

    assert [(f["namespace"], f["evictionPolicy"], f["refused"]) for f in findings] == [
        ("queues", "noeviction", False),
        ("queues", None, False),
    ]


def test_a_policy_that_is_no_good_is_bad_input(tmp_path: Path):
    policy = tmp_path / "policy.yaml"
    policy.write_text("mode: off\nrule: []\n")

    result = check(pod(SERVER), "--policy", str(policy))

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        f"{policy}: mode: must be one of enforce, audit, not false",
        f"{policy}: rule: no such setting; did you mean 'rules'?",
    ]


def test_bad_input_is_named_with_file_document_and_line_and_the_good_is_evaluated():
    result = check(f"a: [\n---\n{pod(SERVER)}---\n{BAD}", "--output", "json")

    assert result.stderr.splitlines() == [
        "-: document 0, line 2: did not find expected node content",
        "-: document 3, line 16: Pod: spec.containers[0].args[0]: must be a string, "
        "not a number (quote it)",
    ]
    assert [item["document"] for item in json.loads(result.stdout)["findings"]] == [2]


def test_the_table_shows_servers_and_with_all_every_container():
    text = pod(SERVER, OTHER)

    servers, everything = check(text).stdout, check(text, "--all").stdout

    assert "nginx" not in servers
    assert "web" not in servers
    assert "web" in everything


def on_terminal(columns: int, path: Path, **env: str) -> str:
    """Run check on a terminal of so many columns."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", **env}
    with subprocess.Popen([PROGRAM, "check", path], stdout=slave, env=environment) as process:
        os.close(slave)
        output = b""
        with suppress(OSError):  # the terminal is gone when the process is
            while chunk := os.read(master, 4096):
                output += chunk
        process.wait(timeout=60)
    os.close(master)
    return output.decode()


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "a.yaml"
    path.write_text(pod(SERVER, UNLIMITED))
    return path


def test_a_terminal_gets_colours_and_a_narrow_one_no_table(manifest: Path):
    wide, narrow = on_terminal(100, manifest), on_terminal(40, manifest)

    plain = re.sub("\x1b\\[[0-9;]*m", "", narrow)
    assert "\x1b[" in wide
    assert "WORKLOAD" in wide
    assert "WORKLOAD" not in plain
    assert "inject (ceiling-injected): maxmemory" in plain
    assert max(len(line) for line in plain.split("\r\n") if str(manifest) not in line) <= 40


def test_no_color_is_heard(manifest: Path):
    assert "\x1b[3" not in on_terminal(100, manifest, NO_COLOR="1")


def test_a_config_map_that_would_tell_more_is_named():
    container = {
        **SERVER,
        "args": ["/etc/redis/redis.conf"],
        "volumeMounts": [{"name": "conf", "mountPath": "/etc/redis"}],
    }
    manifest = yaml.safe_load(pod(container))
    manifest["spec"]["volumes"] = [{"name": "conf", "configMap": {"name": "tuning"}}]

    result = check(yaml.safe_dump(manifest), "--namespace", "shop")

    assert (
        "ConfigMap shop/tuning is not in the input; with it more could be told.\n" in result.stdout
    )


def test_a_list_with_a_bad_item_is_still_evaluated():
    items = [yaml.safe_load(pod(SERVER)), "text"]

    result = check(yaml.safe_dump({"kind": "List", "items": items}), "-o", "json")

    assert result.exit_code == 2
    assert result.stderr == "-: document 0, line 12: is no Kubernetes object but a single value\n"
    assert len(json.loads(result.stdout)["findings"]) == 1


def test_the_dump_of_a_cluster_is_read_without_lines():
    items = [{**yaml.safe_load(pod(SERVER)), "padding": "x" * 1024 * 1024}]

    result = check("\n" + json.dumps({"kind": "PodList", "items": items}, indent=1), "-o", "sarif")

    results = json.loads(result.stdout)["runs"][0]["results"]
    lines = {each["locations"][0]["physicalLocation"]["region"]["startLine"] for each in results}
    assert lines == {2}


def test_names_cannot_steer_the_terminal():
    name = "p\x1b]0;owned\x07\u202e"
    text = pod({**UNLIMITED, "name": name})

    for options in ([], ["--all"]):
        output = check(text, *options).stdout
        assert "\x1b" not in output
        assert "\x07" not in output
        assert "\u202e" not in output
        assert "\\x1b]0;owned\\x07\\u202e" in output


def test_sarif_has_a_rule_for_every_reason_and_a_line_for_every_result():
    text = pod(SERVER, OTHER) + pod(UNLIMITED)

    log = json.loads(check(text, "--output", "sarif").stdout)

    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(Reason)
    assert [
        (
            result["level"],
            result["ruleId"],
            run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"],
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            result["locations"][0]["physicalLocation"]["region"]["startLine"],
        )
        for result in run["results"]
    ] == [
        ("note", "ceiling-injected", "ceiling-injected", "stdin", 7),
        ("warning", "snapshots-turned-off", "snapshots-turned-off", "stdin", 7),
        ("error", "no-memory-limit", "no-memory-limit", "stdin", 20),
    ]


def test_a_real_process_reads_standard_input():
    done = subprocess.run(
        [PROGRAM, "check", "-", "--output", "json"],
        input=pod(SERVER, UNLIMITED).encode(),
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (1, b"")
    assert [item["verdict"] for item in json.loads(done.stdout)["findings"]] == ["inject", "deny"]


def test_what_a_server_holds_is_followed(tmp_path: Path):
    now = datetime.now(UTC)
    name = ServerName(namespace="default", kind="StatefulSet", name="orders", container="redis")
    floors = tmp_path / "floors.json"
    floors.write_text(encode_record({name: Held(seen=now, days={now.date(): 300 * 2**20})}))
    server = {**SERVER, "args": ["--appendonly", "yes"]}
    server["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    template = {"spec": {"containers": [server], "volumes": [volume]}}
    manifest = {
        "kind": "StatefulSet",
        "metadata": {"name": "orders"},
        "spec": {"template": template},
    }
    text = yaml.safe_dump(manifest)

    (finding,) = check_json(text, f"--floors={floors}")["findings"]

    assert "data-over-ceiling" in [each["reason"] for each in finding["warnings"]]
    assert "data-over-ceiling" not in check(text).stdout
    floors.write_text("{")
    assert check(text, f"--floors={floors}").exit_code == 2
    assert "is no JSON" in check(text, f"--floors={floors}").stderr
