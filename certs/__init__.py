"""The certificate process: owns the webhook's CA and keeps its pair valid."""
