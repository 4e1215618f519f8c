"""Prometheus-compatible servers as a source: their series are followed as if the server were a bot's page."""
