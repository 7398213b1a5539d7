"""Key files: readable by their owner only, and written atomically even with concurrent readers and writers.

Independent of their contents.
"""

import fcntl
import logging
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

OWNER_ONLY: Final = 0o600
ANYBODY_READS: Final = 0o644

_OTHERS_READ: Final = stat.S_IRGRP | stat.S_IROTH

_log = logging.getLogger(__name__)


class KeyFileError(Exception):
    """The file cannot be read or written. The message is one sentence without the path."""


def create(path: Path, text: str, mode: int = OWNER_ONLY) -> None:
    """Write a new file. Raises ``KeyFileError``, also if the file exists: keys are never overwritten."""
    try:
        with _written_beside(path, text, mode) as written:
            os.link(written, path)
    except FileExistsError:
        raise KeyFileError("The file exists, and keys are never overwritten: name another file.") from None
    except OSError as error:
        raise _cannot("written", error) from None


@contextmanager
def changing(path: Path) -> Iterator[Callable[[str], None]]:
    """Lock the file for the duration of a block. Yields a function that replaces the contents.

    Mode and owner are preserved. Raises ``KeyFileError``.
    """
    path = path.resolve()  # keeps a symbolic link to the file
    try:
        with _locked(path) as status:

            def put(text: str) -> None:
                with _written_beside(path, text, stat.S_IMODE(status.st_mode)) as written:
                    os.chown(written, status.st_uid, status.st_gid)  # root may change it on behalf of its owner
                    os.replace(written, path)

            yield put
    except OSError as error:
        raise _cannot("written", error) from None


def read(path: Path) -> str:
    """Read the text of a file. Raises ``KeyFileError``."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise _cannot("read", error) from None
    except UnicodeDecodeError:
        raise KeyFileError("The file is not UTF-8 text.") from None


def read_regular(path: Path) -> str:
    """Read the text of a regular file, and not of a pipe, which could block forever. Raises ``KeyFileError``."""
    if path.exists() and not path.is_file():
        raise KeyFileError("The file is not a regular file.")
    return read(path)


def warn_if_others_read(path: Path) -> None:
    """Log a warning if others can read a file of secret keys. Not an error: some mounts do not support file modes."""
    try:
        mode = path.stat().st_mode
    except OSError:  # deleted after it was read
        return
    if mode & _OTHERS_READ:
        _log.warning("A file of secret keys is readable by users other than its owner: its mode should be 0600.")


@contextmanager
def _locked(path: Path) -> Iterator[os.stat_result]:
    """Wait for an exclusive lock. The previous holder may have replaced the file: then lock the new one."""
    while True:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            status = os.fstat(file.fileno())
            if os.path.samestat(status, path.stat()):
                yield status
                return


@contextmanager
def _written_beside(path: Path, text: str, mode: int) -> Iterator[str]:
    """Write a temporary file to disk in the same folder, and delete it at the end of the block."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchmod(handle, mode)
            os.fsync(handle)
        yield name
    finally:
        Path(name).unlink(missing_ok=True)


def _cannot(be: str, error: OSError) -> KeyFileError:
    return KeyFileError(f"The file cannot be {be}: {(error.strerror or 'unknown error').lower()}.")
