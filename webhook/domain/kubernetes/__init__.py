"""Pods and what surrounds them, parsed once into values."""
