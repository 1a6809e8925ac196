"""Stages the program for a target system: everything that an installer packs, laid out as it will lie on the shop PC.

    python installer/stage.py linux|win64 [--out DIR] [--python 3.13] [--runtime PATH] [--wheels DIR]

    DIR/app/       main.py, desktop, drivers, resources, and the marker STAGED (main.py then sets nothing up)
    DIR/lib/       the wheels of requirements.lock for that system, unpacked and pruned (installer/prune.toml)
    DIR/runtime/   win64: CPython, from --runtime (the official embeddable package, a folder or the .zip)
    DIR/gadong     linux: starts it with the system's Python

Program and libraries carry their byte code, so that a folder that nobody may write does not compile at every start.
It is made by the target's version of Python; where this computer has none it is left out, and that is said.

It runs on Linux for both targets, with the Python of `.venv` (`main.py` makes it). Every wheel is checked against the
hashes of the lock; opcua, which comes as source only, is built here from its hashed source. Afterwards it is checked
that every import of the program finds its file (and, for the own system, that everything loads), that no kept library
needs a dropped one, and that no licence outside the allow-list is shipped. Exit code 1 and the list of what is wrong,
otherwise 0.
"""

from __future__ import annotations

import argparse
import fnmatch
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from import_check import BINARY_SUFFIXES, missing_imports, modules_to_try
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).resolve().parents[1]
SOURCE_ONLY = "opcua"
OWN_PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
LIBRARY = re.compile(r".+\.(dll|pyd|so)(\.[\d.]+)?")
PROGRAM = ("main.py", "desktop", "drivers", "resources", "LICENSE", "THIRD-PARTY-NOTICES")


class StageError(Exception):
    """The stage cannot be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """A system that is staged for: what pip calls it, and what the markers of the lock compare with."""

    name: str
    platforms: tuple[str, ...]
    markers: dict[str, str]


TARGETS = {
    "linux": Target(
        "linux",
        (*(f"manylinux_2_{minor}_x86_64" for minor in range(34, 4, -1)), "manylinux2014_x86_64", "linux_x86_64"),
        {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux", "platform_machine": "x86_64"},
    ),
    "win64": Target(
        "win64",
        ("win_amd64",),
        {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows", "platform_machine": "AMD64"},
    ),
}


@dataclass(frozen=True, slots=True)
class Pin:
    """One line of a lock file that counts for the target: name, version, the SHA-256 sums it may have."""

    name: str
    version: str
    hashes: frozenset[str]

    @property
    def line(self) -> str:
        """The same as a line for pip, without its marker (pip would compare that with its own system)."""
        return f"{self.name}=={self.version} " + " ".join(f"--hash=sha256:{digest}" for digest in sorted(self.hashes))


def pins_for(lock: str, target: Target, python: str) -> list[Pin]:
    """The pins of a lock file (its text) whose markers hold on the target."""
    environment = {
        **target.markers,
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }
    pins: list[Pin] = []
    for entry in lock.replace("\\\n", " ").splitlines():
        text = entry.partition("#")[0].strip()
        if not text:
            continue
        requirement = Requirement(text.partition("--hash")[0].strip())
        if requirement.marker is None or requirement.marker.evaluate(environment):
            (pin,) = requirement.specifier
            hashes = frozenset(re.findall(r"--hash=sha256:([0-9a-f]{64})", text))
            pins.append(Pin(canonicalize_name(requirement.name), pin.version, hashes))
    return pins


def sha256(file: Path) -> str:
    """The SHA-256 sum of a file, in hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def wheels_in(folder: Path) -> dict[tuple[str, str], Path]:
    """(name, version) -> wheel file."""
    found: dict[tuple[str, str], Path] = {}
    for file in sorted(folder.glob("*.whl")):
        name, version, _build, _tags = parse_wheel_filename(file.name)
        found[(str(name), str(version))] = file
    return found


