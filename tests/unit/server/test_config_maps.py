"""Where ConfigMaps are read from."""

import subprocess
import sys

from webhook.observability.metrics import WebhookMetrics
from webhook.server.config_maps import no_reads, reads_for


def test_outside_a_cluster_nothing_is_read() -> None:
    assert reads_for({}, metrics=WebhookMetrics()) is no_reads


def test_the_client_is_not_loaded_before_it_is_used() -> None:
    script = (
        "import sys\n"
        "from webhook.server.config_maps import reads_for\n"
        "from webhook.observability.metrics import WebhookMetrics\n"
        "reads_for({'KUBERNETES_SERVICE_HOST': '127.0.0.1'}, metrics=WebhookMetrics())\n"
        "print('webhook.cluster.config_maps' in sys.modules, 'urllib3' in sys.modules)"
    )

    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert told.stdout == b"False False\n"
