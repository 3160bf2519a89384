"""Pod creates through a real API server: nothing installed, a lean Go webhook, ours."""