def check_hashes(pins: Sequence[Pin], folder: Path) -> list[Path]:
    """The wheel of each pin. Raises StageError if one is not there or is not the one that the lock names.

    The wheel that was built here has no hash in the lock: its source had, when pip fetched it.
    """
    there = wheels_in(folder)
    wheels: list[Path] = []
    for pin in pins:
        wheel = there.get((pin.name, pin.version))
        if wheel is None:
            raise StageError(f"{pin.name} {pin.version}: no wheel in {folder}")
        if pin.name != SOURCE_ONLY and sha256(wheel) not in pin.hashes:
            raise StageError(f"{wheel.name} is not the file that the lock names (its SHA-256 differs)")
        wheels.append(wheel)
    return wheels


def fetch(pins: Sequence[Pin], target: Target, python: str, folder: Path) -> list[Path]:
    """Fetches the wheels into `folder` (kept for the next time), builds the one that comes as source."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return check_hashes(pins, folder)
    except StageError:
        pass  # not all there yet, or not the right ones: fetch
    ready = [pin for pin in pins if pin.name != SOURCE_ONLY]
    source = [pin for pin in pins if pin.name == SOURCE_ONLY]
    common = ["--require-hashes", "--no-deps", "--disable-pip-version-check", "--progress-bar", "off", "-q"]
    wanted = folder / "wanted.txt"
    wanted.write_text("\n".join(pin.line for pin in ready) + "\n", encoding="utf-8")
    tags = [word for platform in target.platforms for word in ("--platform", platform)]
    tags += ["--python-version", python, "--implementation", "cp", "--only-binary", ":all:"]
    pip(["download", *common, *tags, "-r", str(wanted), "-d", str(folder)])
    if source:
        wanted.write_text("\n".join(pin.line for pin in source) + "\n", encoding="utf-8")
        build = ["--no-binary", SOURCE_ONLY, "--no-build-isolation", "--use-pep517"]
        pip(["wheel", *common, *build, "-r", str(wanted), "-w", str(folder)])
    wanted.unlink()
    return check_hashes(pins, folder)


def pip(arguments: Sequence[str]) -> None:
    """Runs pip; its errors go to the error stream. Raises StageError if it fails."""
    if subprocess.run([sys.executable, "-I", "-m", "pip", *arguments], check=False).returncode != 0:
        raise StageError(f"pip {arguments[0]} failed; see above")


def unpack(wheels: Iterable[Path], lib: Path) -> None:
    """Unpacks wheels as pip does, without scripts, headers and data files outside of packages."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for entry in archive.infolist():
                parts = entry.filename.split("/")
                if parts[0].endswith(".data"):
                    if parts[1] not in ("purelib", "platlib"):
                        continue
                    parts = parts[2:]
                target = lib.joinpath(*parts)
                if entry.is_dir() or not parts[-1]:
                    continue
                if not target.resolve().is_relative_to(lib.resolve()):
                    raise StageError(f"{wheel.name} holds a path that leads outside: {entry.filename}")
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as source, target.open("wb") as copy:
                    shutil.copyfileobj(source, copy)


def is_dropped(path: str, drop: Sequence[str], keep: Sequence[str]) -> bool:
    """Whether a file (path inside lib/, with /) is left out of the stage."""
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in drop) and not any(
        fnmatch.fnmatchcase(path, pattern) for pattern in keep
    )


