import os

from hypothesis import HealthCheck, settings

# A shared machine stalls now and then: how long one example takes says nothing.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("exploring", unhurried)
# CI tries the same examples every time: what it finds is of the change, not of the day.
settings.register_profile("repeatable", unhurried, derandomize=True)
settings.load_profile("repeatable" if os.environ.get("CI") == "true" else "exploring")
