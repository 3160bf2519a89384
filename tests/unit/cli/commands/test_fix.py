import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from webhook.cli.commands.group import commands

DEPLOYMENT = """\
# the cache
apiVersion: apps/v1
kind: Deployment
metadata: {name: cache}   # of the shop
spec:
  template:
    spec:
      containers:
      - name: redis
        image: redis:7

        # talks to itself
        ports: [{containerPort: 6379}]
"""
LIMITED = DEPLOYMENT + "        resources:\n          limits: {memory: 512Mi} # measured\n"
ARGS = """\
        args:
        - redis-server
        - --maxmemory
        - "419430400"
        - --maxmemory-policy
        - allkeys-lru
        - --save
        - ""
"""
NOTE = (
    "The cache profile survived every cache workload measured, on Redis 7 and Valkey 8 under "
    "limits of 32Mi to 4Gi: values of 10 B to 1 MB, hashes, lists, sets, streams, sessions, slow "
    "readers. Spot checks under cgroup v2 agree, on Redis 7 and 8 and Valkey 9 under 64Mi to "
    "512Mi.\n"
    "No headroom covers values whose sizes shift, one huge reply (KEYS *), replicas that stall or "
    "synchronise, Redis 6.2 with values of random sizes: docs/headroom.md.\n"
)
UNREACHABLE = """\
kind: Pod
metadata: {name: p}
spec:
  containers:
  - name: own
    image: corp/redis:1
    resources: {limits: {memory: 1Gi}}
"""


def fix(*arguments: str | Path, text: str = "") -> Result:
    return CliRunner().invoke(commands, ["fix", *map(str, arguments)], input=text.encode())


def with_args(text: str) -> str:
    return text.replace("        image: redis:7\n", f"        image: redis:7\n{ARGS}")


def test_the_injection_is_made_and_all_else_stays():
    result = fix("-", text=LIMITED)

    assert (result.exit_code, result.stdout, result.stderr) == (0, with_args(LIMITED), NOTE)


def test_what_is_fixed_has_nothing_left_to_fix():
    fixed = fix("-", text=LIMITED).stdout

    again = fix("-", text=fixed)
    checked = CliRunner().invoke(commands, ["check", "-", "-o", "json"], input=fixed.encode())

    assert (again.stdout, again.stderr) == (fixed, "")
    (finding,) = json.loads(checked.stdout)["findings"]
    assert (finding["verdict"], finding["maxmemoryBytes"], finding["patch"]) == (
        "respect",
        419430400,
        [],
    )


def test_without_a_limit_nothing_can_be_fixed():
    result = fix("-", text=DEPLOYMENT)

    assert (result.exit_code, result.stdout) == (1, DEPLOYMENT)
    assert result.stderr == (
        "-:9: Deployment default/cache, container redis: not fixed: "
        "it runs a Redis server without a memory limit\n"
    )


def test_a_memory_limit_can_be_added():
    result = fix("-", "--memory-limit", "512Mi", text=DEPLOYMENT)

    limit = "        resources:\n          limits:\n            memory: 512Mi\n"
    assert result.stdout == with_args(DEPLOYMENT) + limit
    assert (result.exit_code, result.stderr) == (0, NOTE)


def test_a_limit_is_added_beside_what_is_there_and_only_where_there_is_none():
    requests = DEPLOYMENT + "        resources:\n          requests: {memory: 512Mi}\n"

    added = fix("-", "--memory-limit", "512Mi", text=requests)
    kept = fix("-", "--memory-limit", "1Gi", text=LIMITED)

    limits = "          requests: {memory: 512Mi}\n          limits:\n            memory: 512Mi\n"
    assert added.stdout.endswith(limits)
    assert kept.stdout == with_args(LIMITED)


def test_a_limit_below_the_request_is_not_added():
    text = DEPLOYMENT + "        resources: {requests: {memory: 513Mi}}\n"

    result = fix("-", "--memory-limit", "512Mi", text=text)

    assert (result.exit_code, result.stdout) == (1, text)
    assert result.stderr.splitlines()[0] == (
        "-:9: Deployment default/cache, container redis: its memory request of 513Mi is over 512Mi"
    )


@pytest.mark.parametrize(
    ("limit", "problem"),
    [("0", "must be above 0"), ("512MB", "not a quantity: '512MB' (did you mean 512M or 512Mi?)")],
)
def test_a_limit_that_is_none_is_a_usage_error(limit: str, problem: str):
    result = fix("-", "--memory-limit", limit)

    assert result.exit_code == 2
    assert result.stderr.endswith(f"Error: Invalid value for '--memory-limit': {problem}\n")


def test_what_cannot_be_reached_is_told_and_is_no_denial():
    result = fix("-", text=UNREACHABLE)

    assert (result.exit_code, result.stdout) == (0, UNREACHABLE)
    assert result.stderr.startswith("-:5: Pod default/p, container own: not fixed: no memory")


