"""The certificate process: owns the webhook's certificate authority and keeps its pair valid."""
