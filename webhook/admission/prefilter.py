"""What the match conditions let through, told outside of the API server: the audit's first look.

The same patterns as in `match_conditions`, over the same lists of containers, so that an audit
sees what the webhook would be called for, and nothing else has to be kept in memory.
"""

import re
from collections.abc import Mapping, Sequence

from webhook.admission.match_conditions import (
    LONGEST_IMAGE,
    LONGEST_TEXT,
    MAKES,
    image_pattern,
    own_image_pattern,
)
from webhook.domain.images.catalog import SERVER_WORD
from webhook.domain.policy.settings import Images

_LISTS = ("containers", "initContainers")
_SERVER_WORD = re.compile(SERVER_WORD)


class Prefilter:
    """Tells of Pod specs, as JSON gives them, whether the webhook would be called for them."""

    def __init__(self, images: Images) -> None:
        self._known = re.compile(image_pattern(Images()))
        self._own = re.compile(own_image_pattern(images)) if images.add else None

    def takes(self, spec: object) -> bool:
        """Tell whether a container of the spec may run Redis."""
        if not isinstance(spec, Mapping):
            return False
        return any(self._may_run_redis(each) for name in _LISTS for each in spec.get(name) or ())

    def _may_run_redis(self, container: Mapping[str, object]) -> bool:
        return (
            self._has_image(str(container.get("image") or ""))
            or _names_a_server(container.get("command"))
            or _names_a_server(container.get("args"))
        )

    def _has_image(self, image: str) -> bool:
        if len(image) > LONGEST_IMAGE:
            return False
        if any(make in image for make in MAKES) and self._known.search(image):
            return True
        return self._own is not None and self._own.search(image) is not None


def _names_a_server(elements: object) -> bool:
    if not isinstance(elements, Sequence) or isinstance(elements, str):
        return False
    text = " ".join(map(str, elements))
    if "-server" not in text:
        return False
    return len(text) > LONGEST_TEXT or _SERVER_WORD.search(text) is not None
