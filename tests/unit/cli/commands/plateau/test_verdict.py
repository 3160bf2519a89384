"""What two trials show, in one sentence.

| guarded | unguarded | holds |
|---|---|---|
| died, in whatever way | | no |
| survived, full | killed | yes |
| survived, full | lives at its limit | no |
| survived, full | was never filled | yes |
| survived, full | left out | yes |
| survived, not filled | below its limit | yes, and says that it proves nothing |
"""

import pytest

from tests.unit.trials.histories import killed, lived, pod, terminated
from webhook.cli.commands.plateau.verdict import Trials, TrialVerdict, conclude
from webhook.trials.history import History, with_status

PLATEAU = "The guarded server plateaus at 450 of 512 and has evicted 50 keys"
NOTHING = "The load did not fill the guarded server: nothing is proven. Raise --rate."
CRASHED = with_status(lived(), pod(restarts=1, last=terminated(reason="Error", code=1)))
BOUNDARY = 486  # 95 % of 512 is 486.4


@pytest.mark.parametrize(
    ("guarded", "unguarded", "expected"),
    [
        (killed(), killed(), (False, "The guarded server was OOM-killed once.")),
        (CRASHED, killed(), (False, "The guarded server ended with exit code 1 (Error).")),
        (lived(), killed(), (True, f"{PLATEAU}; the unguarded one was OOM-killed once.")),
        (lived(), killed(2), (True, f"{PLATEAU}; the unguarded one was OOM-killed twice.")),
        (lived(), killed(3), (True, f"{PLATEAU}; the unguarded one was OOM-killed 3 times.")),
        (lived(), None, (True, f"{PLATEAU}.")),
        (
            lived(),
            lived(evicted=0, memory=BOUNDARY),
            (
                True,
                f"{PLATEAU}; the load did not fill the unguarded one. Raise --duration or --rate.",
            ),
        ),
        (
            lived(),
            lived(evicted=0, memory=BOUNDARY + 1),
            (False, f"{PLATEAU}, but the unguarded one lives at its limit: does the node swap?"),
        ),
        (lived(evicted=0), lived(evicted=0, memory=BOUNDARY), (True, NOTHING)),
        (lived(evicted=0), lived(evicted=0, memory=BOUNDARY + 1), (False, NOTHING)),
        (lived(evicted=0), None, (True, NOTHING)),
    ],
)
def test_the_verdict(guarded: History, unguarded: History | None, expected: tuple[bool, str]):
    holds, sentence = expected

    verdict = conclude(Trials(guarded=guarded, unguarded=unguarded))

    assert verdict == TrialVerdict(holds=holds, sentence=sentence)
