"""What `eval` runs, where the text tells it."""

import pytest

from tests.harness.builders import launch_of
from tests.unit.domain.launch.texts import (
    PERSISTENT_TEXT,
    in_shell,
    is_left_alone,
    scripted,
    wrapper,
)
from webhook.domain.reasons import Reason

WRAPPER = wrapper(PERSISTENT_TEXT)


class TestEval:
    ASK = 'ask() { eval "$cmd" | head -1; }\n'

    @pytest.mark.parametrize(
        "lines",
        [
            "eval redis-cli -h $HOST ping",
            "eval $cmd",
            'cmd="redis-cli -h $SENTINEL -p 26379 sentinel masters"\neval "$cmd"',
            "if tls; then cmd='valkey-cli --tls'; else cmd='valkey-cli'; fi; $(eval $cmd ping)",
            'cli() { printf "A=\\$P redis-cli -h x"; }\nm() { local c="$(cli) get x"; eval $c; }',
            'base=\'timeout 5 redis-cli\'; cmd="$base ping"; command eval "$cmd"',
        ],
    )
    def test_a_clients_command_changes_no_server(self, lines: str):
        outcome = scripted(f"#!/bin/bash\n{lines}\nexec redis-server --port 7000\n")

        assert launch_of(outcome.after)[0][2] == WRAPPER

    @pytest.mark.parametrize(
        "lines",
        [
            'eval "$START_COMMAND"',
            "cmd=$(cat /cmd); eval $cmd",
            "cmd='ARGS=(--maxmemory 1gb)'; eval $cmd",
            "cmd='redis-cli ping; cd /x'; eval $cmd",
            "read cmd; cmd=$X; eval $cmd",
            "cli() { date; echo x; }; eval $(cli)",
            "eval 'redis-cli; redis-server &'",
            "a=$b; b=$a; eval $a",
            'eval "redis-cli \'"',
            "\n".join(f"c='redis-cli {n}'" for n in range(20)) + "\neval $c",
        ],
    )
    def test_anything_else_is_not_followed(self, lines: str):
        outcome = scripted(f"#!/bin/bash\n{lines}\nexec redis-server --port 7000\n")

        assert is_left_alone(outcome, Reason.UNREADABLE_SCRIPT)

    def test_a_function_of_a_servers_name_is_not_followed(self):
        outcome = in_shell('redis-server() { command redis-server "$@"; }; redis-server --port 1')

        assert is_left_alone(outcome, Reason.UNREADABLE_SHELL_TEXT)
