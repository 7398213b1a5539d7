"""Rows of a state file: JSON values by kind and key, in the order they were first written."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from .state_file import APPLICATION_ID, VERSION, StateError, open_database

Row = tuple[str, str, str]
"""Kind, key, JSON."""

_CREATE = (
    "DROP TABLE IF EXISTS entries",
    "CREATE TABLE entries"
    " (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (kind, key))",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)
_READ = "SELECT key, value FROM entries WHERE kind = ? ORDER BY id"
_READ_ONE = "SELECT value FROM entries WHERE kind = ? AND key = ?"
_REMOVE = "DELETE FROM entries WHERE kind = ? AND key = ?"
# An update keeps the id, just as assigning to an existing dict key keeps its position.
_WRITE = "INSERT INTO entries (kind, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"


class Rows:
    """An open state file. `empty` until the first write, and again before a reset is written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database, self.empty = open_database(path)

    def read(self, kind: str) -> list[tuple[str, str]]:
        """Returns key and JSON of every row of a kind; none from an empty file."""
        return [] if self.empty else self._database.execute(_READ, (kind,)).fetchall()

    def holds(self, row: Row) -> bool:
        """Whether exactly this row is stored."""
        if self.empty:
            return False
        stored: tuple[str] | None = self._database.execute(_READ_ONE, row[:2]).fetchone()
        return stored is not None and stored[0] == row[2]

    def write(self, rows: Iterable[Row], removed: Iterable[tuple[str, str]]) -> None:
        """Remove, then write, atomically; an empty file is initialized first. Raises StateError on failure."""
        try:
            with self._database:  # commits, or rolls back on failure
                self._database.execute("BEGIN IMMEDIATE")
                for statement in _CREATE if self.empty else ():
                    self._database.execute(statement)
                self._database.executemany(_REMOVE, removed)
                self._database.executemany(_WRITE, rows)
        except sqlite3.Error as problem:
            raise StateError(f"The state file {self._path} cannot be written: {problem}.") from None
        self.empty = False

    def close(self) -> None:
        """Close the file."""
        self._database.close()
