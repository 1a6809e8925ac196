"""Gadong's one door: `python3 main.py` opens the window, `python3 main.py --help` names everything else.

Started from source it first makes the folder `.venv` beside it (from the hashed lock files, once), then starts itself
again inside it; from there on `desktop.command_line` decides. Up to that point only the standard library is used.

    requirements-build.lock   first: what is needed to build opcua, which comes as source only
    requirements.lock         then: what the program runs on
    requirements-test.lock    besides, for `test` and `bench`

Exit code 3: this computer cannot be set up; one sentence on the error stream says why and what to do.

This file must stay readable for Python 3.7, so that an old Python gets a sentence and not a syntax error.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Callable, Iterator, Sequence  # noqa: UP035 (readable for Python 3.7)

SUPPORTED = ((3, 11), (3, 12), (3, 13))
EXIT_SETUP = 3
ROOM_MB = 700  # free space that a set-up needs: 0.4 GB installed, and the download beside it
OLDEST_GLIBC = (2, 34)  # the Qt wheels (manylinux_2_34)
STAGED = "STAGED"  # lies beside this file where an installer put the program: nothing to set up there

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
LONG_TEST = "test --long"  # what `options_of` calls that command
TESTING = ("test", LONG_TEST, "bench")  # what needs the packages of the tests

TEXTS = {
    "python": (
        "Gadong needs a 64-bit Python 3.11, 3.12 or 3.13; this is Python {version}. Start it with one of those: {try_}",
        "가동은 64비트 Python 3.11, 3.12, 3.13에서 실행됩니다. 지금은 Python {version}입니다. 이렇게 시작하세요: "
        "{try_}",
    ),
    "glibc": (
        "Gadong needs a Linux with glibc 2.34 or newer (Debian 12, Ubuntu 22.04); this one has {found}.",
        "가동은 glibc 2.34 이상인 리눅스(Debian 12, Ubuntu 22.04)에서 실행됩니다. 지금은 {found}입니다.",
    ),
    "windows": (
        "Gadong needs Windows 10 (version 1809) or newer; this is Windows {found}.",
        "가동은 Windows 10(버전 1809) 이상에서 실행됩니다. 지금은 Windows {found}입니다.",
    ),
    "venv": (
        "This Python has no venv module. Install the complete Python of your system, then start again.",
        "이 Python에는 venv 모듈이 없습니다. 운영체제의 Python 전체 패키지를 설치한 뒤 다시 시작하세요.",
    ),
    "begin": (
        "Gadong sets itself up in {folder}. This happens once and takes about half a minute on a fast line.",
        "{folder}에 가동을 준비합니다. 처음 한 번만 하며, 빠른 회선에서 30초쯤 걸립니다.",
    ),
    "begin_tests": (
        "Installing what the tests need.",
        "테스트에 필요한 것을 설치합니다.",
    ),
    "environment": ("Making the Python environment", "Python 환경을 만드는 중"),
    "collect": ("Fetching {name}", "받는 중: {name}"),
    "install": ("Installing", "설치하는 중"),
    "done": ("Ready after {seconds:.0f} s.", "{seconds:.0f}초 만에 준비했습니다."),
    "waiting": (
        "Another start of Gadong is setting this folder up; waiting for it.",
        "다른 가동이 이 폴더를 준비하고 있습니다. 끝날 때까지 기다립니다.",
    ),
    "lists": ("Fetching the package lists of the system", "시스템의 패키지 목록을 받는 중"),
    "packages": (
        "Installing system packages that are missing: {packages}",
        "없는 시스템 패키지를 설치합니다: {packages}",
    ),
    "missing": (
        "Missing on this computer: {names}. Install it with this line, then start again:\n  {line}",
        "이 컴퓨터에 없는 것: {names}. 아래 명령으로 설치한 뒤 다시 시작하세요.\n  {line}",
    ),
    "missing_other": (
        "Missing on this computer: {names}. Install it with your system's package manager, then start again.",
        "이 컴퓨터에 없는 것: {names}. 운영체제의 패키지 관리자로 설치한 뒤 다시 시작하세요.",
    ),
    "apt": (
        "The system packages could not be installed (details in {log}). Run this line, then start again:\n  {line}",
        "시스템 패키지를 설치하지 못했습니다(자세한 내용: {log}). 아래 명령을 실행한 뒤 다시 시작하세요.\n  {line}",
    ),
    "network": (
        "The parts of Gadong could not be fetched: the package index does not answer. Connect this computer to the "
        "network (needed for the set-up only), then start again. Details: {log}",
        "가동에 필요한 파일을 받지 못했습니다. 패키지 저장소가 응답하지 않습니다. 이 컴퓨터를 네트워크에 연결하고"
        "(처음 준비할 때만 필요) 다시 시작하세요. 자세한 내용: {log}",
    ),
    "hashes": (
        "A fetched file is not the one that this version of Gadong names (its checksum differs), so nothing was "
        "installed. Details: {log}",
        "받은 파일이 이 버전의 가동이 지정한 파일과 다릅니다(체크섬 불일치). 아무것도 설치하지 않았습니다. "
        "자세한 내용: {log}",
    ),
    "disk": (
        "The disk that holds {folder} has too little room: {free} MB are free, {need} MB are needed.",
        "{folder} 디스크에 공간이 모자랍니다. 남은 공간 {free}MB, 필요한 공간 {need}MB.",
    ),
    "folder": (
        "Gadong cannot write to its folder {folder}: {fault}",
        "가동 폴더 {folder}에 쓸 수 없습니다: {fault}",
    ),
    "busy": (
        "Gadong is still running out of {folder}. Stop it, then start again.",
        "{folder}에서 가동이 아직 실행 중입니다. 종료한 뒤 다시 시작하세요.",
    ),
    "failed": (
        "The set-up of Gadong failed: {fault} Details: {log}",
        "가동을 준비하지 못했습니다: {fault} 자세한 내용: {log}",
    ),
    "source": (
        "This folder is not a whole copy of Gadong: {name} is missing.",
        "이 폴더에는 가동의 파일이 모두 있지 않습니다. 없는 파일: {name}",
    ),
    "staged_python": (
        "This installation of Gadong is made for Python {wanted}; this is Python {version}.",
        "설치된 가동은 Python {wanted}용입니다. 지금은 Python {version}입니다.",
    ),
    "stopped": (
        "Stopped. Nothing is half installed; the next start begins anew.",
        "중단했습니다. 설치하다 만 것은 남지 않으며, 다음에 시작하면 처음부터 다시 합니다.",
    ),
}


class SetupError(Exception):
    """This computer cannot be set up; the text is the sentence for the person in front of it."""


# --- words ---------------------------------------------------------------------------------------------------------


def options_of(arguments: Sequence[str]) -> tuple[str | None, str | None]:
    """The command and the value of `--lang`, None where there is none. `--data-dir` takes a value as well.

    `test` with `--long` behind it is a command of its own here, for it needs more of the system.
    """
    command: str | None = None
    language: str | None = None
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if name in ("--lang", "--data-dir"):
            if not equals:
                value = rest.pop(0) if rest else ""
            if name == "--lang":
                language = value
        elif command is None and not word.startswith("-"):
            command = LONG_TEST if word == "test" and "--long" in rest else word
    return command, language


def language_of(chosen: str | None) -> str:
    """The language of this start, "ko" or "en": as chosen, else as this computer speaks (as in desktop/text.py)."""
    if chosen in ("ko", "en"):
        return str(chosen)
    named = os.environ.get("GADONG_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    if not named:
        import locale

        named = locale.getlocale()[0] or ""
    return "ko" if named.lower().startswith(("ko", "korean")) else "en"


class Voice:
    """Says what goes on: one line that changes on a terminal, plain lines elsewhere. Always on the error stream, so
    that the output of a command (`status --json`) stays clean."""

    def __init__(self, language: str, stream: Any = None) -> None:
        import time

        self.clock: Callable[[], float] = time.monotonic
        self.began = self.clock()
        self.language = language
        self.stream: Any = sys.stderr if stream is None else stream
        if hasattr(self.stream, "reconfigure"):
            self.stream.reconfigure(errors="replace")  # a console that cannot show Hangul must not stop the set-up
        self.changes = bool(self.stream.isatty())
        self.now = ""

    def text(self, key: str, **values: object) -> str:
        """The sentence `key` in the language in use."""
        return TEXTS[key][1 if self.language == "ko" else 0].format(**values)

    def error(self, key: str, **values: object) -> SetupError:
        return SetupError(self.text(key, **values))

    def say(self, text: str) -> None:
        """A line that stays."""
        self.clear()
        self.stream.write(text + "\n")
        self.stream.flush()

    def step(self, text: str) -> None:
        """What is being done now."""
        if text != self.now:
            self.now = text
            if not self.changes:
                self.stream.write(f"  {text}\n")
                self.stream.flush()
        self.tick()

    def tick(self) -> None:
        """On a terminal: the line again, with the seconds so far (a long download must not look dead)."""
        if self.changes and self.now:
            self.stream.write(f"\r\x1b[K  {self.now} ... {self.clock() - self.began:.0f} s")
            self.stream.flush()

    def clear(self) -> None:
        if self.changes and self.now:
            self.stream.write("\r\x1b[K")
        self.now = ""


# --- stamps and folders --------------------------------------------------------------------------------------------


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


# --- the system ----------------------------------------------------------------------------------------------------


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


APT_SETTINGS = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


# --- installing ----------------------------------------------------------------------------------------------------


def run(command: Sequence[str], voice: Voice, log: Path, settings: dict[str, str] | None = None) -> int:
    """Runs a program to its end; its output goes to the log, and what it says about itself to the person."""
    import queue
    import subprocess
    import threading

    with open(log, "ab") as keep:
        keep.write(("\n$ " + " ".join(command) + "\n").encode("utf-8", "replace"))
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(settings or {})},
        )
        lines: queue.Queue[bytes | None] = queue.Queue()

        def listen() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                lines.put(line)
            lines.put(None)

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        try:
            while True:
                try:
                    line = lines.get(timeout=0.5)
                except queue.Empty:
                    voice.tick()
                    continue
                if line is None:
                    break
                keep.write(line)
                report(line.decode("utf-8", "replace").strip(), voice)
            return process.wait()
        finally:
            if process.poll() is None and command[0] != "apt-get":  # a killed apt-get leaves half a package behind
                process.kill()
            process.wait()
            listener.join()


def report(line: str, voice: Voice) -> None:
    """A line of pip's or apt's output, as far as it tells a person something."""
    if line.startswith("Collecting "):
        voice.step(voice.text("collect", name=line.split()[1].replace("==", " ")))
    elif line.startswith("Processing ") and os.sep in line:  # a file that lies on this computer already
        voice.step(voice.text("collect", name=" ".join(os.path.basename(line.split(" (")[0]).split("-")[:2])))
    elif line.startswith("Downloading ") and line.endswith("MB)"):
        words = line.split()
        name = words[1].rsplit("/", 1)[-1].split("-")[0]
        voice.step(voice.text("collect", name=f"{name} {' '.join(words[-2:])}"))
    elif line.startswith("Get:") and len(line.split()) >= 9:  # a package; the lines of package lists are shorter
        voice.step(voice.text("collect", name=line.split()[4]))
    elif line.startswith(("Installing collected", "Unpacking ", "Setting up ")):
        voice.step(voice.text("install"))


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


# --- starting ------------------------------------------------------------------------------------------------------


def start(python: str, root: Path, arguments: Sequence[str]) -> int:
    """Goes on as another interpreter running this same file."""
    command = [python, str(root / "main.py"), *arguments]
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execv(python, command)
    import subprocess

    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the child got it as well and ends in its own way
            continue


def hand_over(command: str | None, arguments: Sequence[str]) -> int:
    """The application itself, in this process."""
    if command in ("test", LONG_TEST):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from desktop.command_line import main as command_line

    return int(command_line(list(arguments)))


def run_installed(root: Path, command: str | None, language: str | None, arguments: Sequence[str]) -> int:
    """Where an installer put the program: the libraries lie in `../lib`, and nothing is ever fetched."""
    wanted = dict(line.split("=", 1) for line in read(root / STAGED).split("\n") if "=" in line).get("python", "")
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if wanted and wanted != version:
        voice = Voice(language_of(language))
        voice.say(voice.text("staged_python", wanted=wanted, version=version))
        return EXIT_SETUP
    library = str(root.parent / "lib")
    if library not in sys.path:
        sys.path.insert(1, library)
    return hand_over(command, arguments)


def main(arguments: Sequence[str]) -> int:
    """Sets up what is missing and goes on inside `.venv`; the exit code of the command."""
    root = Path(__file__).resolve().parent
    command, language = options_of(arguments)
    if (root / STAGED).is_file():
        return run_installed(root, command, language, arguments)
    voice = Voice(language_of(language))
    inside = os.path.realpath(sys.prefix) == os.path.realpath(str(root / ".venv"))
    try:
        if sys.version_info[:2] not in SUPPORTED:
            other = supported_python()
            if other is not None:
                return start(other, root, arguments)
        check_python(voice)
        if not is_set_up(root, command):
            if inside:  # an environment cannot be exchanged from within
                return start(str(getattr(sys, "_base_executable", sys.executable)), root, arguments)
            set_up(root, command, voice)
    except SetupError as problem:
        voice.say(str(problem))
        return EXIT_SETUP
    except OSError as fault:
        voice.say(voice.text("folder", folder=root, fault=fault))
        return EXIT_SETUP
    except KeyboardInterrupt:
        voice.say(voice.text("stopped"))
        return 130
    if inside:
        return hand_over(command, arguments)
    return start(str(venv_python(root / ".venv")), root, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
