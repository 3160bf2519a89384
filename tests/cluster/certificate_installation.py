"""What the certificate process needs of an installation, as the chart renders it, and no more."""

import json
from dataclasses import dataclass

import yaml

from tests.harness.cluster import Cluster
from tests.harness.release import CHART

CA_SECRET = "guard-ca"
SERVING_SECRET = "guard-tls"
# The test that has a webhook runs it here; for all others nobody listens.
WEBHOOK_PORT = 9443
WEBHOOK_URL = f"https://localhost:{WEBHOOK_PORT}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One release in a Namespace of its own; its webhook configurations carry the same name."""

    cluster: Cluster
    namespace: str

    def install(self) -> None:
        """Create all objects, without any certificate in them."""
        parts = (self._secrets(), self._permissions(), self._confinement(), self._configurations())
        objects = [each for part in parts for each in part]
        manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
        self.cluster.kubectl("create", "--filename=-", stdin=manifest)

    def uninstall(self) -> None:
        """Delete what the Namespace does not take along."""
        kinds = "mutatingwebhookconfiguration,validatingwebhookconfiguration"
        self.cluster.kubectl("delete", kinds, self.namespace)
        self.cluster.kubectl("delete", "clusterrole,clusterrolebinding", self.namespace)
        policies = "validatingadmissionpolicy,validatingadmissionpolicybinding"
        self.cluster.kubectl("delete", policies, self.service_account)

    @property
    def service_account(self) -> str:
        """Whom the process runs as, named as the chart names it."""
        return f"{self.namespace}-certs"

    @property
    def options(self) -> tuple[str, ...]:
        """The options of the certificate process for this release."""
        return (
            *("--namespace", self.namespace, "--service", "guard"),
            *("--ca-secret", CA_SECRET, "--serving-secret", SERVING_SECRET),
            *("--mutating", self.namespace, "--validating", self.namespace),
        )

    def kubeconfig(self) -> str:
        """Return a kubeconfig of the ServiceAccount that the process runs as."""
        view = ("config", "view", "--minify", "--flatten", "--output=json")
        config = json.loads(self.cluster.kubectl(*view).stdout)
        account = ("create", "token", self.service_account, f"--namespace={self.namespace}")
        token = self.cluster.kubectl(*account).stdout.strip()
        config["users"] = [{"name": config["users"][0]["name"], "user": {"token": token}}]
        return json.dumps(config)

    def bundles(self) -> set[str]:
        """Return every caBundle in both configurations, base64."""
        kinds = "mutatingwebhookconfiguration,validatingwebhookconfiguration"
        listing = self.cluster.kubectl("get", kinds, "--output=json").stdout
        return {
            webhook["clientConfig"].get("caBundle", "")
            for configuration in json.loads(listing)["items"]
            if configuration["metadata"]["name"] == self.namespace
            for webhook in configuration["webhooks"]
        }

    def data(self, secret: str) -> dict[str, str]:
        """Return a Secret's data, base64."""
        reading = ("get", "secret", secret, f"--namespace={self.namespace}", "--output=json")
        data: dict[str, str] = json.loads(self.cluster.kubectl(*reading).stdout).get("data", {})
        return data

    def _secrets(self) -> list[dict[str, object]]:
        metadata = {"namespace": self.namespace, "labels": {"kept": "yes"}}
        return [
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {**metadata, "name": CA_SECRET},
            },
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "type": "kubernetes.io/tls",
                "metadata": {**metadata, "name": SERVING_SECRET},
                "data": {"tls.crt": "", "tls.key": ""},
            },
        ]

    def _permissions(self) -> list[dict[str, object]]:
        namespaced = {"name": self.service_account, "namespace": self.namespace}
        account = {"kind": "ServiceAccount", **namespaced}
        rbac = "rbac.authorization.k8s.io"
        return [
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": namespaced},
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "Role",
                "metadata": namespaced,
                "rules": [_rule("", ("secrets",), (CA_SECRET, SERVING_SECRET))],
            },
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "RoleBinding",
                "metadata": namespaced,
                "subjects": [account],
                "roleRef": {"apiGroup": rbac, "kind": "Role", "name": self.service_account},
            },
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "ClusterRole",
                "metadata": {"name": self.namespace},
                "rules": [_rule("admissionregistration.k8s.io", _KINDS, (self.namespace,))],
            },
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "ClusterRoleBinding",
                "metadata": {"name": self.namespace},
                "subjects": [account],
                "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": self.namespace},
            },
        ]

    def _confinement(self) -> list[dict[str, object]]:
        """The policy of the chart, which holds the process down to caBundles."""
        name = f"--set=image.repository=unused,fullnameOverride={self.namespace}"
        chart = (self.namespace, str(CHART), f"--namespace={self.namespace}", name)
        options = (f"--show-only={_CONFINEMENT}", "--kube-version=1.30.0")
        text = self.cluster.helm("template", *chart, *options).stdout
        return list(yaml.safe_load_all(text))

    def _configurations(self) -> list[dict[str, object]]:
        return [
            {
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": kind,
                "metadata": {"name": self.namespace},
                "webhooks": [self._webhook(name) for name in names],
            }
            for kind, names in (
                ("MutatingWebhookConfiguration", ("pods",)),
                ("ValidatingWebhookConfiguration", ("pods", "workloads")),
            )
        ]

    def _webhook(self, name: str) -> dict[str, object]:
        """A webhook that is called for ConfigMaps of this Namespace, and may refuse them."""
        own = {"kubernetes.io/metadata.name": self.namespace}
        operations = {"operations": ["CREATE"], "resources": ["configmaps"]}
        return {
            "name": f"{name}.guard.example",
            "clientConfig": {"url": WEBHOOK_URL},
            "rules": [{**operations, "apiGroups": [""], "apiVersions": ["v1"]}],
            "namespaceSelector": {"matchLabels": own},
            "failurePolicy": "Fail",
            "timeoutSeconds": 5,
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
        }


_CONFINEMENT = "templates/certs-confinement.yaml"
_KINDS = ("mutatingwebhookconfigurations", "validatingwebhookconfigurations")


def _rule(group: str, resources: tuple[str, ...], names: tuple[str, ...]) -> dict[str, object]:
    """All that the process may do: nothing is created, listed, watched or deleted."""
    return {
        "apiGroups": [group],
        "resources": list(resources),
        "resourceNames": list(names),
        "verbs": ["get", "patch"],
    }
