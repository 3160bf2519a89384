"""The same Redis with and without its ceiling, filled on a cluster."""
