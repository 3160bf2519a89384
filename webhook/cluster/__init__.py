"""What is read from the Kubernetes API."""
