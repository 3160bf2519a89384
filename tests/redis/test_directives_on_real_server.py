"""Our reading of command lines and config files, held against what a real server makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from tests.redis.server import LaunchError, RealServer
from webhook.domain.redis.command_line import ServerOptions, is_sentinel, parse_options
from webhook.domain.redis.directives import (
    Directive,
    DirectiveError,
    is_yes,
    last_directive,
    parse_config,
    parse_memory,
    save_points,
)

pytestmark = pytest.mark.redis

PROGRAM = "redis-server"
DEFAULT_SAVE = "3600 1 300 100 60 10000"
MB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """The part of a server's configuration that decides its memory."""

    maxmemory: int = 0
    policy: str = "noeviction"
    save: str = DEFAULT_SAVE
    appendonly: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """Arguments behind the program, `redis.conf` in the working directory, and standard input."""

    arguments: tuple[str, ...] = ()
    config: str = ""
    stdin: str = ""


def args(*arguments: str, config: str = "", stdin: str = "") -> Launch:
    return Launch(arguments=arguments, config=config, stdin=stdin)


def config(text: str) -> Launch:
    return args("redis.conf", config=text)


ACCEPTED = [
    ("nothing", args(), Configured()),
    ("option and value", args("--maxmemory", "5mb"), Configured(maxmemory=5 * MB)),
    ("any case", args("--MaxMemory", "5MB"), Configured(maxmemory=5 * MB)),
    ("one element", args("--maxmemory 5mb"), Configured(maxmemory=5 * MB)),
    ("one element, quoted", args("--maxmemory '5mb'"), Configured(maxmemory=5 * MB)),
    ("one element, hex", args('--maxmemory "\\x35mb"'), Configured(maxmemory=5 * MB)),
    ("decimal unit", args("--maxmemory", "5m"), Configured(maxmemory=5_000_000)),
    ("plain bytes", args("--maxmemory", "5000000"), Configured(maxmemory=5_000_000)),
    ("bytes, said so", args("--maxmemory", "5000000b"), Configured(maxmemory=5_000_000)),
    ("kilobytes", args("--maxmemory", "5000K"), Configured(maxmemory=5_000_000)),
    ("kibibytes", args("--maxmemory", "5000kb"), Configured(maxmemory=5_120_000)),
    ("gigabytes", args("--maxmemory", "1g"), Configured(maxmemory=10**9)),
    ("gibibytes", args("--maxmemory", "1Gb"), Configured(maxmemory=2**30)),
    (
        "the last wins",
        args("--maxmemory", "5mb", "--maxmemory", "6mb"),
        Configured(maxmemory=6 * MB),
    ),
    ("policy", args("--maxmemory-policy", "allkeys-lru"), Configured(policy="allkeys-lru")),
    (
        "newline in an element",
        args("--maxmemory 5mb\nappendonly yes"),
        Configured(maxmemory=5 * MB, appendonly=True),
    ),
    (
        "newline in a name",
        args("--appendonly yes\nmaxmemory", "5mb"),
        Configured(maxmemory=5 * MB, appendonly=True),
    ),
    ("commented out", args("--#maxmemory 5mb", "--appendonly", "YES"), Configured(appendonly=True)),
    ("no snapshots", args("--save", ""), Configured(save="")),
    (
        "save without value before an option",
        args("--save", "--maxmemory", "5mb"),
        Configured(save="", maxmemory=5 * MB),
    ),
    (
        "SAVE without value at the end",
        args("--unixsocket", "{socket}", "--port", "0", "--SAVE"),
        Configured(save=""),
    ),
    ("one point", args("--save", "60", "1000"), Configured(save="60 1000")),
    ("points in one value", args("--save", "60 1000 30 5"), Configured(save="60 1000 30 5")),
    ("points in one element", args("--save 60 1000"), Configured(save="60 1000")),
    (
        "points add up",
        args("--save", "60 1000", "--maxmemory", "5mb", "--save", "30", "5"),
        Configured(save="60 1000 30 5", maxmemory=5 * MB),
    ),
    ("points, then none", args("--save", "60", "1000", "--save", ""), Configured(save="")),
    ("none, then a point", args("--save", "", "--save", "60 1"), Configured(save="60 1")),
    ("blank points", args("--save", " "), Configured(save="")),
    ("quoted nothing", args("--save", '""'), Configured(save="")),
    ("quotes that do not close", args("--save", '"60 1'), Configured(save="")),
    (
        "file",
        config("maxmemory 5mb\nmaxmemory-policy volatile-ttl\n"),
        Configured(maxmemory=5 * MB, policy="volatile-ttl"),
    ),
    (
        "file as people write it",
        config('# a\r\n\r\n\t MAXMEMORY   "5mb" \r\n \v appendonly yes\r\n'),
        Configured(maxmemory=5 * MB, appendonly=True),
    ),
    ("save without value in a file", config("save\n"), Configured(save="")),
    (
        "options over the file",
        args("redis.conf", "--maxmemory", "6mb", config="maxmemory 5mb\nsave 9 9"),
        Configured(maxmemory=6 * MB, save="9 9"),
    ),
    (
        "points of file and options",
        args("redis.conf", "--save", "60", "1", config="save 9 9\n"),
        Configured(save="9 9 60 1"),
    ),
    (
        "standard input first",
        args("-", "--appendonly", "yes", stdin="maxmemory 5mb"),
        Configured(maxmemory=5 * MB, appendonly=True),
    ),
    (
        "standard input last",
        args(
            "redis.conf",
            "--unixsocket",
            "{socket}",
            "--port",
            "0",
            "--maxmemory",
            "6mb",
            "-",
            config="maxmemory 5mb\n",
            stdin="appendonly yes",
        ),
        Configured(maxmemory=6 * MB, appendonly=True),
    ),
    (
        "value that looks like an option",
        args("--logfile", "--save", "--maxmemory", "5mb"),
        Configured(maxmemory=5 * MB),
    ),
    (
        "backslash in a value",
        args("--logfile", 'a\\nb"c', "--maxmemory", "5mb"),
        Configured(maxmemory=5 * MB),
    ),
]