def test_a_difference_is_unified():
    result = fix("-", "--diff", text=UNREACHABLE + "---\n" + LIMITED)

    added = "".join(f"+{line}\n" for line in ARGS.splitlines())
    assert result.stdout == (
        "--- a/-\n"
        "+++ b/-\n"
        "@@ -16,6 +16,14 @@\n"
        "       containers:\n"
        "       - name: redis\n"
        "         image: redis:7\n"
        f"{added}"
        " \n"
        "         # talks to itself\n"
        "         ports: [{containerPort: 6379}]\n"
    )


def test_a_difference_at_the_end_of_a_file_without_a_line_end():
    text = "kind: Pod\nspec: {containers: [{image: redis:7, resources: {limits: {memory: 1Gi}}}]}"

    result = fix("-", "--diff", text=text)

    assert result.stdout.count("\\ No newline at end of file\n") == 2


def test_files_are_replaced_with_their_mode_and_only_when_they_change(tmp_path: Path):
    changes, stays = tmp_path / "a.yaml", tmp_path / "b.yaml"
    link = tmp_path / "link.yml"
    changes.write_bytes(b"\xef\xbb\xbf" + LIMITED.replace("\n", "\r\n").encode())
    changes.chmod(0o640)
    stays.write_text(UNREACHABLE)
    link.symlink_to(changes)
    inode = stays.stat().st_ino

    result = fix(link, stays, "--write")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith(f"{link}: fixed\n{NOTE}")
    assert (
        changes.read_bytes() == b"\xef\xbb\xbf" + with_args(LIMITED).replace("\n", "\r\n").encode()
    )
    assert stat.S_IMODE(changes.stat().st_mode) == 0o640
    assert link.is_symlink()
    assert (stays.read_text(), stays.stat().st_ino) == (UNREACHABLE, inode)
    assert sorted(tmp_path.iterdir()) == [changes, stays, link]


def test_a_bad_document_stays_and_the_good_ones_around_it_are_fixed(tmp_path: Path):
    path = tmp_path / "a.yaml"
    path.write_text(f"{LIMITED}---\na: [\n---\n{LIMITED}")

    result = fix(path, "--write")

    assert result.exit_code == 2
    assert path.read_text() == f"{with_args(LIMITED)}---\na: [\n---\n{with_args(LIMITED)}"


def test_standard_input_cannot_be_written():
    result = fix("-", "--write")

    assert result.exit_code == 2
    assert result.stderr.endswith("Error: --write cannot write to standard input\n")


def test_several_files_make_one_stream(tmp_path: Path):
    for name, text in (("a.yaml", "a: 1"), ("b.yaml", "b: 1\n"), ("c.yaml", "---\nc: 1\n")):
        (tmp_path / name).write_text(text)

    assert fix(tmp_path).stdout == "a: 1\n---\nb: 1\n---\nc: 1\n"


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        (
            '{\n  "kind": "Pod",\n  "spec": {\n    "containers": [\n      {\n'
            '        "image": "redis:7",\n        "args": [\n'
            '          "--port",\n          "1"\n        ],\n'
            '        "resources": {"limits": {"memory": "512Mi"}}\n      }\n    ]\n  }\n}\n',
            '{\n  "kind": "Pod",\n  "spec": {\n    "containers": [\n      {\n'
            '        "image": "redis:7",\n        "args": [\n'
            '          "--port",\n          "1",\n          "--maxmemory",\n'
            '          "419430400",\n          "--maxmemory-policy",\n          "allkeys-lru",\n'
            '          "--save",\n          ""\n        ],\n'
            '        "resources": {"limits": {"memory": "512Mi"}}\n      }\n    ]\n  }\n}\n',
        ),
        (
            '{"kind":"Pod","metadata":{"annotations":{"a":"\\ud83d\\ude00"}},"spec":{"containers":'
            '[{"image":"redis:7","args":["--port","1"],"resources":{"limits":{"memory":"512Mi"}}}]}}',
            '{"kind":"Pod","metadata":{"annotations":{"a":"\\ud83d\\ude00"}},"spec":{"containers":'
            '[{"image":"redis:7","args":["--port","1","--maxmemory","419430400",'
            '"--maxmemory-policy","allkeys-lru","--save",""],'
            '"resources":{"limits":{"memory":"512Mi"}}}]}}',
        ),
    ],
    ids=["in-place", "written-anew-where-yaml-reads-it-otherwise"],
)
def test_json_stays_json(text: str, fixed: str):
    assert fix("-", text=text).stdout == fixed


def test_items_of_a_list_are_fixed_where_they_stand():
    indented = "".join(f"  {line}\n" if line else "\n" for line in LIMITED.splitlines()[1:])
    text = f"kind: List\nitems:\n- {indented[2:]}"

    result = fix("-", text=text)

    args = "".join(f"  {line}\n" for line in ARGS.splitlines())
    assert result.stdout == text.replace(
        "          image: redis:7\n", f"          image: redis:7\n{args}"
    )


def test_a_container_behind_an_alias_is_told():
    text = """\
base: &base
  - {name: redis, image: redis:7, resources: {limits: {memory: 512Mi}}}
kind: Pod
spec:
  containers: *base
"""
    result = fix("-", text=text)

    assert (result.exit_code, result.stdout) == (1, text)
    assert result.stderr == (
        "-: document 0, line 1: not changed: "
        "the change stands behind an alias: make it where the anchor is\n"
    )
