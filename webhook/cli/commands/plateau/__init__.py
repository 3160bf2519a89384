"""`plateau`: the same Redis with and without what the webhook injects, filled side by side."""
