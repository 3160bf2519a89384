"""What comes out of a ConfigMap is told to nobody: whoever reaches the webhook can name any."""

import base64
import json
import logging
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.harness.builders import a_review, reading
from tests.property.pods import pods
from webhook.admission.advise import advise
from webhook.admission.handling import Admitted, Decide, handle
from webhook.admission.mutate import mutate
from webhook.admission.validate import validate
from webhook.domain.policy.settings import Mode, NamespaceSettings, Policy, Unenforceable
from webhook.observability.decisions import log_decisions

Json = dict[str, Any]

SECRET = "hunter2"
POLICIES = (
    Policy(),
    Policy(defaults=NamespaceSettings(mode=Mode.AUDIT)),
    Policy(defaults=NamespaceSettings(unenforceable=Unenforceable.DENY)),
)

# A secret in every place of what is read.
_TEXTS = (
    "{s}", "/{s}", "{s} {s}", "--{s}", "--{s} 1", "--maxmemory {s}", "--maxmemory-policy {s}",
    "--include /{s}", "--save {s}", "-{s}", "'{s}", '"{s}', "{s}.conf", "redis-server {s}",
    "redis-server --{s}", "redis-server '{s}", "redis-server --maxmemory {s}", "exec {s}",
    "redis-server /{s}.conf", "bash /{s}.sh", "sh -c '{s}", "cd /{s}; redis-server",
    "{s}() {{ redis-server; }}; {s}", "redis-server <<{s}\n", "eval {s}; redis-server",
    "A={s}; redis-server $A", "redis-server $(cat /{s})", "redis-server ${{{s}}}", "{s}-server",
    "redis-server\nmaxmemory {s}", ". /{s}; redis-server", "timeout {s} redis-server", "$({s})",
    "$(OTHER){s}", "redis-server --maxmemory 1gb --{s}", "redis-server | {s}", "{s} redis-server",
    "maxmemory {s}\n", "maxmemory-policy {s}\n", "include /{s}.conf\n", "include {s}\n",
    "save {s}\n",
    "maxmemory: {s}\n", "maxmemory = {s}\n", "appendonly={s}\n", "maxmemory-policy:{s}\n",
    "dir /{s}\n", "requirepass '{s}\n", '{s} "\n', "{s}\n", "appendonly {s}\n", "loadmodule /{s}\n",
    "maxmemory 1gb\n{s} 1\n", 'maxmemory "\\x{s}"\n', "\n\n'{s}", "unixsocket {s}\nmaxmemory 0\n",
    "#!/{s}\nredis-server\n", "#!/bin/{s}\nexec redis-server\n", "#!/bin/bash\nexec {s}\n",
    '#!/bin/sh\nexec redis-server {s} "${{ARGS[@]}}"\n', "#!/bin/sh\nredis-server {s} &\n",
    "#!/bin/sh\nif {s}; then redis-server; fi\n", "#!/bin/sh\n{s}=1 redis-server\n", "512{s}",
)  # fmt: skip
_ARGS = (
    ["$(V)"], ["redis-server", "$(V)"], ["--maxmemory", "$(V)"], ["--maxmemory $(V)"],
    ["--maxmemory-policy", "$(V)"], ["--include", "$(V)"], ["--include", "/etc/redis/$(V)"],
    ["--$(V)"], ["--save", "$(V)"], ["/etc/redis/$(V)"], ["/etc/redis/redis.conf"], ["--$(V)", "1"],
    ["/etc/redis/redis.conf", "--maxmemory", "$(V)"], ["sh", "-c", "$(V)"], ["bash", "$(V)"],
    ["sh", "-c", "redis-server $(V)"], ["sh", "-c", "exec $(V)"], ["sh", "/scripts/start.sh"],
    ["sh", "-c", "/scripts/start.sh"], ["sh", "-c", ". /scripts/start.sh; redis-server"],
    ["/opt/bitnami/scripts/start-scripts/start-master.sh"], ["$(V)", "--port", "1"],
    ["redis-server", "--maxmemory", "0", "$(V)"], ["--appendonly", "yes", "--dir", "$(V)"],
    ["docker-entrypoint.sh", "$(V)"], ["tini", "--", "$(V)"], ["sh", "-c", "redis-server $V"],
    ["sh", "-c", 'exec "$@"', "x", "$(V)"],
)  # fmt: skip
_VARIABLES = ("V", "REDIS_EXTRA_FLAGS", "VALKEY_EXTRA_FLAGS", "REDIS_ARGS", "OTHER", "SENTINEL")


@st.composite
def asking_pods(draw: st.DrawFn) -> Json:
    """A Pod that puts what ConfigMaps say wherever something is read."""
    pod: Json = draw(pods())
    source = {"configMapKeyRef": {"name": "settings", "key": "V"}}
    for container in pod["spec"]["containers"]:
        if draw(st.booleans()):
            container["args"] = list(draw(st.sampled_from(_ARGS)))
            container["command"] = draw(st.sampled_from([[], [], ["redis-server"], ["$(V)"]]))
        names = draw(st.lists(st.sampled_from(_VARIABLES), unique=True, max_size=3))
        container.setdefault("env", [])
        container["env"] += [{"name": name, "valueFrom": source} for name in names]
        if draw(st.booleans()):
            container["envFrom"] = [{"configMapRef": {"name": "settings"}}]
        container["volumeMounts"] = [
            {"name": "settings", "mountPath": path}
            for path in ("/etc/redis", "/scripts", "/opt/bitnami/scripts/start-scripts")
        ]
    others = [each for each in pod["spec"].get("volumes", []) if each["name"] != "settings"]
    pod["spec"]["volumes"] = [*others, {"name": "settings", "configMap": {"name": "settings"}}]
    return pod


@st.composite
def secret_config_maps(draw: st.DrawFn) -> Mapping[str, Mapping[str, str]]:
    """The ConfigMap that it names: nothing but secrets."""
    keys = ("V", "redis.conf", "start.sh", "start-master.sh", "REDIS_ARGS", f"{SECRET}.conf")
    text = st.lists(st.sampled_from(_TEXTS), min_size=1, max_size=2).map(" ".join)
    return {"settings": {key: draw(text).format(s=SECRET) for key in keys}}


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    pod=asking_pods(),
    files=secret_config_maps(),
    policy=st.sampled_from(POLICIES),
    decide=st.sampled_from([mutate, validate, advise]),
)
def test_no_answer_and_no_log_line_tells_what_a_config_map_says(
    pod: Json,
    files: Mapping[str, Mapping[str, str]],
    policy: Policy,
    decide: Decide,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.clear()
    caplog.set_level(logging.DEBUG)

    admitted = handle(a_review(pod), decide, policy=policy, read_config_maps=reading(files))
    log_decisions("any", admitted, seconds=0.0)

    assert SECRET not in told(admitted)
    assert SECRET not in repr([record.__dict__ for record in caplog.records])


def told(admitted: Admitted) -> str:
    """Everything that an answer says, the patch decoded."""
    response = json.loads(admitted.answer)["response"]
    patch = base64.b64decode(response.pop("patch", "")).decode()
    return json.dumps(response, ensure_ascii=False) + patch
