"""One process at a time, and never a lock without a living holder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop.store.locks import ProcessLock

ROOT = Path(__file__).resolve().parents[2]
HOLD = (
    "import sys; from pathlib import Path; from desktop.store.locks import ProcessLock\n"
    "print(ProcessLock(Path(sys.argv[1])).take(), flush=True); sys.stdin.read()"
)


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_second_process_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "collector.lock"
    mine = ProcessLock(path)
    with holder(path) as other:
        assert not mine.take()
        assert mine.holder() == other.pid
        other.kill()
        other.wait()
        assert mine.take()  # the file is still there, the lock is not
        assert mine.holder() == os.getpid()
    mine.release()


def test_released_is_free_and_releasing_twice_harmless(tmp_path: Path) -> None:
    one, other = ProcessLock(tmp_path / "lock"), ProcessLock(tmp_path / "lock")
    assert one.take()
    assert not other.take()
    one.release()
    one.release()
    with other as taken:
        assert taken
        assert not one.take()
    assert one.take()
    one.release()


def test_whether_somebody_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not ProcessLock(path).held()
    assert not path.exists(), "a look makes no file"
    with holder(path) as other:
        assert ProcessLock(path).held()
        assert ProcessLock(path).holder() == other.pid
    assert not ProcessLock(path).held()
    with ProcessLock(path) as taken:
        assert taken, "a look lets go"


def test_a_mere_look_leaves_the_last_holders_name(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert ProcessLock(path).holder() is None
    path.write_bytes(b"\x0012345")
    look = ProcessLock(path)
    assert look.take(keep_note=True)
    look.release()
    assert look.holder() == 12345
    path.write_bytes(b"\x00garbage")
    assert look.holder() is None
