"""What a server says of itself: its configuration, what of it lasts, and what sets it later."""
