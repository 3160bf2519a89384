"""What commands end with, beside 0 and 1, whose meaning each has for itself."""

BAD_INPUT = 2
"""What was asked for cannot be read or done: arguments, files, no cluster; click's own code too."""

INCOMPLETE = 3
"""A part of what was asked for could not be looked at."""

INTERRUPTED = 130
"""128 and the number of SIGINT, as shells have it."""
