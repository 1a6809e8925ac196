"""The computer: its Python, and the libraries and tools of its system that Gadong needs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from desktop.bootstrap.arguments import LONG_TEST
from desktop.bootstrap.environment import read
from desktop.bootstrap.running import run
from desktop.bootstrap.voice import Voice

SUPPORTED = ((3, 11), (3, 12), (3, 13))
OLDEST_GLIBC = (2, 34)  # the Qt wheels (manylinux_2_34)
# Library file -> Debian packages that hold it, newest name first. Without these Qt does not even import.
OFFSCREEN_LIBRARIES = {
    "libEGL.so.1": ("libegl1",),
    "libGL.so.1": ("libgl1",),
    "libglib-2.0.so.0": ("libglib2.0-0t64", "libglib2.0-0"),
    "libgthread-2.0.so.0": ("libglib2.0-0t64", "libglib2.0-0"),
    "libxkbcommon.so.0": ("libxkbcommon0",),
    "libfontconfig.so.1": ("libfontconfig1",),
    "libdbus-1.so.3": ("libdbus-1-3",),
}
# Besides, for a real window.
WINDOW_LIBRARIES = {
    "libxcb-cursor.so.0": ("libxcb-cursor0",),
    "libxcb-icccm.so.4": ("libxcb-icccm4",),
    "libxcb-image.so.0": ("libxcb-image0",),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1",),
    "libxcb-randr.so.0": ("libxcb-randr0",),
    "libxcb-render-util.so.0": ("libxcb-render-util0",),
    "libxcb-shape.so.0": ("libxcb-shape0",),
    "libxcb-sync.so.1": ("libxcb-sync1",),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0",),
    "libxcb-xkb.so.1": ("libxcb-xkb1",),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0",),
    "libX11-xcb.so.1": ("libx11-xcb1",),
}
# Program -> Debian packages. The tests click in a real window on a virtual screen and read the reports back.
TEST_TOOLS = {
    "Xvfb": ("xvfb",),
    "xdotool": ("xdotool",),
    "pdftotext": ("poppler-utils",),
    "pdftoppm": ("poppler-utils",),
}
# Besides, for `test --long`: another program than ours opens the workbooks.
LONG_TEST_TOOLS = {"soffice": ("libreoffice-calc",)}
APT_SETTINGS = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


def check_python(voice: Voice) -> None:
    """Raises SetupError on a Python or a system that the parts of Gadong do not exist for."""
    version = ".".join(str(number) for number in sys.version_info[:3])
    bits = 64 if sys.maxsize > 2**32 else 32
    if sys.version_info[:2] not in SUPPORTED or bits != 64:
        try_ = "py -3.13 main.py" if os.name == "nt" else "python3.11 main.py"
        raise voice.error("python", version=f"{version} ({bits} bit)", try_=try_)
    if sys.platform == "win32":
        windows = sys.getwindowsversion()
        if windows[:3] < (10, 0, 17763):
            raise voice.error("windows", found=".".join(str(number) for number in windows[:3]))
    if sys.platform.startswith("linux"):
        found = os.confstr("CS_GNU_LIBC_VERSION") if "CS_GNU_LIBC_VERSION" in os.confstr_names else None
        digits = [int(part) for part in (found or "").partition(" ")[2].split(".") if part.isdigit()]
        if tuple(digits) < OLDEST_GLIBC:
            raise voice.error("glibc", found=found or "another C library")


def supported_python() -> str | None:
    """A supported interpreter on the search path, for a `python3` that is older or newer; None if there is none."""
    import shutil
    import subprocess

    for major, minor in reversed(SUPPORTED) if os.name == "posix" else ():
        found = shutil.which(f"python{major}.{minor}")
        # pyenv puts a name on the path for versions that are not switched on: only what runs counts.
        if found and subprocess.run([found, "-c", ""], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return found
    return None


def system_sets(command: str | None) -> list[str]:
    """Which groups of system libraries and tools this start needs (Linux only)."""
    if not sys.platform.startswith("linux"):
        return []
    sets = ["offscreen"]
    if command in ("test", LONG_TEST) or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        sets.append("window")
    if command in ("test", LONG_TEST):
        sets.append("tools")
    if command == LONG_TEST:
        sets.append("long tools")
    return sets


def system_stamps(sets: Sequence[str]) -> set[str]:
    """The lines of `.venv/.system` that say: looked for on this computer, and found."""
    computer = read(Path("/etc/machine-id")).strip()
    return {f"{name} {computer}".strip() for name in sets}


def loads(library: str) -> bool:
    """True if the dynamic linker finds this library."""
    import ctypes

    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def can_make_environments() -> bool:
    """True if this Python has what `python -m venv` needs; Debian keeps it in a package of its own."""
    import importlib.util

    importlib.invalidate_caches()
    return all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip"))


def missing_parts(sets: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Library or tool that is missing -> names of Debian packages that may hold it."""
    import shutil

    missing: dict[str, tuple[str, ...]] = {}
    for name, table in (("offscreen", OFFSCREEN_LIBRARIES), ("window", WINDOW_LIBRARIES)):
        if name in sets:
            missing.update({library: packages for library, packages in table.items() if not loads(library)})
    for name, table in (("tools", TEST_TOOLS), ("long tools", LONG_TEST_TOOLS)):
        if name in sets:
            missing.update({tool: packages for tool, packages in table.items() if shutil.which(tool) is None})
    if sets and not can_make_environments():
        minor = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        own = os.path.realpath("/usr/bin/python3").endswith(minor)
        missing["python3-venv"] = ("python3-venv",) if own else (f"{minor}-venv",)
    return missing


