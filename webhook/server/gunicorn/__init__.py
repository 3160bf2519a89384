"""gunicorn, set up for the API server as its client."""