REFUSED = [
    ("equals sign", args("--maxmemory=5mb"), ("maxmemory=5mb",)),
    ("one dash", args("-maxmemory", "5mb"), ("-maxmemory",)),
    ("options before the file", args("--maxmemory", "5mb", "redis.conf"), ("maxmemory",)),
    ("bare dashes", args("--", "--maxmemory", "5mb"), ("--maxmemory",)),
    (
        "standard input in between",
        args("--maxmemory", "5mb", "-", "--save", ""),
        ("maxmemory", "save"),
    ),
    ("one point too few", args("--save", "60"), ("save",)),
    ("value on the next line", args("--maxmemory\n", "5mb"), ("maxmemory", "5mb")),
]

UNBALANCED = [
    ("element", args('--maxmemory "5mb')),
    ("text behind a quote", args('--maxmemory "5mb"x')),
    ("file", config("appendonly yes\nmaxmemory '5mb")),
]


def read(launch: Launch) -> tuple[ServerOptions, tuple[Directive, ...]]:
    """Read a launch as the callers of the parsers do: file, standard input, then options."""
    options = parse_options(launch.arguments)
    texts = (
        (launch.config if options.config_file == "redis.conf" else "", "redis.conf"),
        (launch.stdin if options.stdin else "", "stdin"),
    )
    before = tuple(directive for text in texts for directive in parse_config(*text))
    return options, before + options.directives


def value(directives: Sequence[Directive], name: str, default: str) -> str:
    directive = last_directive(directives, name)
    if directive is None:
        return default
    (text,) = directive.values
    assert text is not None
    return text


def configured(directives: Sequence[Directive]) -> Configured:
    memory = parse_memory(value(directives, "maxmemory", "0"))
    assert memory is not None
    points = save_points(directives)
    return Configured(
        maxmemory=memory,
        policy=value(directives, "maxmemory-policy", "noeviction"),
        save=DEFAULT_SAVE if points is None else " ".join(points),
        appendonly=is_yes(value(directives, "appendonly", "no")),
    )


def start(server: RealServer, launch: Launch) -> None:
    (server.directory / "redis.conf").write_bytes(launch.config.encode())
    arguments = [argument.format(socket=server.socket) for argument in launch.arguments]
    server.start([PROGRAM, *arguments], stdin=launch.stdin.encode())


