import json

from tests.unit.doctor.installations import an_installation
from webhook.cli.report.diagnosis import render_diagnosis, render_diagnosis_json
from webhook.doctor.check import CheckName, failed, ok, unknown, warning

PAGE = "https://github.com/redis-memory-guard/redis-memory-guard/blob/main/docs/troubleshooting.md"
FOUND = an_installation()
CHECKS = (
    ok(CheckName.API_SERVER, "the API server is v1.37.2"),
    warning(CheckName.VERSIONS, "they differ", "Wait."),
    failed(CheckName.REPLICAS, f"waits: {'x' * 120}\x1b[31m", "kubectl describe pods"),
    unknown(CheckName.POLICY, "forbidden"),
)


def test_people_get_a_line_each_and_what_to_do():
    assert render_diagnosis(FOUND, CHECKS) == (
        "redis-memory-guard 1.2.0 at guard/redis-memory-guard\n"
        "\n"
        "ok    api-server: the API server is v1.37.2\n"
        "warn  versions: they differ\n"
        "      Wait.\n"
        f"      see {PAGE}#versions\n"
        f"FAIL  replicas: waits: {'x' * 120}\\x1b[31m\n"
        "      kubectl describe pods\n"
        f"      see {PAGE}#replicas\n"
        "?     policy: not checked: forbidden\n"
        "      Give yourself the right that is missing, or leave this check out.\n"
        f"      see {PAGE}#policy\n"
        "\n"
        "4 checks: 1 failed, 1 to look at, 1 not checked\n"
    )
    assert render_diagnosis(FOUND, CHECKS[:1]).endswith("\n1 checks: all in order\n")


def test_programs_get_an_object():
    written = json.loads(render_diagnosis_json(FOUND, CHECKS[:2]))

    assert written == {
        "schemaVersion": 1,
        "release": {"namespace": "guard", "name": "redis-memory-guard", "version": "1.2.0"},
        "healthy": True,
        "checks": [
            {
                "name": "api-server",
                "status": "ok",
                "message": "the API server is v1.37.2",
                "remedy": None,
                "see": None,
            },
            {
                "name": "versions",
                "status": "warning",
                "message": "they differ",
                "remedy": "Wait.",
                "see": f"{PAGE}#versions",
            },
        ],
    }
    assert json.loads(render_diagnosis_json(FOUND, CHECKS))["healthy"] is False
