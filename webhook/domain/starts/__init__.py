"""What a shell text starts, its variables, parameters and functions followed as far as they go."""
