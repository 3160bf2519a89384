"""Histories as the lines of the picture."""

from tests.unit.trials.histories import BEGAN, LIMIT, pod, terminated
from tests.unit.trials.loader_log import down, node, sample
from webhook.cli.commands.plateau.curve import Point, ceilings_set, down_times, pieces
from webhook.trials.history import History, with_log, with_status


def history(*lines: str, kills: tuple[int, ...] = ()) -> History:
    seen = with_log(History(limit=LIMIT), (node(began=BEGAN), *lines))
    for at in kills:
        last = terminated(container=str(at), at=BEGAN + at)
        seen = with_status(seen, pod(restarts=1, last=last))
    return seen


def test_a_life_is_one_curve_and_cut_off_at_the_limit():
    lived = history(
        sample(1, at=0, used_memory_rss=100), sample(2, at=50, used_memory_rss=LIMIT + 4)
    )

    assert pieces(lived) == ((Point(at=0.0, memory=100), Point(at=0.5, memory=LIMIT)),)
    assert down_times(lived) == ()


def test_a_kill_goes_up_to_the_limit_and_the_next_life_is_another_curve():
    killed = history(
        sample(1, at=0, used_memory_rss=100),
        sample(2, at=1950, used_memory_rss=500),
        down(3, at=2050),
        sample(4, at=3000, uptime_in_seconds=1, used_memory_rss=90),
        kills=(20,),
    )

    assert pieces(killed) == (
        (
            Point(at=0.0, memory=100),
            Point(at=19.5, memory=500),
            Point(at=20.0, memory=LIMIT),
        ),
        (Point(at=30.0, memory=90),),
    )
    assert down_times(killed) == ((20.0, 30.0),)


def test_a_restart_between_two_samples_is_seen_by_the_uptime():
    restarted = history(sample(1, at=900), sample(2, at=1000, uptime_in_seconds=0), kills=(9,))

    assert pieces(restarted) == (
        (Point(at=9.0, memory=100),),
        (Point(at=10.0, memory=100),),
    )


def test_a_server_that_stays_away_is_down_to_the_end():
    gone = history(sample(1, at=1000), down(2, at=1100), down(3, at=4000), kills=(11,))

    assert down_times(gone) == ((11.0, 40.0),)


def test_a_ceiling_that_a_running_server_is_given_is_told():
    given = history(
        sample(1, at=1000, maxmemory=0), sample(2, at=1050, maxmemory=400), sample(3, at=1100)
    )

    assert ceilings_set(given) == ((10.5, 400),)


def test_a_ceiling_that_goes_with_a_restart_is_none_that_was_set():
    restarted = history(
        sample(1, at=1000),
        sample(2, at=1050, maxmemory=0, uptime_in_seconds=0),
        down(3, at=1100),
        sample(4, at=1150, uptime_in_seconds=0),
    )

    assert ceilings_set(restarted) == ()
