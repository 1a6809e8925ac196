"""One process at a time: locks that the operating system drops when their holder dies, without Qt."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType

COLLECTOR_LOCK = "collector.lock"  # in the data folder, held by its collector


class ProcessLock:
    """An exclusive lock on a small file that also says who holds it.

    The lock is the operating system's (fcntl or msvcrt), so a killed holder never leaves it behind; the
    file itself stays. Use `take`/`release` or a with-statement.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def take(self, *, keep_note: bool = False) -> bool:
        """Take the lock; False where another process holds it. Raises OSError where the folder is read-only.

        With `keep_note` the last holder's process id stays written: for a mere look whether it is free.
        """
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(file)
        except OSError:
            os.close(file)
            return False
        if not keep_note:
            # Behind the locked byte: Windows lets nobody else read a locked one.
            os.ftruncate(file, 1)
            os.lseek(file, 1, os.SEEK_SET)
            os.write(file, str(os.getpid()).encode())
        self._file = file
        return True

    def release(self) -> None:
        """Let go; harmless if not held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def held(self) -> bool:
        """Whether another process holds the lock. Where nobody can look, nobody does."""
        if not self.path.exists():
            return False
        try:
            if not self.take(keep_note=True):
                return True
        except OSError:
            return False
        self.release()
        return False

    def holder(self) -> int | None:
        """The process id written by the last holder, None where nobody wrote one."""
        try:
            with self.path.open("rb") as stream:
                stream.seek(1)
                return int(stream.read(20))
        except (OSError, ValueError):
            return None

    def __enter__(self) -> bool:
        return self.take()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _lock(file: int) -> None:
    """Lock the first byte of an open file at once. Raises OSError if somebody else holds it."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(file, 0, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
