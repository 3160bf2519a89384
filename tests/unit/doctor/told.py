"""What a diagnosis says of one check."""

from datetime import datetime

from tests.unit.doctor.installations import NOW, an_installation
from webhook.doctor.check import Check, CheckName
from webhook.doctor.diagnose import diagnose
from webhook.doctor.installation import Installation, Unread

FORBIDDEN = Unread(why="the API server answers 403: forbidden")


def check(name: CheckName, found: Installation, now: datetime = NOW) -> Check:
    return next(each for each in diagnose(found, now=now) if each.name is name)


def told(name: str, now: datetime = NOW, **fields: object) -> tuple[str, str]:
    """The status and the message of a check of an installation that is otherwise in order."""
    found = check(CheckName(name), an_installation(**fields), now)
    return found.status, found.message
