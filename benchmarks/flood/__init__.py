"""Pokes flows many thousands of times, in every way there is."""
