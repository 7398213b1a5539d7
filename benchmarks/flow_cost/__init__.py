"""Measures the cost of a flow against a bare Temporal workflow with the same Auth0 calls and the same callers."""
