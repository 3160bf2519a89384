"""The warnings of an answer."""

import pytest

from tests.harness.builders import Json, a_container, a_pod, evaluated
from tests.unit.admission.said import SNAPSHOTS
from webhook.admission.respond import respond
from webhook.domain.reasons import EXPLANATIONS, Reason


class TestWarnings:
    @pytest.mark.parametrize(("length", "is_cut"), [(0, False), (1, True)])
    def test_each_is_cut_to_255_characters(self, length: int, *, is_cut: bool):
        fixed = f'container "": {SNAPSHOTS}'
        name = "x" * (255 - len(fixed) + length)

        (warning,) = respond(evaluated(a_pod(a_container(name=name)))).warnings

        assert len(warning) == 255
        assert warning.endswith("…") == is_cut

    def test_they_are_of_one_line_and_printable(self):
        name = "a\n\x1b[31mb"

        warnings = respond(evaluated(a_pod(a_container(name=name)))).warnings

        assert warnings == (f'container "a\ufffd\ufffd[31mb": {SNAPSHOTS}',)

    @pytest.mark.parametrize("reason", Reason)
    def test_no_remedy_is_cut_under_the_longest_name(self, reason: Reason):
        name = "n" * 63

        warning = f'audit: container "{name}": {EXPLANATIONS[reason].remedy}'

        assert len(warning) <= 255

    @pytest.mark.parametrize(
        "container",
        [
            a_container(limit="64Mi"),
            a_container(limit=None),
            a_container(limit="16Mi"),
            a_container(args=["--maxmemory", "512mb"]),
            a_container(args=["--maxmemory", "$(C)"]),
            a_container(args=["--appendonly", "yes", "--maxmemory", "400mb"]),
            a_container(args=["/etc/redis/redis.conf"]),
            a_container(args=["redis-server", "-"]),
            a_container(image="bitnami/redis", command=["/start.sh"]),
            a_container(command=["sh", "-c", "cat <<E\nE\nredis-server"]),
            a_container(image="quay.io/opstree/redis"),
            a_container(image="corp/redis"),
        ],
    )
    def test_none_is_cut_under_the_longest_name(self, container: Json):
        pod = a_pod(container | {"name": "n" * 63})

        warnings = respond(evaluated(pod)).warnings

        assert [each for each in warnings if each.endswith("…")] == []
