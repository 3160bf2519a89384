"""What a trial's history says of its server."""

from tests.unit.trials.histories import BEGAN, LIMIT, killed, lived, pod, terminated
from tests.unit.trials.loader_log import down, node, sample
from webhook.trials.history import History, Termination, with_log, with_status

EMPTY = History(limit=LIMIT)


def test_a_server_that_was_up_all_the_time_survived():
    history = lived(memory=450)

    assert history.survived
    assert history.peak == 450
    assert history.evictions == 50


def test_lines_that_are_known_already_change_nothing():
    lines = (node(), sample(1, at=0), sample(2, at=50))

    once = with_log(EMPTY, lines)
    twice = with_log(once, (*lines, sample(3, at=100)))

    assert [each.number for each in twice.samples] == [1, 2, 3]


def test_evictions_are_added_up_over_all_lives_of_a_server():
    counts = (10, 40, 5, 20)

    history = with_log(
        EMPTY, (sample(n, at=n * 50, evicted_keys=count) for n, count in enumerate(counts))
    )

    assert history.evictions == 60


def test_a_server_that_does_not_answer_at_the_end_has_not_survived():
    history = with_log(EMPTY, (sample(1, at=0), down(2, at=50)))

    assert not history.survived


def test_a_fork_that_failed_is_no_survival():
    history = with_log(EMPTY, (sample(1, at=0, rdb_last_bgsave_status="err"), sample(2, at=50)))

    assert not history.survived


def test_each_kill_counts_once_and_the_peak_is_the_limit():
    first = terminated(container="c1", at=BEGAN + 20)
    second = terminated(container="c2", at=BEGAN + 41)
    history = lived()

    for seen in (
        pod(state={"terminated": first}),
        pod(restarts=1, last=first),
        pod(restarts=1, last=first, state={"terminated": second}),
        pod(restarts=2, last=second),
    ):
        history = with_status(history, seen)

    assert history.oom_kills == (
        Termination(container="c1", reason="OOMKilled", exit_code=137, at=BEGAN + 20),
        Termination(container="c2", reason="OOMKilled", exit_code=137, at=BEGAN + 41),
    )
    assert [history.seconds_of(each) for each in history.oom_kills] == [20, 41]
    assert (history.restarts, history.peak, history.survived) == (2, LIMIT, False)


def test_an_end_of_its_own_is_no_oom_kill():
    error = terminated(reason="Error", code=1)

    history = with_status(lived(), pod(restarts=1, last=error))

    assert history.oom_kills == ()
    assert not history.survived


def test_what_keeps_a_container_waiting_is_told():
    waiting = {"waiting": {"reason": "ErrImagePull", "message": "no such image"}}

    history = with_status(EMPTY, pod(state=waiting))

    assert history.waiting == "redis: ErrImagePull: no such image"


def test_what_keeps_a_pod_from_its_node_is_told():
    unscheduled = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": "0/1 nodes",
    }

    history = with_status(EMPTY, {"status": {"conditions": [unscheduled]}})

    assert history.waiting == "Unschedulable: 0/1 nodes"


def test_kills_before_the_first_sample_are_kills():
    assert len(killed(2).oom_kills) == 2
