"""Manifests, from wherever they come, as workloads to evaluate."""
