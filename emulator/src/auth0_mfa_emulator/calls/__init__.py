"""Fault injection and rate limit of calls."""
