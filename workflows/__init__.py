"""Decides. Hosted by the worker: the flows, as Temporal workflows."""
