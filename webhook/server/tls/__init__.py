"""The serving certificate, and handshakes with it."""
