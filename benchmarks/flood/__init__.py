"""Sends flows many thousands of messages of every kind."""
