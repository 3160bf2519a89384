"""redis-memory-guard: every Redis server in the cluster gets a working memory ceiling."""

__version__ = "0.1.0"
