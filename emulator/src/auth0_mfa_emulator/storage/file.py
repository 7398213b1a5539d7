"""Opening a state file: one SQLite database, ours alone for as long as the process lives, or a refusal."""

import contextlib
import os
import sqlite3
from pathlib import Path

APPLICATION_ID = 0x70686D66
"""What marks a SQLite file as the emulator's (`phmf` in ASCII)."""
VERSION = 1
"""Of the rows and of the JSON in them; a file of a later version is refused."""

_ONLY_FOR_ITS_OWNER = 0o600
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class StateError(Exception):
    """Why a state file cannot be used, in one sentence that holds nothing of what is stored."""


def open_database(path: Path) -> tuple[sqlite3.Connection, bool]:
    """The database and whether it is still empty. StateError when the file is not ours to use; it is left as it was.

    The lock is the operating system's, so it ends with the process, however that ends.
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
        # SQLite gives its log the mode of the database, so the mode must be right before the first write.
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _ONLY_FOR_ITS_OWNER))
        if not path.is_file():  # a device, a folder, a socket: nothing of it may be changed
            raise StateError(f"The state file {path} is not a file.")
        return sqlite3.connect(path.absolute(), timeout=0, isolation_level=None)
    except OSError as problem:
        raise StateError(f"The state file {path} cannot be opened: {problem.strerror}.") from None
    except sqlite3.Error as problem:
        raise StateError(f"The state file {path} cannot be opened: {problem}.") from None


def _check(path: Path, database: sqlite3.Connection) -> bool:
    """Whether the file is empty, having read it and written nothing."""
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        application, version = _number(database, "application_id"), _number(database, "user_version")
        if not application and not version and not database.execute("SELECT 1 FROM sqlite_schema").fetchone():
            return _is_empty(path, database)
        if application != APPLICATION_ID:
            raise StateError(f"The state file {path} is a database of another program.")
        if version != VERSION:
            raise StateError(f"The state file {path} has version {version}, and this emulator reads version {VERSION}.")
        if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise StateError(f"The state file {path} is damaged.")
    except sqlite3.DatabaseError as problem:
        raise _unreadable(path, problem) from None
    return False


def _is_empty(path: Path, database: sqlite3.Connection) -> bool:
    # SQLite takes a file too short for its header to be empty, and would write over it.
    if path.stat().st_size and not _number(database, "page_count"):
        raise StateError(f"The state file {path} is not a state file of the emulator.")
    return True


def _prepare(path: Path, database: sqlite3.Connection) -> None:
    try:
        path.chmod(_ONLY_FOR_ITS_OWNER)
        database.execute("PRAGMA journal_mode = WAL")
        # Survives the end of the process at any moment. Only a machine that loses power may lose the last saves.
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
