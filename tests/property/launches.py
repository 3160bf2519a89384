"""Containers' ways to start something: images, command, args, variables, shell text."""

import shlex

from hypothesis import strategies as st

IMAGES = (
    # These leave most to the Pod, and are drawn most.
    "redis",
    "redis:7.2",
    "valkey/valkey:8",
    "bitnami/redis:7.2",
    "redis/redis-stack-server:7.4.0-v0",
    "redis:3.2-alpine",
    "docker.io/library/redis:8.6@sha256:" + "0" * 64,
    "mirror.example.com:5000/library/redis",
    "mcr.microsoft.com/oss/bitnami/redis-cluster",
    "bitnamilegacy/valkey:8",
    "eqalpha/keydb",
    "goharbor/redis-photon:v2.9",
    "dhi.io/redis",
    "quay.io/sclorg/redis-7-c9s",
    "cgr.dev/chainguard/redis",
    "registry.k8s.io/redis:v1",
    "redislabs/redismod",
    "quay.io/opstree/redis",
    "docker.dragonflydb.io/dragonflydb/dragonfly",
    "ghcr.io/corp/redis",
    "harbor.example.com/library/redis:7",
    "harbor.example.com/hub/library/redis:7",
    "corp/redis-7:1",
    "valkey/valkey-bundle:9.0",
    "falkordb/falkordb",
    "bitnami/keydb",
    "redislabs/rejson",
    "registry.redhat.io/rhel10/valkey-8",
    "uselagoon/redis-7-persistent",
    "sourcegraph/redis-cache",
    "oliver006/redis_exporter",
    "corp/cache:1",
    "busybox",
    "Not An Image",
    "",
)
SERVERS = ("redis-server", "valkey-server", "/usr/local/bin/redis-server", "keydb-server")
CONFIG_FILE = "/etc/redis/redis.conf"
SCRIPT = "/scripts/start.sh"
CHART_SCRIPT = "/opt/bitnami/scripts/start-scripts/start-master.sh"
RUN_SCRIPT = "/opt/bitnami/scripts/redis/run.sh"

# One option each, as elements of args.
OPTIONS = (
    ("--maxmemory", "100mb"), ("--maxmemory", "0"), ("--maxmemory", "400Mi"),
    ("--maxmemory", "1048576"), ("--maxmemory", "100gb"), ("--MaxMemory", "1g"),
    ("--maxmemory 256mb",), ("--maxmemory 0",), ("--maxmemory", "$(CEILING)"),
    ("--maxmemory=400mb",), ("--maxmemory",), ("--maxmemory-policy", "noeviction"),
    ("--maxmemory-policy", "allkeys-lru"), ("--maxmemory-policy $(POLICY)",),
    ("--save", ""), ("--save", "3600", "1"), ("--save", "60 1"), ("--save",), ('--save ""',),
    ("--appendonly", "yes"), ("--appendonly", "no"), ("--dir", "/data"), ("--dir", "/elsewhere"),
    ("--requirepass", "secret"), ("--requirepass $(CEILING)",), ("--requirepass",),
    ("--include", "/etc/redis/more.conf"), ("--port", "7000"), ("--loadmodule", "/m.so", "a"),
    ("--rename-command", "CONFIG", ""), ("--sentinel",), ("--version",), ("--",), ("-",),
    (CONFIG_FILE,), ("$(OPTIONS)",), ("it's",), ('"',), ("é\n",),
)  # fmt: skip

VARIABLES = ("REDIS_ARGS", "REDIS_EXTRA_FLAGS", "VALKEY_EXTRA_FLAGS", "OPTIONS", "CEILING", "OTHER")
_VALUES = ("", "x", "--maxmemory 100mb", "--appendonly yes", "$(CEILING)", "$$(CEILING)", "'a b'")

# Statements of a shell text that start no server.
_STATEMENTS = (
    "echo a", "set -e", "cd /data", "mkdir -p /data", "export A=$(hostname)", "sleep 0",
    "redis-cli ping", "# a comment; it's one", "A='--maxmemory 1gb'", "[ -f /x ] && echo x",
    "cat <<EOF\nredis-server\nEOF", "eval echo", "wait", "exec 2>&1", 'echo "$@"', "x() { :; }",
    CHART_SCRIPT, f"exec {RUN_SCRIPT}", 'exec "$@"', "redis-sentinel /s.conf",
)  # fmt: skip
_PREFIXES = ("", "", "exec ", "exec gosu redis ", "A=1 ", "nohup ", "setpriv --reuid=1 ", "time ")
_SUFFIXES = ("", "", " &", " >/dev/null", " 2>&1 | tee /log", " # it's", " \\\n  --port 7000", " )")
_FRAMES = (
    "{0}", "{0}\n", "{0}; {1}", "{1}\n{0}", "{1} && {0}", "if true; then {0}; else {2}; fi",
    "({0})", "{{ {1}; {0}; }}", "while true; do {0}; done", "case $A in a) {0} ;; *) {2} ;; esac",
    'sh -c "{0}"', "{0} $(CEILING)", "{1} || {0}", "{0} {1}",
)  # fmt: skip

