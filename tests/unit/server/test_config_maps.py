"""Where ConfigMaps are read from."""

import subprocess
import sys

from webhook.admission.mutate import read_nothing
from webhook.server.config_maps import config_map_reader


def test_outside_a_cluster_nothing_is_read() -> None:
    assert config_map_reader({}) is read_nothing


def test_the_client_is_not_loaded_before_it_is_used() -> None:
    script = (
        "import sys\n"
        "from webhook.server.config_maps import config_map_reader\n"
        "config_map_reader({'KUBERNETES_SERVICE_HOST': '127.0.0.1'})\n"
        "print('webhook.cluster.config_maps' in sys.modules, 'urllib3' in sys.modules)"
    )

    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert told.stdout == b"False False\n"
