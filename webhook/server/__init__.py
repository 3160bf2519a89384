"""The serving process: Flask under gunicorn, TLS, probes."""
