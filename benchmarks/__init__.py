"""Benchmarks. They assert nothing about speed; the figures are for people to read."""
