"""Reviews of the sizes that kube-apiserver sends."""

import json


def redis_review(*, size: int) -> bytes:
    """Encode the review of a Redis Pod, filled up to about `size` bytes with environment."""
    filler = [
        {"name": f"SETTING_{number}", "value": "x" * 64}
        for number in range(max(0, size - 900) // 104)
    ]
    container = {
        "name": "redis",
        "image": "docker.io/library/redis:7.2.5",
        "args": ["--appendonly", "no"],
        "env": filler,
        "resources": {"limits": {"memory": "512Mi"}, "requests": {"memory": "256Mi"}},
        "ports": [{"containerPort": 6379, "protocol": "TCP"}],
    }
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"generateName": "cache-7d9f8-", "namespace": "shop", "labels": {"app": "c"}},
        "spec": {"containers": [container], "restartPolicy": "Always", "dnsPolicy": "ClusterFirst"},
    }
    request = {
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "namespace": "shop",
        "operation": "CREATE",
        "userInfo": {"username": "system:serviceaccount:kube-system:replicaset-controller"},
        "object": pod,
        "oldObject": None,
        "dryRun": False,
    }
    return json.dumps(
        {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request}
    ).encode()
