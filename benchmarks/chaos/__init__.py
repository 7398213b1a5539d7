"""Injects random faults into a full installation while people use it, and verifies that each got what they wanted.

``python -m benchmarks.chaos`` kills, freezes and replaces everything. ``python -m benchmarks.chaos.replacement``
replaces the only worker repeatedly while flows wait. ``python -m benchmarks.chaos.deployment`` deploys another
version of the code and rolls it back.
"""
