"""The guard, installed for the tests of this directory, and gone after them."""

from collections.abc import Iterator

import pytest

from tests.harness.cluster import Cluster
from tests.harness.release import Guard, installed_guard


@pytest.fixture(scope="package")
def guard(cluster: Cluster) -> Iterator[Guard]:
    """The guard in enforce mode, with the chart's own values; a test that changes it changes it
    back.
    """
    with installed_guard(cluster) as guard:
        yield guard
