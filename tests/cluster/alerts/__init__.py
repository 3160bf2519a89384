"""The chart's alerts in a real Prometheus, fired by real faults."""
