"""The folder `.venv`: what it must have been made from, and how a new one takes its place."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from desktop.bootstrap.voice import Voice


def venv_python(venv: Path) -> Path:
    """The interpreter of a virtual environment."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def stamp_of(locks: Sequence[Path], version: tuple[int, int]) -> str:
    """What a finished `.venv` must have been made from: SHA-256 of its lock files, and the Python version."""
    import hashlib

    digest = hashlib.sha256()
    for lock in locks:
        digest.update(lock.read_bytes().replace(b"\r\n", b"\n"))
    return f"{digest.hexdigest()} {version[0]}.{version[1]}\n"


def stamps_of(root: Path, tests: bool) -> dict[str, str]:
    """File in `.venv` -> text that it must hold."""
    version = (sys.version_info[0], sys.version_info[1])
    wanted = {".ready": stamp_of([root / "requirements-build.lock", root / "requirements.lock"], version)}
    if tests:
        wanted[".ready-test"] = stamp_of([root / "requirements-test.lock"], version)
    return wanted


def has_stamps(venv: Path, stamps: dict[str, str]) -> bool:
    """True if this environment is whole and made from these locks."""
    return venv_python(venv).exists() and all(read(venv / name) == text for name, text in stamps.items())


def read(path: Path) -> str:
    """The text of a small file, empty if there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return ""


def remove(folder: Path) -> None:
    """Removes a folder of ours if it is there."""
    import shutil

    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(str(folder))


def recover(root: Path) -> None:
    """Puts back the environment that an interrupted exchange had moved aside, or removes what it left behind."""
    venv, old = root / ".venv", root / ".venv.old"
    if old.exists():
        if venv.exists():
            remove(old)
        else:
            old.rename(venv)


def exchange(root: Path) -> None:
    """`.venv.new` becomes `.venv`. Killed at any point, the next start finds one of the two whole."""
    venv, new, old = root / ".venv", root / ".venv.new", root / ".venv.old"
    if venv.exists() or venv.is_symlink():
        remove(old)
        venv.rename(old)
    try:
        new.rename(venv)
    except OSError:
        if old.exists():
            old.rename(venv)
        raise
    remove(old)


def readdress(new: Path, venv: Path) -> None:
    """The scripts in `.venv.new/bin` name their own folder in their text: let them name the final one."""
    if os.name != "posix":
        return
    before, after = os.fsencode(str(new)), os.fsencode(str(venv))
    for script in (new / "bin").iterdir():
        if script.is_file() and not script.is_symlink() and script.stat().st_size < 100_000:
            text = script.read_bytes()
            if before in text:
                script.write_bytes(text.replace(before, after))


@contextmanager
def only_one(root: Path, voice: Voice) -> Iterator[None]:
    """Only one start at a time sets this folder up; a second one waits and says so. The lock dies with its process."""
    try:
        handle: IO[bytes] = open(root / ".venv.lock", "ab")  # noqa: SIM115 (closed below)
    except OSError as fault:
        raise voice.error("folder", folder=root, fault=fault.strerror) from fault
    with handle:
        if sys.platform == "win32":
            import msvcrt
            import time

            told = False
            while True:
                try:
                    msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
                    break
                except OSError:
                    if not told:
                        voice.say(voice.text("waiting"))
                    told = True
                    time.sleep(0.2)
        else:
            import fcntl

            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                voice.say(voice.text("waiting"))
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield
