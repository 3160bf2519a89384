"""The first process of the machine: it runs the cases that lie on the disk, and turns it off."""

import json
import resource
import subprocess
from dataclasses import asdict
from pathlib import Path

from benchmarks.headroom.v2.guest.case import MARK, decode_case
from benchmarks.headroom.v2.guest.running import run_case

_CASES = Path("/work/cases.json")
_CLIENTS = 20_000
# That of a node with 16 GiB: this machine's own would hold its few sockets back.
_TCP_PAGES = "190000 250000 380000"


def main() -> None:
    """Run every case and report it; what fails ends the machine with its traceback."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (_CLIENTS, _CLIENTS))
    Path("/sys/fs/cgroup/cgroup.subtree_control").write_text("+memory")
    Path("/proc/sys/net/ipv4/tcp_mem").write_text(_TCP_PAGES)
    for values in json.loads(_CASES.read_text()):
        report = run_case(decode_case(values))
        print(MARK + json.dumps(asdict(report)), flush=True)
    subprocess.run(["busybox", "poweroff", "-f"], check=True)


if __name__ == "__main__":
    main()
