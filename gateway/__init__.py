"""HTTP for frontends and pipelines: a thin dress over starter."""