def package_names(missing: dict[str, tuple[str, ...]], known: Callable[[str], bool]) -> tuple[list[str], bool]:
    """The packages to install, each once (the first name that apt knows, else the last), and whether apt knew all."""
    chosen: list[str] = []
    all_known = True
    for candidates in missing.values():
        name = next((candidate for candidate in candidates if known(candidate)), None)
        all_known = all_known and name is not None
        if (name or candidates[-1]) not in chosen:
            chosen.append(name or candidates[-1])
    return chosen, all_known


def install_line(packages: Sequence[str], update: bool) -> str:
    """The one line that a person without root rights runs."""
    install = "apt-get install -y --no-install-recommends " + " ".join(packages)
    return f"sudo sh -c 'apt-get update && {install}'" if update else f"sudo {install}"


def known_to_apt(package: str) -> bool:
    import subprocess

    return (
        subprocess.call(
            ["apt-cache", "show", "--no-all-versions", package],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        == 0
    )


def check_system(sets: Sequence[str], voice: Voice, log: Path) -> None:
    """Finds the system libraries and tools; installs them where that is ours to do (root on a Debian-like system),
    otherwise raises SetupError with the one line to run."""
    import shutil

    missing = missing_parts(sets)
    if not missing:
        return
    names = ", ".join(missing)
    if not (os.path.exists("/etc/debian_version") and shutil.which("apt-get") and shutil.which("apt-cache")):
        raise voice.error("missing_other", names=names)
    packages, all_known = package_names(missing, known_to_apt)
    if sys.platform == "win32" or os.geteuid() != 0:
        raise voice.error("missing", names=names, line=install_line(packages, update=not all_known))
    if not all_known:
        voice.step(voice.text("lists"))
        run(["apt-get", "update"], voice, log, APT_SETTINGS)
        packages, _all_known = package_names(missing, known_to_apt)
    voice.say(voice.text("packages", packages=" ".join(packages)))
    install = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "--no-install-recommends", *packages]
    if run(install, voice, log, APT_SETTINGS) != 0:
        # The usual cause is a package list that has aged: fetch it and try once more.
        run(["apt-get", "update"], voice, log, APT_SETTINGS)
        run(install, voice, log, APT_SETTINGS)
    if missing_parts(sets):
        raise voice.error("apt", log=log, line=install_line(packages, update=True))
