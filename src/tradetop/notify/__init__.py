"""Notifications: which alerts ring where, when and how often, and the way there."""
