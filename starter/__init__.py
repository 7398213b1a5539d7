"""Starts and addresses flows: a typed Python API and the command line over it."""
