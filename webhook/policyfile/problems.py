"""The problems of a policy file in words, each with the path of what it is about."""

import re
from collections.abc import Iterator
from dataclasses import fields
from difflib import get_close_matches

from cattrs import ClassValidationError, ForbiddenExtraKeysError, IterableValidationError

from webhook.domain.policy.settings import NamespaceSettings, Policy
from webhook.policyfile.values import camel, shown

TOP_LEVEL_SETTINGS = tuple(camel(f.name) for f in fields(NamespaceSettings) if f.name != "exempt")
"""The keys of the default settings, which stand at the top level of the file."""

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_.-]{1,60}\Z", re.ASCII)


def problems_in(error: BaseException) -> Iterator[str]:
    """Say everything that cattrs, or a value's own parser, found wrong."""
    return _problems(error, "")


def _problems(error: BaseException, path: str) -> Iterator[str]:
    match error:
        case ClassValidationError():
            named, others = error.group_exceptions()
            for inner, attribute in named:
                yield from _problems(inner, _join(path, camel(attribute.name)))
            for inner in others:
                yield from _problems(inner, path)
        case IterableValidationError():
            for inner, item in error.group_exceptions()[0]:
                yield from _problems(inner, f"{path}[{item.index}]")
        case ForbiddenExtraKeysError():
            for key in sorted(error.extra_fields):
                yield f"{_join(path, key)}: no such setting{_hint(key, error.cl)}"
        case KeyError():
            yield f"{path}: must be given"
        case _:
            yield f"{path}: {error}" if path else str(error)


def _hint(key: str, cls: type) -> str:
    if cls is Policy and key == "exempt":
        return "; only a rule can exempt, for its namespaces"
    near = get_close_matches(key, _keys(cls), n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(_keys(cls))}"


def _keys(cls: type) -> tuple[str, ...]:
    own = tuple(camel(field.name) for field in fields(cls))
    return TOP_LEVEL_SETTINGS + own[1:] if cls is Policy else own


def _join(path: str, key: str) -> str:
    name = key if _PLAIN_KEY.match(key) else shown(key)
    return f"{path}.{name}" if path else name
