import pytest

from tests.harness.builders import outcome_of

KEPT = ("--save", "3600", "1", "--save", "300", "100", "--save", "60", "10000")


@pytest.mark.parametrize(
    ("image", "args", "kept"),
    [
        ("redis:6.0.20", [], KEPT),
        ("redis:6.2.0", [], ()),
        ("redis:6", [], ()),
        ("redis:5-alpine", [], KEPT),
        ("redis:latest", [], ()),
        ("redis:5", ["redis-server"], KEPT),
        ("redis:5", ["redis-server", "--port", "6380"], ()),
        ("redis:5", ["redis-server", "/etc/redis.conf"], ()),
        ("valkey/valkey:5.0", [], ()),
    ],
)
def test_an_old_server_keeps_the_default_save_points_that_any_option_would_drop(
    image: str, args: list[str], kept: tuple[str, ...]
) -> None:
    outcome = outcome_of(
        image=image,
        args=args,
        limit="512Mi",
        volumeMounts=[{"name": "data", "mountPath": "/data"}],
    )

    saves = (
        outcome.options[outcome.options.index("--save") :] if "--save" in outcome.options else ()
    )
    assert saves == kept
