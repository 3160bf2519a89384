"""The audit as JUnit XML, which CI servers show as tests: one for each server."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from webhook.audit.fate import Fate, fate_of
from webhook.audit.risks import AT_RISK, SENTENCES, risks_of
from webhook.audit.server import AuditedServer
from webhook.cli.report.audit.cells import when_recreated
from webhook.cli.report.audit.report import AuditReport
from webhook.cli.terminal.printable import printable


def render_junit(report: AuditReport) -> str:
    """Write a test for each server: at risk it fails, exempt it is skipped; a gap is an error."""
    suite = Element(
        "testsuite",
        name=f"redis-memory-guard audit {report.cluster}",
        timestamp=report.taken_at.isoformat(timespec="seconds"),
    )
    for server in report.servers:
        _case(suite, server)
    for gap in report.gaps:
        case = SubElement(suite, "testcase", classname=gap.namespace, name=printable(gap.what))
        SubElement(case, "error", message=printable(gap.why))
    for name in ("failure", "error", "skipped"):
        counted = {"failure": "failures", "error": "errors"}.get(name, name)
        suite.set(counted, str(len(suite.findall(f"testcase/{name}"))))
    suite.set("tests", str(len(suite)))
    root = Element("testsuites")
    root.append(suite)
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: Element, server: AuditedServer) -> None:
    workload = server.workload
    name = f"{workload.kind} {workload.name}, container {server.outcome.container.name}"
    case = SubElement(suite, "testcase", classname=workload.namespace, name=name)
    if fate_of(server) is Fate.EXEMPT:
        SubElement(case, "skipped", message=str(server.outcome.reason))
        return
    worst = [risk for risk in risks_of(server) if risk in AT_RISK]
    if worst:
        message = f"{', '.join(worst)}: {when_recreated(server)}"
        failure = SubElement(case, "failure", message=message, type=str(worst[0]))
        failure.text = printable("\n".join(SENTENCES[risk] for risk in worst))
