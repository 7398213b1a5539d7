"""The gateway's routes, by subject."""
