"""Kinds that are not read are named once where a server's image stands in them."""

import json
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from tests.unit.cli.commands.test_check import SCHEMA
from webhook.cli.commands.group import commands

TASK = """\
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: verify}
spec:
  steps:
  - {name: test, image: maven:3}
  sidecars:
  - {name: redis, image: redis:7}
  - {name: other, image: redis:8}
"""
WORKFLOW = """\
kind: Workflow
metadata: {name: flow}
spec: {templates: [{container: {image: bitnami/redis:7}}]}
"""
TOLD = (
    "-:8: Task verify names the image redis:7; what starts it is not seen, as the kind Task is not "
    "read\n"
)


def run(text: str, command: str = "check", *options: str) -> Any:
    return CliRunner().invoke(commands, [command, "-", *options], input=text)


def told(text: str) -> list[str]:
    return run(text).stderr.splitlines()


@pytest.mark.parametrize("command", ["check", "explain", "fix"])
def test_it_is_said_on_standard_error(command: str):
    assert TOLD in run(TASK, command).stderr


def test_a_clean_exit_stays_clean():
    assert run(TASK).exit_code == 0


def test_a_kind_is_named_once_with_how_many_there_are():
    text = "---\n".join((TASK, TASK.replace("verify", "again"), WORKFLOW))

    assert told(text) == [
        "-:8: Task verify names the image redis:7; so do 1 more; what starts it is not seen, as "
        "the kind Task is not read",
        "-:23: Workflow flow names the image bitnami/redis:7; what starts it is not seen, as the "
        "kind Workflow is not read",
    ]


@pytest.mark.parametrize(
    ("image", "named"),
    [
        ("quay.io/opstree/redis:v7", "quay.io/opstree/redis:v7"),
        ({"repository": "valkey/valkey", "tag": "8"}, "valkey/valkey:8"),
        (
            {"registry": "docker.io", "repository": "bitnami/redis"},
            "docker.io/bitnami/redis",
        ),
        ("corp/redis-7", "corp/redis-7"),
    ],
)
def test_an_image_in_any_spelling(image: object, named: str):
    text = yaml.safe_dump({"kind": "RedisFailover", "spec": {"redis": {"image": image}}})

    (line,) = told(text)
    assert f"RedisFailover names the image {named};" in line


@pytest.mark.parametrize(
    "manifest",
    [
        {"kind": "Task", "spec": {"steps": [{"image": "oliver006/redis_exporter"}]}},
        {"kind": "Task", "spec": {"steps": [{"image": "dragonflydb/dragonfly"}]}},
        {"kind": "Task", "spec": {"steps": [{"image": 7}, {"image": {"tag": "7"}}]}},
        {"kind": "Task", "spec": {"description": "redis:7"}},
        {"kind": "ConfigMap", "data": {"image": "redis:7"}},
        {"kind": "Secret", "stringData": {"image": "redis:7"}},
    ],
)
def test_nothing_is_said_where_no_server_stands(manifest: object):
    assert told(yaml.safe_dump(manifest)) == []


def test_a_kind_that_is_read_is_not_named():
    deployment = {
        "kind": "Deployment",
        "spec": {"template": {"spec": {"containers": [{"name": "a", "image": "redis:7"}]}}},
    }

    assert told(yaml.safe_dump(deployment)) == []


def test_bad_input_is_told_as_such_only():
    (line,) = told("kind: Deployment\nspec: {template: [{image: redis}]}\n")

    assert "must be an object" in line


def test_an_image_that_the_policy_dropped_is_none(tmp_path: Any):
    policy = tmp_path / "policy.yaml"
    policy.write_text("images: {drop: [docker.io/library/redis]}")

    assert run(TASK, "check", "--policy", str(policy)).stderr == ""


def test_an_object_as_deep_as_json_allows_is_searched():
    depth = 400
    text = '{"kind": "Deep", "a": ' * depth + '{"image": "redis:7"}' + "}" * depth

    assert "Deep names the image redis:7" in run(text).stderr


def test_it_is_an_entry_of_the_report():
    output = json.loads(run(TASK, "check", "-o", "json").stdout)

    Draft202012Validator(SCHEMA).validate(output)
    assert output["unread"] == [
        {
            "kind": "Task",
            "source": "-",
            "document": 0,
            "line": 8,
            "name": "verify",
            "image": "redis:7",
            "count": 1,
        }
    ]
    assert yaml.safe_load(run(TASK, "check", "-o", "yaml").stdout)["unread"] == output["unread"]


def test_it_is_a_notice_of_the_sarif_run():
    (sarif,) = json.loads(run(TASK, "check", "-o", "sarif").stdout)["runs"]

    assert sarif["results"] == []
    assert sarif["invocations"] == [
        {
            "executionSuccessful": True,
            "toolExecutionNotifications": [
                {
                    "level": "warning",
                    "message": {"text": TOLD.rstrip()},
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"uri": "stdin"},
                                "region": {"startLine": 8},
                            }
                        }
                    ],
                }
            ],
        }
    ]


CRLF = """\
kind: ConfigMap
metadata: {name: conf}
data:
  redis.conf: |
    maxmemory 100mb
    maxmemory-policy allkeys-lfu
---
kind: List
items:
- kind: Pod
  metadata: {name: p}
  spec:
    containers:
    - name: redis
      image: redis:7
      args: [/conf/redis.conf]
      resources: {limits: {memory: 256Mi}}
      volumeMounts: [{name: c, mountPath: /conf}]
    volumes: [{name: c, configMap: {name: conf}}]
""".replace("\n", "\r\n")


def test_a_list_in_a_file_of_windows_is_read_like_any_other():
    run = CliRunner().invoke(commands, ["check", "-", "-o", "json"], input=CRLF.encode())

    (finding,) = json.loads(run.stdout)["findings"]
    assert (run.stderr, finding["verdict"]) == ("", "respect")
    assert (finding["maxmemoryBytes"], finding["evictionPolicy"]) == (100 * 2**20, "allkeys-lfu")


def test_fix_keeps_the_line_ends_of_windows():
    text = CRLF.replace("maxmemory 100mb", "timeout 17")

    fixed = CliRunner().invoke(commands, ["fix", "-"], input=text.encode()).stdout_bytes.decode()

    assert "--maxmemory" in fixed
    assert fixed.count("\n") == fixed.count("\r\n")
