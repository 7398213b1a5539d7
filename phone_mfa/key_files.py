"""Files that hold keys: for their owner only, and whole at every moment, whoever reads and writes them.

Knows nothing of what stands in them.
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
    """The file cannot be read or written. One sentence, without its path."""


def create(path: Path, text: str, mode: int = OWNER_ONLY) -> None:
    """Write a new file. Raises ``KeyFileError``, also when there is one: keys are never overwritten."""
    try:
        with _written_beside(path, text, mode) as written:
            os.link(written, path)
    except FileExistsError:
        raise KeyFileError("The file exists, and keys are never overwritten: name another.") from None
    except OSError as error:
        raise _cannot("written", error) from None


@contextmanager
def changing(path: Path) -> Iterator[Callable[[str], None]]:
    """A block in which nobody else changes the file; what it is given puts a text in the place of the one there.

    Mode and owner stay. Raises ``KeyFileError``.
    """
    path = path.resolve()  # a link to the file stays one
    try:
        with _locked(path) as status:

            def put(text: str) -> None:
                with _written_beside(path, text, stat.S_IMODE(status.st_mode)) as written:
                    os.chown(written, status.st_uid, status.st_gid)  # root may change it for the user who reads
                    os.replace(written, path)

            yield put
    except OSError as error:
        raise _cannot("written", error) from None


def read(path: Path) -> str:
    """The text in a file. Raises ``KeyFileError``."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise _cannot("read", error) from None
    except UnicodeDecodeError:
        raise KeyFileError("The file is no text in UTF-8.") from None


def read_regular(path: Path) -> str:
    """The text in a file that is no pipe: to read one could last for ever. Raises ``KeyFileError``."""
    if path.exists() and not path.is_file():
        raise KeyFileError("The file is no regular file.")
    return read(path)


def warn_if_others_read(path: Path) -> None:
    """Say so when a file of secret keys is not for its owner only. No refusal: some mounts cannot be otherwise."""
    try:
        mode = path.stat().st_mode
    except OSError:  # it was read, and is gone now
        return
    if mode & _OTHERS_READ:
        _log.warning("A file of secret keys can be read by others than its owner: its mode should be 0600.")


@contextmanager
def _locked(path: Path) -> Iterator[os.stat_result]:
    """Wait for the file to be ours. Who had it before may have put another in its place: then wait for that one."""
    while True:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            status = os.fstat(file.fileno())
            if os.path.samestat(status, path.stat()):
                yield status
                return


@contextmanager
def _written_beside(path: Path, text: str, mode: int) -> Iterator[str]:
    """A file that is on the disk, in the same folder, until the end of the block."""
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
