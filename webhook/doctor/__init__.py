"""Whether an installation is in order: what is there, and what to make of it."""
