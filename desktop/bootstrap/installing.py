"""What is missing is installed: the environment from its hashed lock files, the rest by the system."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from desktop.bootstrap.arguments import TESTING
from desktop.bootstrap.environment import (
    exchange,
    has_stamps,
    only_one,
    read,
    readdress,
    recover,
    remove,
    stamps_of,
    venv_python,
)
from desktop.bootstrap.running import run
from desktop.bootstrap.system import can_make_environments, check_system, missing_parts, system_sets, system_stamps
from desktop.bootstrap.voice import Voice

ROOM_MB = 700  # free space that a set-up needs: 0.4 GB installed, and the download beside it
NO_NETWORK = (
    "No matching distribution found",
    "Could not find a version",
    "Max retries exceeded",
    "NewConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "Read timed out",
    "Connection aborted",
    "Connection broken",
    "Temporary failure in name resolution",
    "Network is unreachable",
    "ProxyError",
    "SSLError",
)


def failure_of(output: str) -> str:
    """Why pip gave up, as a key of TEXTS."""
    if "DO NOT MATCH THE HASHES" in output:
        return "hashes"
    if "No space left on device" in output or "WinError 112" in output:
        return "disk"
    if any(sign in output for sign in NO_NETWORK):
        return "network"
    return "failed"


def install(python: Path, lock: Path, voice: Voice, log: Path) -> None:
    """Installs one lock file: only what it names, only files whose hash it holds. Raises SetupError."""
    begin = log.stat().st_size if log.exists() else 0
    command = [str(python), "-I", "-X", "utf8", "-u", "-m", "pip", "install"]
    command += ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-binary", "opcua"]
    # opcua is built with what requirements-build.lock brought; an isolated build would fetch tools without hashes.
    command += ["--no-build-isolation", "--use-pep517"]
    command += ["--no-input", "--progress-bar", "off", "--disable-pip-version-check", "--no-warn-script-location"]
    settings = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "LC_ALL": "C.UTF-8"}
    if run([*command, "-r", str(lock)], voice, log, settings) != 0:
        output = log.read_bytes()[begin:].decode("utf-8", "replace")
        errors = [line for line in output.splitlines() if line.startswith("ERROR:")]
        raise voice.error(
            failure_of(output),
            log=log,
            fault=errors[-1] if errors else "pip",
            folder=python.parent,
            free=free_mb(lock.parent),
            need=ROOM_MB,
        )


def free_mb(folder: Path) -> int:
    import shutil

    return shutil.disk_usage(str(folder)).free // 1_000_000


def build(root: Path, voice: Voice, log: Path) -> None:
    """Makes `.venv.new` from the locks and puts it in the place of `.venv`. The old one serves until then."""
    new = root / ".venv.new"
    stamps = stamps_of(root, tests=False)
    if not has_stamps(new, stamps):
        remove(new)
        if free_mb(root) < ROOM_MB:
            raise voice.error("disk", folder=root, free=free_mb(root), need=ROOM_MB)
        voice.step(voice.text("environment"))
        base = getattr(sys, "_base_executable", None) or sys.executable
        if run([base, "-I", "-m", "venv", str(new)], voice, log) != 0:
            raise voice.error("failed", fault="python -m venv", log=log)
        for name in ("requirements-build.lock", "requirements.lock"):
            install(venv_python(new), root / name, voice, log)
        readdress(new, root / ".venv")
        for name, text in stamps.items():
            (new / name).write_text(text, encoding="utf-8")
    try:
        exchange(root)
    except PermissionError as fault:  # Windows: a running program holds its files
        raise voice.error("busy", folder=root / ".venv") from fault


def set_up(root: Path, command: str | None, voice: Voice) -> None:
    """Whatever is missing for this command. Raises SetupError with the sentence to show."""
    tests, sets, venv, log = command in TESTING, system_sets(command), root / ".venv", root / ".venv.log"
    for name in ("requirements-build.lock", "requirements.lock", "requirements-test.lock", "desktop"):
        if not (root / name).exists():
            raise voice.error("source", name=name)
    stamps = stamps_of(root, tests)
    if has_stamps(venv, stamps) and not missing_parts(sets):
        remember(venv, sets)  # on this computer, or with a screen, for the first time
        return
    with only_one(root, voice):
        if has_stamps(venv, stamps) and not missing_parts(sets):
            return  # the start that this one waited for has done it
        log.write_bytes(b"")
        check_system(sets, voice, log)
        if not can_make_environments():
            raise voice.error("venv")
        recover(root)
        if not has_stamps(venv, stamps_of(root, tests=False)):
            voice.say(voice.text("begin", folder=root))
            build(root, voice, log)
        if not has_stamps(venv, stamps):
            voice.say(voice.text("begin_tests"))
            install(venv_python(venv), root / "requirements-test.lock", voice, log)
            (venv / ".ready-test").write_text(stamps[".ready-test"], encoding="utf-8")
        remember(venv, sets)
    voice.say(voice.text("done", seconds=voice.clock() - voice.began))


def remember(venv: Path, sets: Sequence[str]) -> None:
    """Writes down that these system libraries were found, so that the next start need not look."""
    lines = set(read(venv / ".system").splitlines()) | system_stamps(sets)
    if os.access(str(venv), os.W_OK):  # else another user's: looking costs a few milliseconds each time
        (venv / ".system").write_text("\n".join(sorted(lines)) + "\n", encoding="utf-8")


def is_set_up(root: Path, command: str | None) -> bool:
    """True if nothing is left to do; costs a few small files."""
    tests, venv = command in TESTING, root / ".venv"
    try:
        stamps = stamps_of(root, tests)
    except FileNotFoundError:
        return False
    return has_stamps(venv, stamps) and system_stamps(system_sets(command)) <= set(read(venv / ".system").splitlines())
