"""What the serving process tells of itself: log lines and metrics."""
