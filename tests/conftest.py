import os

from hypothesis import settings

# A shared machine stalls now and then: how long one example takes says nothing.
settings.register_profile("exploring", deadline=None)
# CI tries the same examples every time: what it finds is of the change, not of the day.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable" if os.environ.get("CI") == "true" else "exploring")