def asked(server: RealServer) -> Configured:
    return Configured(
        maxmemory=int(server.config_get("maxmemory")),
        policy=server.config_get("maxmemory-policy"),
        save=server.config_get("save"),
        appendonly=server.config_get("appendonly") == "yes",
    )


@pytest.mark.parametrize(
    ("launch", "expected"), [case[1:] for case in ACCEPTED], ids=[case[0] for case in ACCEPTED]
)
def test_we_read_what_the_server_reads(
    server: RealServer, launch: Launch, expected: Configured
) -> None:
    start(server, launch)

    assert asked(server) == expected
    assert configured(read(launch)[1]) == expected


@pytest.mark.parametrize(
    ("launch", "names"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_what_the_server_refuses_reads_as_the_server_read_it(
    server: RealServer, launch: Launch, names: tuple[str, ...]
) -> None:
    with pytest.raises(LaunchError, match="FATAL CONFIG FILE ERROR"):
        start(server, launch)

    assert tuple(directive.name for directive in read(launch)[1]) == names


@pytest.mark.parametrize(
    "launch", [case[1] for case in UNBALANCED], ids=[case[0] for case in UNBALANCED]
)
def test_unbalanced_quotes_are_refused_by_both(server: RealServer, launch: Launch) -> None:
    with pytest.raises(LaunchError, match="Unbalanced quotes"):
        start(server, launch)

    with pytest.raises(DirectiveError, match="unbalanced quotes"):
        read(launch)


@pytest.mark.parametrize("name", ["maxmemory", "REQUIREPASS"])
def test_a_waiting_option_would_swallow_what_comes_next(server: RealServer, name: str) -> None:
    arguments = ("--port", "0", "--unixsocket", str(server.socket), f"--{name}")

    with pytest.raises(LaunchError, match="wrong number of arguments"):
        start(server, args(*arguments))

    assert parse_options(arguments).waiting == name.lower()


def test_a_waiting_password_swallows_our_option(server: RealServer) -> None:
    arguments = ("--requirepass", "--maxmemory", "--appendonly", "yes")
    server.start([PROGRAM, *arguments], password="--maxmemory")

    assert asked(server) == Configured(appendonly=True)
    assert configured(parse_options(arguments).directives) == Configured(appendonly=True)


@pytest.mark.parametrize("text", ["400Mi", "50%", "0.5gb", "-1", "5 mb", "+5", "1t", "1kib", "x"])
def test_sizes_that_the_server_refuses(server: RealServer, text: str) -> None:
    with pytest.raises(LaunchError, match="argument must be a memory value"):
        start(server, args("--maxmemory", text))

    assert parse_memory(text) is None


@pytest.mark.parametrize(
    ("text", "wrapped"),
    [("17179869185gb", 2**30), ("18014398509481985kb", 1024), ("9" * 127, 2**64 - 1)],
)
def test_sizes_that_wrap_around_in_the_server_are_none_of_ours(
    server: RealServer, text: str, wrapped: int
) -> None:
    start(server, args("--maxmemory", text))

    assert asked(server) == Configured(maxmemory=wrapped)
    assert parse_memory(text) is None


@pytest.mark.parametrize(
    ("argument", "printed"),
    [("--version", "Redis server v="), ("-v", "v="), ("--help", "Usage:"), ("-h", "Usage:")],
)
def test_special_arguments_end_without_a_server(
    server: RealServer, argument: str, printed: str
) -> None:
    with pytest.raises(LaunchError) as refused:
        start(server, args(argument, "--maxmemory", "5mb"))

    assert printed in str(refused.value)
    assert parse_options([argument, "--maxmemory", "5mb"]).special is not None


def test_sentinel_is_told_by_the_word_alone(server: RealServer) -> None:
    arguments = ("redis.conf", "--logfile", "--sentinel")
    start(server, args(*arguments))

    assert server.ask("ROLE").split() == ["sentinel"]
    assert is_sentinel(arguments)


def test_a_launcher_may_be_a_shell(server: RealServer) -> None:
    server.start(
        ["sh", "-ec", 'exec redis-server --maxmemory "$SIZE"'], environment={"SIZE": "5mb"}
    )

    assert asked(server) == Configured(maxmemory=5 * MB)
