"""Which ceiling and eviction policy a server gets."""
