"""The pretend tenant: its rules, its switches and all it remembers. Nothing here knows HTTP."""
