"""What is known of the images that run Redis servers."""
