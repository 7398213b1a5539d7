"""The rows of a state file: a value's JSON by kind and key, in the order they were first written."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from .file import APPLICATION_ID, VERSION, StateError, open_database

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
# An update keeps the id, as writing to a key of a dict keeps its place.
_WRITE = "INSERT INTO entries (kind, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"


class Rows:
    """The file while it is open. `empty` until something is written, and again when all is to be forgotten."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database, self.empty = open_database(path)

    def read(self, kind: str) -> list[tuple[str, str]]:
        """Key and JSON of every row of a kind; none from an empty file."""
        return [] if self.empty else self._database.execute(_READ, (kind,)).fetchall()

    def holds(self, row: Row) -> bool:
        """Whether the row is stored as it is."""
        if self.empty:
            return False
        stored: tuple[str] | None = self._database.execute(_READ_ONE, row[:2]).fetchone()
        return stored is not None and stored[0] == row[2]

    def write(self, rows: Iterable[Row], removed: Iterable[tuple[str, str]]) -> None:
        """Remove, then write, all or nothing; an empty file is made anew first. StateError when it cannot be done."""
        try:
            with self._database:  # commits, or rolls back when it fails
                self._database.execute("BEGIN IMMEDIATE")
                for statement in _CREATE if self.empty else ():
                    self._database.execute(statement)
                self._database.executemany(_REMOVE, removed)
                self._database.executemany(_WRITE, rows)
        except sqlite3.Error as problem:
            raise StateError(f"The state file {self._path} cannot be written: {problem}.") from None
        self.empty = False

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()
