"""Breaks a whole installation at random while people use it, and checks afterwards that each got what they wanted.

``python -m benchmarks.chaos`` kills, freezes and replaces everything. ``python -m benchmarks.chaos.replacement``
replaces the only worker again and again while flows wait. ``python -m benchmarks.chaos.deployment`` deploys another
version of the code, and takes it back.
"""
