"""The administrator's policy file: YAML text in, a whole Policy or every problem at once out.

docs/policy.md tells users of it, docs/policy.example.yaml writes out every default.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from webhook.domain.policy.settings import Policy
from webhook.policyfile.contradictions import contradictions
from webhook.policyfile.structure import structure_policy
from webhook.yamltext.documents import compose
from webhook.yamltext.values import YamlError, construct, repeated_keys

MAX_BYTES = 1024 * 1024
"""A ConfigMap holds no more."""


class PolicyFileError(ValueError):
    """A policy file that cannot be used, with all its problems, each with its path or line."""

    def __init__(self, source: str, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(f"{source}: {problem}" for problem in problems))
        self.source = source
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPolicy:
    """A policy, and the SHA-256 of the bytes that it was read from, in hexadecimal digits."""

    policy: Policy
    sha256: str


BUILT_IN = LoadedPolicy(policy=Policy(), sha256=sha256(b"").hexdigest())
"""What holds without a policy file, and what an empty one says."""


def load_policy(path: Path) -> LoadedPolicy:
    """Read and parse a policy file; raises PolicyFileError, also when it cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PolicyFileError(str(path), (f"cannot be read: {error.strerror}",)) from None
    if len(content) > MAX_BYTES:
        raise PolicyFileError(str(path), ("is over 1 MiB, more than a ConfigMap holds",))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PolicyFileError(str(path), (f"is not UTF-8 at byte {error.start}",)) from None
    return LoadedPolicy(policy=parse_policy(text, str(path)), sha256=sha256(content).hexdigest())


def parse_policy(text: str, source: str) -> Policy:
    """Parse the text of a policy file; an empty one is the built-in policy.

    Raises PolicyFileError, which names the file as `source`, with every problem that was found.
    """
    try:
        node = compose(text)
        if node is None:
            return Policy()
        repeated = tuple(
            f"line {line}: {key!r} is given twice" for line, key in repeated_keys(node)
        )
        content = construct(node)
    except YamlError as error:
        raise PolicyFileError(source, (str(error),)) from None
    policy, problems = structure_policy({} if content is None else content)
    if policy is not None:
        problems = contradictions(policy)
    if policy is None or repeated or problems:
        raise PolicyFileError(source, repeated + problems)
    return policy
