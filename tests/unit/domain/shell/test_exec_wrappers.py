import pytest

from webhook.domain.shell.exec_wrappers import program_index


@pytest.mark.parametrize(
    ("line", "program"),
    [
        ("redis-server --port 1", 0),
        ("/usr/bin/redis-server", 0),
        ("exec redis-server", 1),
        ("exec -a redis redis-server", 3),
        ("exec -cl -a redis redis-server", 4),
        ("exec -- redis-server", 2),
        ("command redis-server", 1),
        ("command -p redis-server", 2),
        ("env redis-server", 1),
        ("/usr/bin/env A=1 B= redis-server", 3),
        ("env -i -u HOME --unset=PATH -- A=1 redis-server", 7),
        ("env - A=1 redis-server", 3),
        ("env --chdir /data redis-server", 3),
        ("nohup redis-server", 1),
        ("nice redis-server", 1),
        ("nice -n 5 redis-server", 3),
        ("nice -n5 redis-server", 2),
        ("nice -5 redis-server", 2),
        ("nice --adjustment=-10 redis-server", 2),
        ("ionice -c 2 -n 0 redis-server", 5),
        ("ionice -c2 -n0 -t redis-server", 4),
        ("chrt -f 10 redis-server", 3),
        ("chrt --rr 10 redis-server", 3),
        ("stdbuf -oL -e 0 redis-server", 4),
        ("stdbuf --output=L redis-server", 2),
        ("time redis-server", 1),
        ("time -p A=1 redis-server", 3),
        ("/usr/bin/time -v -o log redis-server", 4),
        ("timeout 10 redis-server", 2),
        ("timeout -s KILL --kill-after=5 10m redis-server", 5),
        ("gosu redis redis-server", 2),
        ("gosu redis:redis /usr/local/bin/redis-server", 2),
        ("su-exec redis redis-server", 2),
        ("s6-setuidgid redis redis-server", 2),
        ("setpriv --reuid redis --regid=redis --clear-groups -- redis-server", 6),
        ("setpriv --nnp --init-groups --reuid=999 redis-server", 4),
        ("tini redis-server", 1),
        ("/sbin/tini -sg -v -e 143 -- redis-server", 6),
        ("tini -p SIGTERM -- redis-server", 4),
        ("docker-init -- redis-server", 2),
        ("dumb-init --rewrite 15:2 -v redis-server", 4),
        ("catatonit -g -- redis-server", 3),
        ("setsid -w redis-server", 2),
        ("setsid --fork redis-server", 2),
        ("numactl --interleave=all -N 0 redis-server", 4),
        ("numactl --cpunodebind 0 --localalloc redis-server", 4),
        ("taskset 0x3 redis-server", 2),
        ("taskset -c 0-3 redis-server", 3),
        ("chpst -u redis -n 5 redis-server", 5),
        ("runuser -u redis -- redis-server", 4),
        ("runuser --user=redis redis-server", 2),
        ("sudo -E -u redis -- redis-server", 5),
        ("sudo -nu redis A=1 redis-server", 4),
        ("busybox sh -c text", 1),
        ("exec nice -n 5 tini -- gosu redis env A=1 redis-server", 10),
        # What looks a program up does not run it.
        ("command -v redis-server", 0),
        ("exec command -V redis-server", 1),
        ("sleep 1", 0),
        ("A=1 redis-server", 0),
    ],
)
def test_program_behind_wrappers(line: str, program: int) -> None:
    assert program_index(line.split()) == program


@pytest.mark.parametrize(
    "line",
    [
        "",
        "exec",
        "env A=1",
        "gosu redis",
        "gosu",
        "timeout 10",
        "tini --",
        "exec -z redis-server",
        "env -S redis-server",
        "env --split-string=redis-server",
        "nice -n",
        "taskset -p 1",
        "ionice -p 1",
        "tini --version",
        "busybox --list",
        "sudo -i redis-server",
        "runuser redis -c redis-server",
        "runuser -g redis redis-server",
        "chroot /x redis-server",
        "exec su redis -c redis-server",
        "xargs redis-server",
        # Unknown words, written as "?".
        "?",
        "exec ? redis-server",
        "env ? redis-server",
        "env A=1 ? redis-server",
        "gosu redis ?",
        "timeout ? redis-server",
        "chrt -f ? redis-server",
    ],
)
def test_program_that_cannot_be_told(line: str) -> None:
    words = [None if word == "?" else word for word in line.split()]

    assert program_index(words) is None


@pytest.mark.parametrize(
    ("line", "program"),
    [
        # The unknown word can only be the user, or the value of the option before it.
        ("gosu ? redis-server", 2),
        ("nice -n ? redis-server", 3),
        ("exec -a ? redis-server ?", 3),
        ("setpriv --reuid ? redis-server", 3),
    ],
)
def test_unknown_word_that_decides_nothing(line: str, program: int) -> None:
    words = [None if word == "?" else word for word in line.split()]

    assert program_index(words) == program


@pytest.mark.parametrize(("wrappers", "program"), [(99, 99), (100, None)])
def test_only_the_first_hundred_words_are_read(wrappers: int, program: int | None) -> None:
    assert program_index(["exec"] * wrappers + ["redis-server"]) == program