def prune(lib: Path, drop: Sequence[str], keep: Sequence[str]) -> list[str]:
    """Removes what the patterns name, and folders that are empty then; the paths that went."""
    gone: list[str] = []
    for file in sorted(lib.rglob("*")):
        path = file.relative_to(lib).as_posix()
        if file.is_file() and ".dist-info/" not in path and is_dropped(path, drop, keep):
            file.unlink()
            gone.append(path)
    for folder in sorted((found for found in lib.rglob("*") if found.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
    return gone


def modules_of(paths: Iterable[str]) -> frozenset[str]:
    """The names of the modules that these files were."""
    names: set[str] = set()
    for path in paths:
        file = Path(path)
        if file.suffix == ".py" or file.suffix in BINARY_SUFFIXES:
            parts = [*file.parent.parts, file.name.partition(".")[0]]
            names.add(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return frozenset(names)


def broken_libraries(lib: Path, gone: Sequence[str], absent: Iterable[str]) -> list[str]:
    """Kept libraries that name a dropped one (their import tables hold its file name as a string ended by zero)."""
    kept = [file for file in lib.rglob("*") if file.is_file() and LIBRARY.fullmatch(file.name)]
    dropped = {Path(path).name for path in gone} - {file.name for file in kept} - set(absent)
    names = {name.encode() for name in dropped if LIBRARY.fullmatch(name)}
    wrong: list[str] = []
    for file in sorted(kept):
        needed = sorted(names.intersection(file.read_bytes().split(b"\0")))
        wrong += [f"{file.relative_to(lib)} needs {name.decode()}, which was dropped" for name in needed]
    return wrong


LOAD = """
import importlib, sys
program, libraries = sys.argv[1:3]
sys.path[:0] = [program, libraries]
for name in sys.argv[3:]:
    try:
        importlib.import_module(name)
    except Exception as fault:
        print(f"{name} does not load: {type(fault).__name__}: {fault}")
"""


def unloadable(out: Path) -> list[str]:
    """What of the stage does not load in this Python, with nothing else installed: also finds imports whose name a
    library puts together while it runs, which reading cannot see."""
    program, libraries = out / "app", out / "lib"
    child = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", LOAD, program, libraries, *modules_to_try(program, libraries)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    died = [f"loading the stage ends with code {child.returncode}"] if child.returncode else []
    return [*child.stdout.splitlines(), *died]


def licence_of(metadata: str, names: dict[str, str]) -> str:
    """The licence that a package's metadata states, as an SPDX expression where that is known; empty if none."""
    head = HeaderParser().parsestr(metadata)
    stated = [head.get("License-Expression"), head.get("License")]
    stated += [line for line in head.get_all("Classifier") or [] if line.startswith("License ::")]
    for text in stated:
        if text and text.strip():
            return names.get(text.strip(), text.strip())
    return ""


def is_allowed(expression: str, allowed: Iterable[str]) -> bool:
    """True if one alternative of the SPDX expression consists of allowed licences only."""
    known = set(allowed)
    return any(set(option.strip(" ()").split(" AND ")) <= known for option in expression.split(" OR "))


def wrong_licences(lib: Path, rules: dict[str, Any]) -> list[str]:
    """Packages in the stage whose licence is not on the allow-list, or states none."""
    wrong: list[str] = []
    for file in sorted(lib.glob("*.dist-info/METADATA")):
        metadata = file.read_text(encoding="utf-8")
        name = canonicalize_name(HeaderParser().parsestr(metadata)["Name"])
        licence = licence_of(metadata, rules["names"]) or rules["read"].get(name, "")
        if not is_allowed(licence, rules["allowed"]):
            wrong.append(f"{name}: licence {licence or 'not stated'} is not on the allow-list in installer/prune.toml")
    return wrong


def copy_program(app: Path, target: Target, python: str) -> None:
    """The program itself, the licences, and the marker that tells main.py that it is installed."""
    app.mkdir(parents=True)
    for name in PROGRAM:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, app / name, ignore=shutil.ignore_patterns("__pycache__", "*.po"))
        else:
            shutil.copy2(source, app / name)
    shutil.copytree(ROOT / "installer" / "licences", app / "licences")
    with (ROOT / "pyproject.toml").open("rb") as stream:
        version = tomllib.load(stream)["project"]["version"]
    marker = f"target={target.name}\npython={python}\nversion={version}\n"
    (app / "STAGED").write_text(marker, encoding="utf-8", newline="\n")


def add_runtime(runtime: Path, out: Path, python: str) -> None:
    """CPython for Windows, told to look for modules in its own folder, in lib and in app, and nowhere else."""
    folder = out / "runtime"
    if runtime.is_dir():
        shutil.copytree(runtime, folder)
    else:
        with zipfile.ZipFile(runtime) as archive:
            archive.extractall(folder)
    short = "python" + python.replace(".", "")
    if not (folder / f"{short}.dll").is_file() or not (folder / "pythonw.exe").is_file():
        raise StageError(f"{runtime} is not the embeddable CPython {python} for Windows ({short}.dll, pythonw.exe)")
    paths = [f"{short}.zip", ".", "..\\lib", "..\\app"]
    (folder / f"{short}._pth").write_text("\n".join(paths) + "\n", encoding="utf-8", newline="\r\n")


def add_byte_code(folders: Sequence[Path], python: str) -> bool:
    """Compiles every module for a version of Python; False where this computer has none of that version.

    It holds without a look at the source, for unpacking gives the files other times. What is written for another Python
    and does not compile stays as it is.
    """
    compiler = sys.executable if python == OWN_PYTHON else shutil.which(f"python{python}")
    if compiler is None:
        return False
    words = ["-m", "compileall", "-qq", "-f", "-j", "0", "--invalidation-mode", "unchecked-hash"]
    made = subprocess.run([compiler, "-I", *words, *map(str, folders)], stderr=subprocess.DEVNULL, check=False)
    return made.returncode in (0, 1)  # 1: something does not compile; a name that leads to no Python ends otherwise


def add_start_script(out: Path, python: str) -> None:
    """The command `gadong` for Linux."""
    script = out / "gadong"
    script.write_text(
        f'#!/bin/sh\nhere=$(dirname "$(readlink -f "$0")")\nexec python{python} -E -s "$here/app/main.py" "$@"\n',
        encoding="utf-8",
        newline="\n",
    )
    script.chmod(0o755)


def size_mb(folder: Path) -> float:
    """The size of all files below a folder, in megabytes."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def stage(target: Target, python: str, out: Path, wheels: Path, runtime: Path | None) -> list[str]:
    """Makes the stage anew in `out`; what is wrong with it, empty if nothing. Raises StageError."""
    with (ROOT / "installer" / "prune.toml").open("rb") as stream:
        rules = tomllib.load(stream)
    if out.exists():
        if any(out.iterdir()) and not (out / "app" / "STAGED").is_file():
            raise StageError(f"{out} holds something else than a stage; name another folder")
        shutil.rmtree(out)
    lib = out / "lib"
    pins = pins_for((ROOT / "requirements.lock").read_text(encoding="utf-8"), target, python)
    files = fetch(pins, target, python, wheels)
    copy_program(out / "app", target, python)
    unpack(files, lib)
    whole = size_mb(lib)
    gone = prune(
        lib,
        [*rules["all"]["drop"], *rules[target.name]["drop"]],
        [*rules["all"]["keep"], *rules[target.name]["keep"]],
    )
    print(f"lib: {len(files)} wheels, {whole:.0f} MB, after pruning {size_mb(lib):.0f} MB")
    if runtime is not None:
        add_runtime(runtime, out, python)
    elif target.name == "win64":
        print("runtime: left out. Give --runtime PATH (the embeddable CPython for Windows) for a complete stage.")
    if target.name == "linux":
        add_start_script(out, python)
    if not add_byte_code([out / "app", lib], python):
        print(f"byte code: left out. A Python {python} on this computer would make it.")
    wrong = [str(found) for found in missing_imports(out / "app", lib, modules_of(gone))]
    wrong += broken_libraries(lib, gone, rules["absent"])
    wrong += wrong_licences(lib, rules["licences"])
    if target.name == "linux" and python == OWN_PYTHON:
        wrong += unloadable(out)
    return wrong


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Stages Gadong for a target system.")
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--out", type=Path, help="where to (default: build/stage/TARGET)")
    parser.add_argument("--python", help="version of the target's Python (default: linux this one, win64 3.13)")
    parser.add_argument("--runtime", type=Path, help="win64: the embeddable CPython, a folder or a .zip")
    parser.add_argument(
        "--wheels", type=Path, help="where fetched wheels are kept (default: build/wheels/TARGET-PYTHON)"
    )
    chosen = parser.parse_args(arguments)
    target = TARGETS[chosen.target]
    python: str = chosen.python or (OWN_PYTHON if target.name == "linux" else "3.13")
    out: Path = chosen.out or ROOT / "build" / "stage" / target.name
    wheels: Path = chosen.wheels or ROOT / "build" / "wheels" / f"{target.name}-{python}"
    try:
        wrong = stage(target, python, out, wheels, chosen.runtime)
    except StageError as problem:
        print(f"stage: {problem}", file=sys.stderr)
        return 1
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{out}: {size_mb(out):.0f} MB, {'not fit to ship' if wrong else 'all imports resolve'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
