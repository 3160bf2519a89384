"""The audit of a cluster that runs, and what becomes of it."""
