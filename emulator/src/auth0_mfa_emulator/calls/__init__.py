"""Fault injection, rate limit and log of calls."""
