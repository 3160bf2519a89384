"""What answers say of the Pods of these tests."""

from webhook.domain.policy.settings import Mode, NamespaceSettings, Policy

AUDIT = Policy(defaults=NamespaceSettings(mode=Mode.AUDIT))
SNAPSHOTS = "default snapshots, which no volume could bring back, are turned off"
UNREACHED = (
    'container "redis": no memory ceiling could be injected: the image starts its server itself',
    'container "redis": Start the server yourself (command: [redis-server, …]), or set maxmemory '
    "and maxmemory-policy in the configuration file that the image reads.",
)
SURVIVED = """\
The cache profile survived every cache workload measured, on Redis 7 and Valkey 8 under limits of \
32Mi to 4Gi: values of 10 B to 1 MB, hashes, lists, sets, streams, sessions, slow readers. \
Spot checks under cgroup v2 agree, on Redis 7 and 8 and Valkey 9 under 64Mi to 512Mi.
No headroom covers values whose sizes shift, one huge reply (KEYS *), replicas that stall or \
synchronise, Redis 6.2 with values of random sizes: docs/headroom.md."""
LIMIT_DENIAL = f"""\
container "redis": it runs a Redis server without a memory limit (no-memory-limit). \
Set resources.limits.memory on the container.
spec:
  containers:
  - name: redis
    resources:
      limits:
        memory: 512Mi
With that limit, maxmemory 400Mi of 512Mi (cache) is injected.
{SURVIVED}"""
