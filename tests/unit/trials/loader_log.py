"""Lines as a loader prints them."""


def node(*, began: int = 1_000) -> str:
    return f"node cgroup=2 kernel=6.18 began={began}"


def sample(number: int, *, at: int, **changed: object) -> str:
    """A server that answered, `at` hundredths of a second from the beginning."""
    fields = {
        "redis_version": "7.0.15",
        "uptime_in_seconds": at // 100,
        "maxmemory": 400,
        "maxmemory_policy": "allkeys-lru",
        "used_memory": 90,
        "used_memory_rss": 100,
        "current_cow_size": 0,
        "evicted_keys": 0,
        "rdb_last_bgsave_status": "ok",
        "rdb_saves": 0,
        "aof_last_bgrewrite_status": "ok",
        "aof_rewrites": 0,
        "keys": 5,
        **changed,
    }
    words = " ".join(f"{name}={value}" for name, value in fields.items())
    return f"sample number={number} at={at} {words}"


def down(number: int, *, at: int) -> str:
    return f"sample number={number} at={at} down=1"


def end(*, accepted: int = 9, refused: int = 0) -> str:
    return f"end rounds=1 accepted={accepted} refused={refused}"
