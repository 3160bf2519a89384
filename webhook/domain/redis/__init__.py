"""Configuration as the server itself reads it."""
