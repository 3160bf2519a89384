"""What an image family is: which server its images run, and where options reach it."""

from dataclasses import dataclass

from webhook.domain.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ByArguments:
    """Without command and args the image runs `arguments`; options are added behind them.

    `forwards` tells that the entrypoint hands args which are options (or start with a `*.conf`
    path) to the server; `entrypoint_is_server` that args are never anything but the server's own.
    """

    arguments: tuple[str, ...]
    forwards: bool = False
    entrypoint_is_server: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ByVariable:
    """The image's start script adds the words of an environment variable to the server's options.

    A value of `overridden_by` makes the script forget the variable. Its words come before those
    behind the script; in images before version `first_since` they may come last.
    """

    variable: str
    overridden_by: str = ""
    first_since: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionedVariable:
    """A variable whose words only later images of a family put before args.

    Images before version `not_before` never read it, those from `always_from` on do; of the ones
    between, the tag does not tell.
    """

    name: str
    not_before: tuple[int, int]
    always_from: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LastFile:
    """A file that wins over what an image configures: at `path`, or where `variable` says."""

    path: str
    variable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfReach:
    """No option in the Pod reaches the server that the image starts.

    `last_file` is a file that the image includes last, if it is there. `forwards` tells, as in
    ByArguments, that the entrypoint hands args which are options to the server; nothing but them
    then. `is_certain` is False where nothing but the image's name speaks for a server.
    """

    reason: Reason
    last_file: LastFile | None = None
    forwards: bool = False
    is_certain: bool = True


Start = ByArguments | ByVariable | OutOfReach


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Images that start their server alike.

    `repositories` are globs over `registry/repository`, in which what comes from Docker Hub through
    a mirror is `docker.io/…`.
    `config_file` is the configuration that the image brings along and starts with,
    `default_directives` what that file says about memory and persistence, `directive_variables`
    which of it a variable of the environment says instead. `run_scripts` are the image's own start
    scripts, which take further options behind them when `run_script_forwards`.
    `appended_variable` names a variable whose words come behind args and win; in some versions of
    the image they come before them when `may_be_prepended`. `versioned_variable` is one that later
    images put before args. `data_directory` is the server's working directory, None where it
    differs between versions. `tags_are_versions` tells that a version in a tag is the server's own.
    """

    name: str
    repositories: tuple[str, ...]
    start: Start
    program: str = "redis-server"
    data_directory: str | None = None
    config_file: str | None = None
    config_mounts: tuple[str, ...] = ()
    default_directives: tuple[tuple[str, str], ...] = ()
    directive_variables: tuple[tuple[str, str], ...] = ()
    run_scripts: tuple[str, ...] = ()
    run_script_forwards: bool = False
    appended_variable: str | None = None
    may_be_prepended: bool = False
    versioned_variable: VersionedVariable | None = None
    tags_are_versions: bool = True

    @property
    def is_known(self) -> bool:
        """Tell whether it is known what the images start, not only what they are called."""
        match self.start:
            case OutOfReach(reason=Reason.UNKNOWN_IMAGE):
                return False
            case _:
                return True