# What may stand before a server's options, before a server, and alone.
_LEADS = (
    [], [CONFIG_FILE], [RUN_SCRIPT], ["run-redis"], ["sh", SCRIPT], ["bash", CHART_SCRIPT],
    ["docker-entrypoint.sh", "redis-server"],
)  # fmt: skip
_WRAPPERS = (["docker-entrypoint.sh"], ["tini", "--", "gosu", "redis"], [SCRIPT], ["$(OPTIONS)"])
_WHOLE = (["sh", "-c", CHART_SCRIPT], [CHART_SCRIPT], ["redis-cli", "ping"], ["bash", SCRIPT])


def options() -> st.SearchStrategy[list[str]]:
    """The words behind a server's program."""
    chosen = st.lists(st.sampled_from(OPTIONS), max_size=4)
    return chosen.map(lambda groups: [word for group in groups for word in group])


@st.composite
def server_commands(draw: st.DrawFn) -> str:
    """A server with its options as one shell command."""
    words = [shlex.quote(word) for word in draw(options())]
    server = draw(st.sampled_from(SERVERS))
    prefix, suffix = draw(st.sampled_from(_PREFIXES)), draw(st.sampled_from(_SUFFIXES))
    return f"{prefix}{' '.join([server, *words])}{suffix}"


@st.composite
def shell_texts(draw: st.DrawFn) -> str:
    """A shell text: most start a server somewhere, some cannot be read."""
    frame = draw(st.sampled_from(_FRAMES))
    statement = st.sampled_from(_STATEMENTS)
    texts = [
        draw(server_commands()),
        draw(statement),
        draw(st.one_of(server_commands(), statement)),
    ]
    return frame.format(*texts)


def command_lines() -> st.SearchStrategy[list[str]]:
    """What a container runs, when its Pod says so."""
    servers = st.sampled_from(SERVERS).map(lambda server: [server])
    shells = st.sampled_from((["sh", "-c"], ["bash", "-ec"], ["/bin/sh", "-c"], ["sh", "-x", "-c"]))
    texts = shell_texts().map(lambda text: [text])
    return st.one_of(
        _joined(servers, options()),
        _joined(st.sampled_from(_LEADS), options()),
        _joined(shells, texts),
        _joined(shells, texts, st.just(["zero"]), options()),
        _joined(st.sampled_from(_WRAPPERS), servers, options()),
        st.sampled_from(_WHOLE),
    )


def _joined(*parts: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    return st.tuples(*parts).map(lambda lists: [word for words in lists for word in words])


@st.composite
def launches(draw: st.DrawFn) -> dict[str, object]:
    """The fields `command` and `args`; the line is split anywhere between them."""
    line = draw(command_lines()) if draw(st.integers(0, 2)) else []
    at = draw(st.sampled_from([0, len(line), min(2, len(line)), min(1, len(line))]))
    launch: dict[str, object] = {"command": line[:at], "args": line[at:]}
    empty = draw(st.sampled_from(["left out", "null", "[]"]))
    for name in [name for name, words in launch.items() if not words]:
        if empty == "left out":
            del launch[name]
        elif empty == "null":
            launch[name] = None
    return launch


@st.composite
def variables(draw: st.DrawFn) -> dict[str, object]:
    """One entry of `env`."""
    name = draw(st.sampled_from(VARIABLES))
    kind = draw(st.sampled_from(["value", "value", "value", "nothing", "secret", "map"]))
    if kind == "value":
        return {"name": name, "value": draw(st.sampled_from(_VALUES))}
    if kind == "nothing":
        return {"name": name}
    reference = {"name": "settings", "key": draw(st.sampled_from(["flags", "none"]))}
    source = "secretKeyRef" if kind == "secret" else "configMapKeyRef"
    return {"name": name, "valueFrom": {source: reference}}
