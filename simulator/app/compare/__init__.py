"""Scenarios compared, in the background."""
