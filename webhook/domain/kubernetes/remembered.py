"""Answers that are kept for texts which come again, as the names and images of a template do."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

Result = TypeVar("Result")
Others = ParamSpec("Others")

LONGEST = 256
"""Characters of a text whose answer is kept; whoever may create a Pod writes megabytes of one."""

_MOST = 1024


def remembered(
    read: Callable[Concatenate[str, Others], Result],
) -> Callable[Concatenate[str, Others], Result]:
    """Keep the last answers of a pure function of a text and of what the process is set up with.

    What is kept is bounded, whoever writes the texts: there are at most 1,024 answers, and for a
    text of more than LONGEST characters it is computed each time. So is what is raised.
    """
    kept = cast("Callable[Concatenate[str, Others], Result]", lru_cache(maxsize=_MOST)(read))

    @wraps(read)
    def answer(text: str, /, *args: Others.args, **kwargs: Others.kwargs) -> Result:
        ask = kept if len(text) <= LONGEST else read
        return ask(text, *args, **kwargs)

    return answer
