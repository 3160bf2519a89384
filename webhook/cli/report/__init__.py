"""What a command found, and its renderings."""
