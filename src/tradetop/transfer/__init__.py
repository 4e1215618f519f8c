"""Histories as text: written for Prometheus, read from it."""
