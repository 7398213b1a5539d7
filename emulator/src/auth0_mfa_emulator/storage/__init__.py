"""State that survives a restart: tables that know what was touched, and one SQLite file."""
