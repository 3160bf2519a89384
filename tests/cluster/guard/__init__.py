"""The guard, installed on a real cluster by its chart."""
