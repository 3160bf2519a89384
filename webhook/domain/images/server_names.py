"""Names of images that look like a Redis server's, such as `redis-7` or `mirrored-library-redis`.

A name says nothing of what the image starts. But a server that nobody evaluates runs without a
ceiling, and in silence; so every part of such a name has to be the server's own, a version, or one
of the words by which people tell builds and roles apart. An exporter, a user interface, an
operator, a proxy, a client or an application has another word in its name.
"""

import re

_MAKES = "(redis|valkey|keydb)[0-9]*"

_WORDS = (
    # roles
    "server", "stack", "cluster", "persistent", "ephemeral", "cache", "store", "db", "database",
    "master", "primary", "replica", "slave", "follower", "leader", "node", "standalone", "single",
    "ha", "modules?",
    # builds
    "alpine", "debian", "ubuntu", "centos", "rhel", "fedora", "ubi", "wolfi", "bookworm",
    "bullseye", "trixie", "slim", "distroless", "hardened", "dhi", "fips", "tls", "bundle",
    "photon", "base", "custom", "my", "oss", "ce", "community", "latest", "lts", "amd", "arm",
    # where it comes from
    "mirror(ed)?", "library", "official", "docker", "image", "container", "bitnami",
    # versions: 7, 7.2, v7, c9s, el8, alpine3
    "(v|c|f|el|py|x|ubi|rhel|centos|fedora|alpine|debian|ubuntu|amd|arm)?[0-9][0-9a-z]*",
)  # fmt: skip

SERVER_NAME = rf"(({'|'.join(_WORDS)})[._-]+)*{_MAKES}([._-]+({'|'.join(_WORDS)}))*"
"""The pattern of the last part of such a repository, for a full match, in RE2 and in Python."""

_SERVER_NAME = re.compile(SERVER_NAME)


def looks_like_server(repository: str) -> bool:
    """Tell whether a repository is named like a server: `corp/redis-7` is, `corp/redis-ui` is not.

    The last part of the path is looked at; its length is bounded by the image grammar.
    """
    return _SERVER_NAME.fullmatch(repository.rpartition("/")[2]) is not None
