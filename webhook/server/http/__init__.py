"""The webhooks and probes over HTTP."""
