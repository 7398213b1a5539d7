"""Opens a state file: one SQLite database, locked exclusively while the process runs."""

import contextlib
import os
import sqlite3
from pathlib import Path

APPLICATION_ID = 0x70686D66
"""Marks a SQLite file as the emulator's (`phmf` in ASCII)."""
VERSION = 1
"""Version of the rows and their JSON; a file of another version is refused."""

_ONLY_FOR_ITS_OWNER = 0o600
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class StateError(Exception):
    """A state file cannot be used; the message is one sentence without any stored data."""


def open_database(path: Path) -> tuple[sqlite3.Connection, bool]:
    """Open the database. Returns it and whether it is empty. Raises StateError, without modifying an unusable file.

    The operating system holds the lock, so it ends with the process, however that ends.
    """
    database = _connect(path)
    try:
        empty = _check(path, database)
        _prepare(path, database)
    except BaseException:
        database.close()
        raise
    return database, empty


def _connect(path: Path) -> sqlite3.Connection:
    try:
        # SQLite gives its log the mode of the database file, so set the mode before the first write.
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _ONLY_FOR_ITS_OWNER))
        if not path.is_file():  # a device, folder or socket must not be modified
            raise StateError(f"The state file {path} is not a file.")
        return sqlite3.connect(path.absolute(), timeout=0, isolation_level=None)
    except OSError as problem:
        raise StateError(f"The state file {path} cannot be opened: {problem.strerror}.") from None
    except sqlite3.Error as problem:
        raise StateError(f"The state file {path} cannot be opened: {problem}.") from None


def _check(path: Path, database: sqlite3.Connection) -> bool:
    """Check the file without writing to it. Returns whether it is empty."""
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        application, version = _number(database, "application_id"), _number(database, "user_version")
        if not application and not version and not database.execute("SELECT 1 FROM sqlite_schema").fetchone():
            return _is_empty(path, database)
        if application != APPLICATION_ID:
            raise StateError(f"The state file {path} belongs to another program.")
        if version != VERSION:
            raise StateError(f"The state file {path} has version {version}, and this emulator reads version {VERSION}.")
        if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise StateError(f"The state file {path} is damaged.")
    except sqlite3.DatabaseError as problem:
        raise _unreadable(path, problem) from None
    return False


def _is_empty(path: Path, database: sqlite3.Connection) -> bool:
    # SQLite treats a file too short for its header as empty, and would overwrite it.
    if path.stat().st_size and not _number(database, "page_count"):
        raise StateError(f"The state file {path} is not a state file of the emulator.")
    return True


def _prepare(path: Path, database: sqlite3.Connection) -> None:
    try:
        path.chmod(_ONLY_FOR_ITS_OWNER)
        database.execute("PRAGMA journal_mode = WAL")
        # Survives a crash of the process at any moment. Only a power failure can lose the last saves.
        database.execute("PRAGMA synchronous = NORMAL")
        # The first write transaction takes the lock, and the locking mode keeps it.
        database.execute("BEGIN EXCLUSIVE")
        database.execute("COMMIT")
    except OSError as problem:
        raise StateError(f"The state file {path} cannot be made private: {problem.strerror}.") from None
    except sqlite3.DatabaseError as problem:
        raise _unreadable(path, problem) from None


def _number(database: sqlite3.Connection, pragma: str) -> int:
    return int(database.execute(f"PRAGMA {pragma}").fetchone()[0])


def _unreadable(path: Path, problem: sqlite3.DatabaseError) -> StateError:
    code = getattr(problem, "sqlite_errorcode", 0) & 0xFF
    if code in _LOCKED:
        return StateError(f"The state file {path} is in use by another process.")
    if code == sqlite3.SQLITE_NOTADB:
        return StateError(f"The state file {path} is not a state file of the emulator.")
    if code == sqlite3.SQLITE_CORRUPT:
        return StateError(f"The state file {path} is damaged.")
    return StateError(f"The state file {path} cannot be used: {problem}.")
