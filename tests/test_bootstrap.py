"""How Gadong gets onto a machine from source: main.py up to the moment when the application takes over."""

from __future__ import annotations

import ast
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from desktop import text
from desktop.bootstrap import arguments, environment, installing, running, system
from desktop.bootstrap.voice import TEXTS, SetupError, Voice

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements-build.lock", "requirements.lock", "requirements-test.lock")


@pytest.fixture
def voice() -> Voice:
    return Voice("en", io.StringIO())


def an_environment(folder: Path) -> Path:
    """A folder that passes for a virtual environment made from nothing."""
    python = environment.venv_python(folder)
    python.parent.mkdir(parents=True)
    python.touch()
    (folder / ".ready").write_text("made\n", encoding="utf-8")
    return folder


# --- the file itself -----------------------------------------------------------------------------------------------


def test_an_old_python_can_read_the_files_and_say_what_is_wrong() -> None:
    for file in (ROOT / "main.py", ROOT / "desktop" / "__init__.py", *(ROOT / "desktop" / "bootstrap").glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 7))
        modules: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                modules |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module)
        others = {name for name in modules if name.partition(".")[0] not in sys.stdlib_module_names}
        others = {name for name in others if not name.startswith("desktop.bootstrap")}
        allowed = {"desktop.command_line"} if file.name == "main.py" else set()
        assert others == allowed, "only the standard library before .venv is there"


def test_a_file_without_its_folder_is_one_sentence(tmp_path: Path) -> None:
    shutil.copy(ROOT / "main.py", tmp_path)
    code, output, errors = outcome(begin(tmp_path, "status"))
    assert (code, output) == (3, "")
    assert "not a whole copy of Gadong: desktop is missing" in errors
    assert "없는 파일: desktop" in errors
    assert "Traceback" not in errors


def test_every_sentence_has_both_languages_with_the_same_values() -> None:
    fields = re.compile(r"\{(\w+)")
    for key, (english, korean) in TEXTS.items():
        assert set(fields.findall(english)) == set(fields.findall(korean)), key
        assert re.search("[가-힣]", korean), key
        assert not re.search("[가-힣]", english), key


@pytest.mark.parametrize("version", [(3, 10, 12), (3, 14, 0), (2, 7, 18)])
def test_unsupported_python_is_one_sentence(
    version: tuple[int, int, int], voice: Voice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(SetupError, match=f"this is Python {version[0]}\\.{version[1]}\\.{version[2]} "):
        system.check_python(voice)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc is Linux's")
def test_old_linux_is_one_sentence(voice: Voice, monkeypatch: pytest.MonkeyPatch) -> None:
    system.check_python(voice)
    monkeypatch.setattr(os, "confstr", lambda _name: "glibc 2.31")
    with pytest.raises(SetupError, match=r"this one has glibc 2\.31"):
        system.check_python(voice)


# --- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "command", "language"),
    [
        ("", None, None),
        ("demo --headless --for 60", "demo", None),
        ("--lang ko test", "test", "ko"),
        ("--lang=en --data-dir=x status", "status", "en"),
        ("--data-dir test --help", None, None),
        ("report --lang ko --shift last", "report", "ko"),
        ("--lang ko test -x --long", "test --long", "ko"),
        ("--long test", "test", None),
        ("--lang", None, ""),
    ],
)
def test_command_and_language_are_found(line: str, command: str | None, language: str | None) -> None:
    assert arguments.options_of(line.split()) == (command, language)


@pytest.mark.parametrize(
    "settings",
    [
        {"LANG": "ko_KR.UTF-8"},
        {"LANG": "en_US.UTF-8"},
        {"LC_ALL": "ko_KR.UTF-8", "LANG": "C"},
        {"GADONG_LANG": "ko", "LC_ALL": "C"},
        {"LANG": "C.UTF-8"},
    ],
)
def test_language_is_the_one_that_the_application_takes(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GADONG_LANG", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert arguments.language_of(None) == text.system_language()
    assert arguments.language_of("en") == "en"
    assert arguments.language_of("ko") == "ko"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_one_changing_line_on_a_terminal_and_plain_lines_elsewhere() -> None:
    plain, terminal = io.StringIO(), Terminal()
    for stream in (plain, terminal):
        voice = Voice("en", stream)
        voice.began -= 12
        voice.clock = lambda now=voice.began + 12: now  # type: ignore[misc]
        for line in ("Collecting numpy==2.4.6", "Downloading PySide6_Essentials-6.11.3-cp310.whl (80.3 MB)"):
            running.report(line, voice)
            voice.tick()
        running.report(
            "Processing /a b/tabulate-0.10.0-py3-none-any.whl (from -r /가동/requirements.lock (line 9))", voice
        )
        running.report("Using cached nothing of interest", voice)
        voice.say("Ready.")
    assert plain.getvalue() == (
        "  Fetching numpy 2.4.6\n  Fetching PySide6_Essentials (80.3 MB)\n  Fetching tabulate 0.10.0\nReady.\n"
    )
    assert terminal.getvalue().count("\n") == 1
    assert terminal.getvalue().endswith("Fetching tabulate 0.10.0 ... 12 s\r\x1b[KReady.\n")


@pytest.mark.parametrize(
    ("output", "key"),
    [
        ("ERROR: No matching distribution found for setuptools==84.2.1", "network"),
        ("WARNING: Retrying ... NewConnectionError(...): Temporary failure in name resolution", "network"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "hashes"),
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "disk"),
        ("ERROR: Failed building wheel for opcua", "failed"),
    ],
)
def test_reason_why_pip_gave_up(output: str, key: str) -> None:
    assert installing.failure_of(output) == key


# --- system libraries ----------------------------------------------------------------------------------------------


def test_missing_library_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "OFFSCREEN_LIBRARIES", {"libc.so.6": ("libc6",), "libnot-there.so.9": ("libnot9",)})
    monkeypatch.setattr(system, "TEST_TOOLS", {"sh": ("dash",), "no-such-tool": ("tool-box",)})
    monkeypatch.setattr(system, "can_make_environments", lambda: True)
    if sys.platform.startswith("linux"):
        assert system.missing_parts(["offscreen"]) == {"libnot-there.so.9": ("libnot9",)}
    assert system.missing_parts(["tools"]) == {"no-such-tool": ("tool-box",)}
    assert system.missing_parts([]) == {}


@pytest.mark.parametrize(
    ("settings", "command", "expected"),
    [
        ({}, None, ["offscreen"]),
        ({"DISPLAY": ":0"}, "demo", ["offscreen", "window"]),
        ({"WAYLAND_DISPLAY": "wayland-0"}, None, ["offscreen", "window"]),
        ({}, "test", ["offscreen", "window", "tools"]),
        ({}, "test --long", ["offscreen", "window", "tools", "long tools"]),
    ],
)
def test_what_a_start_needs_of_the_system(
    settings: dict[str, str], command: str | None, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", "linux")
    assert system.system_sets(command) == expected
    monkeypatch.setattr(sys, "platform", "win32")
    assert system.system_sets(command) == []


MISSING = {
    "libglib-2.0.so.0": ("libglib2.0-0t64", "libglib2.0-0"),
    "libgthread-2.0.so.0": ("libglib2.0-0t64", "libglib2.0-0"),
    "pdftotext": ("poppler-utils",),
}


def test_package_names_are_those_that_apt_knows() -> None:
    assert system.package_names(MISSING, lambda _name: True) == (["libglib2.0-0t64", "poppler-utils"], True)
    debian_12: Callable[[str], bool] = lambda name: not name.endswith("t64")  # noqa: E731
    assert system.package_names(MISSING, debian_12) == (["libglib2.0-0", "poppler-utils"], True)
    assert system.package_names(MISSING, lambda _name: False) == (["libglib2.0-0", "poppler-utils"], False)


def debian(monkeypatch: pytest.MonkeyPatch, user: int, left: list[dict[str, tuple[str, ...]]]) -> list[list[str]]:
    """A Debian-like system where `left` is found missing at each look; the commands that would have run."""
    ran: list[list[str]] = []
    monkeypatch.setattr(system, "missing_parts", lambda _sets: left.pop(0))
    monkeypatch.setattr(os.path, "exists", lambda _path: True)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(system, "known_to_apt", lambda name: not name.endswith("t64"))
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    monkeypatch.setattr(system, "run", lambda command, *_rest: ran.append(command) or 0)
    return ran


def test_without_root_rights_there_is_one_exact_line_and_nothing_runs(
    voice: Voice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = debian(monkeypatch, 1000, [MISSING])
    with pytest.raises(SetupError) as caught:
        system.check_system(["offscreen"], voice, tmp_path / "log")
    assert [line.strip() for line in str(caught.value).split("\n") if "sudo" in line] == [
        "sudo apt-get install -y --no-install-recommends libglib2.0-0 poppler-utils"
    ]
    assert ran == []


def test_root_installs_and_says_so(voice: Voice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = debian(monkeypatch, 0, [MISSING, {}])
    system.check_system(["offscreen"], voice, tmp_path / "log")
    assert [command[-2:] for command in ran] == [["libglib2.0-0", "poppler-utils"]]
    assert "Installing system packages that are missing: libglib2.0-0 poppler-utils" in voice.stream.getvalue()


def test_packages_that_do_not_come_are_one_sentence(
    voice: Voice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    debian(monkeypatch, 0, [MISSING, MISSING])
    with pytest.raises(SetupError, match="sudo sh -c 'apt-get update && apt-get install"):
        system.check_system(["offscreen"], voice, tmp_path / "log")


# --- stamps, and the exchange of environments ----------------------------------------------------------------------


def test_stamp_follows_the_locks_and_the_python_version(tmp_path: Path) -> None:
    one, two = tmp_path / "one.lock", tmp_path / "two.lock"
    one.write_bytes(b"numpy==2.4.6\n")
    two.write_bytes(b"pytz==2026.6\n")
    stamp = environment.stamp_of([one, two], (3, 11))
    assert (
        stamp == f"{hashlib.sha256(b'numpy==2.4.6' + bytes([10]) + b'pytz==2026.6' + bytes([10])).hexdigest()} 3.11\n"
    )
    assert environment.stamp_of([one, two], (3, 12)) != stamp
    two.write_bytes(b"pytz==2026.6\r\n")
    assert environment.stamp_of([one, two], (3, 11)) == stamp, "a checkout with Windows line ends is the same lock"
    two.write_bytes(b"pytz==2026.7\n")
    assert environment.stamp_of([one, two], (3, 11)) != stamp


def test_environment_counts_only_with_its_stamp_and_its_interpreter(tmp_path: Path) -> None:
    venv = tmp_path / ".venv"
    assert not environment.has_stamps(venv, {".ready": "made\n"})
    an_environment(venv)
    assert environment.has_stamps(venv, {".ready": "made\n"})
    assert not environment.has_stamps(venv, {".ready": "made\n", ".ready-test": "made\n"})
    assert not environment.has_stamps(venv, {".ready": "other\n"})
    environment.venv_python(venv).unlink()
    assert not environment.has_stamps(venv, {".ready": "made\n"})


@pytest.mark.parametrize("moment", range(6))
def test_killed_during_the_exchange_one_of_both_is_whole(
    moment: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stops before the first, second ... step of the exchange; what the next start does puts everything right."""
    an_environment(tmp_path / ".venv").joinpath("old").touch()
    an_environment(tmp_path / ".venv.new").joinpath("new").touch()
    steps = iter(range(100))

    def stopping(step: Callable[..., object]) -> Callable[..., object]:
        def perhaps(*given: object) -> object:
            if next(steps) == moment:
                raise KeyboardInterrupt
            return step(*given)

        return perhaps

    with monkeypatch.context() as killed:
        killed.setattr(Path, "rename", stopping(Path.rename))
        killed.setattr(environment, "remove", stopping(environment.remove))
        try:
            environment.exchange(tmp_path)
        except KeyboardInterrupt:
            assert moment < 4
    environment.recover(tmp_path)
    whole = sorted(path.name for path in (tmp_path / ".venv").iterdir() if not path.name.startswith(("bin", "Scripts")))
    assert whole in ([".ready", "old"], [".ready", "new"])
    if (tmp_path / ".venv.new").exists():
        environment.exchange(tmp_path)
    assert (tmp_path / ".venv" / "new").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".venv"]


def test_set_up_that_fails_leaves_the_old_environment(
    voice: Voice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in LOCKS:
        (tmp_path / name).write_text("new lock\n", encoding="utf-8")
    an_environment(tmp_path / ".venv").joinpath("old").touch()

    def no_network(*_given: object) -> None:
        raise voice.error("network", log="log")

    monkeypatch.setattr(installing, "run", lambda *_given: 0)
    monkeypatch.setattr(installing, "install", no_network)
    with pytest.raises(SetupError, match="package index does not answer"):
        installing.build(tmp_path, voice, tmp_path / "log")
    assert (tmp_path / ".venv" / "old").exists()


def test_full_disk_is_said_before_anything_is_touched(
    voice: Voice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in LOCKS:
        (tmp_path / name).write_text("", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr(installing, "free_mb", lambda _folder: 120)
    with pytest.raises(SetupError, match="120 MB are free, 700 MB are needed"):
        installing.build(tmp_path, voice, tmp_path / "log")
    assert sorted(tmp_path.iterdir()) == before


# --- the whole way, in a folder with a space and Hangul in its name ------------------------------------------------

APPLICATION = """
import os, sys
import gadong_part

def main(arguments):
    print(gadong_part.NAME, arguments, os.environ.get("QT_QPA_PLATFORM"), flush=True)
    return 7
"""


def wheel(folder: Path, version: str, name: str) -> str:
    """A wheel `gadong_part` that holds one name; its line for a lock file."""
    info = f"gadong_part-{version}.dist-info"
    path = folder / f"gadong_part-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("gadong_part.py", f"NAME = {name!r}\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: gadong-part\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/entry_points.txt", "[console_scripts]\ngadong-part = gadong_part:NAME.lower\n")
        archive.writestr(f"{info}/RECORD", "")
    return f"gadong-part=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def bootstrap_into(root: Path) -> None:
    """main.py and what it needs before the application."""
    left = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "desktop" / "bootstrap", root / "desktop" / "bootstrap", ignore=left)
    shutil.copy(ROOT / "main.py", root)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A source tree whose locks name one small wheel, which lies in a folder instead of on an index."""
    root = tmp_path / "가동 1호 라인"
    bootstrap_into(root)
    (root / "desktop" / "__init__.py").touch()
    (root / "desktop" / "command_line.py").write_text(APPLICATION, encoding="utf-8")
    (tmp_path / "wheels").mkdir()
    (root / "requirements.lock").write_text(wheel(tmp_path / "wheels", "1.0", "first"), encoding="utf-8")
    for name in ("requirements-build.lock", "requirements-test.lock"):
        (root / name).write_text("# nothing\n", encoding="utf-8")
    return root


def settings(root: Path, wheels: bool = True) -> dict[str, str]:
    """No network: pip may look into the folder of wheels only, or nowhere."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "GADONG_", "QT_", "PYTEST_")) and name not in ("DISPLAY", "WAYLAND_DISPLAY")
    }
    places = {"PIP_FIND_LINKS": (root.parent / "wheels").as_uri()} if wheels else {}
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", **places}


def begin(root: Path, *arguments: str, wheels: bool = True, lang: str = "en") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(root / "main.py"), "--lang", lang, *arguments],
        env=settings(root, wheels),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def outcome(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    try:
        output, errors = process.communicate(timeout=90)
    finally:
        process.kill()
    return process.returncode, output, errors


@pytest.mark.parametrize(("lang", "words"), [("en", "does not answer"), ("ko", "응답하지 않습니다")])
def test_no_network_is_one_sentence_and_exit_code_3(copy: Path, lang: str, words: str) -> None:
    (copy / ".venv").mkdir()
    (copy / ".venv" / "old").touch()
    code, output, errors = outcome(begin(copy, "--help", wheels=False, lang=lang))
    assert code == 3
    assert output == ""
    assert "Traceback" not in errors
    (sentence,) = [line for line in errors.splitlines() if words in line]
    assert sentence.endswith(f": {copy / '.venv.log'}")
    assert "No matching distribution" in (copy / ".venv.log").read_text(encoding="utf-8")
    assert (copy / ".venv" / "old").exists()


def test_from_nothing_to_the_application_and_again(copy: Path) -> None:
    both = [begin(copy, "demo", "--out", "x y"), begin(copy, "demo", "--out", "x y")]
    ends = [outcome(process) for process in both]
    for code, output, errors in ends:
        assert code == 7, errors
        assert output == "first ['--lang', 'en', 'demo', '--out', 'x y'] None\n"
    assert sorted("Another start" in errors for _code, _output, errors in ends) == [False, True], "one waits, says so"
    assert "Fetching gadong_part 1.0" in "".join(errors for _code, _output, errors in ends)
    scripts = (copy / ".venv" / "bin" / "gadong-part").read_text(encoding="utf-8") if os.name == "posix" else ""
    assert ".venv.new" not in scripts

    # Whole: nothing is said and nothing is needed. `test` gets its screen, and its own lock at its first start.
    assert outcome(begin(copy, "status", wheels=False)) == (7, "first ['--lang', 'en', 'status'] None\n", "")
    code, output, errors = outcome(begin(copy, "test", wheels=False))
    assert (code, output) == (7, "first ['--lang', 'en', 'test'] offscreen\n"), errors
    assert outcome(begin(copy, "test", wheels=False)) == (7, "first ['--lang', 'en', 'test'] offscreen\n", "")

    # Another lock: a new environment.
    (copy / "requirements.lock").write_text(wheel(copy.parent / "wheels", "1.1", "second"), encoding="utf-8")
    code, output, errors = outcome(begin(copy, "status"))
    assert (code, output) == (7, "second ['--lang', 'en', 'status'] None\n"), errors
    assert sorted(path.name for path in copy.glob(".venv*")) == [".venv", ".venv.lock", ".venv.log"]


def test_installed_program_sets_nothing_up(tmp_path: Path) -> None:
    app = tmp_path / "가동 설치" / "app"
    bootstrap_into(app)
    (app.parent / "lib").mkdir()
    (app / "desktop" / "command_line.py").write_text(APPLICATION, encoding="utf-8")
    (app.parent / "lib" / "gadong_part.py").write_text("NAME = 'installed'\n", encoding="utf-8")
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    (app / "STAGED").write_text(f"target=linux\npython={version}\n", encoding="utf-8")
    assert outcome(begin(app, "status")) == (7, "installed ['--lang', 'en', 'status'] None\n", "")
    (app / "STAGED").write_text("target=linux\npython=3.99\n", encoding="utf-8")
    code, output, errors = outcome(begin(app, "status"))
    assert (code, output) == (3, "")
    assert errors == f"This installation of Gadong is made for Python 3.99; this is Python {version}.\n"
    assert not list(app.glob(".venv*"))


# --- the locks -----------------------------------------------------------------------------------------------------


def pins(name: str) -> dict[str, set[str]]:
    """Package -> versions in a lock file; fails on a line without a hash."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        text = line.partition("#")[0].strip()
        if text:
            assert "--hash=sha256:" in text, f"{name}: {text}"
            requirement = Requirement(text.partition("--hash")[0].strip())
            (pin,) = requirement.specifier
            assert pin.operator == "=="
            found.setdefault(requirement.name, set()).add(pin.version)
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_lock_has_hashes_and_names_no_registry(name: str) -> None:
    assert pins(name)
    words = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index|--find-links|file:", words)


def test_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = {
        "requirements.lock": project["project"]["dependencies"],
        "requirements-build.lock": project["dependency-groups"]["build"],
        "requirements-test.lock": project["dependency-groups"]["test"],
    }
    for name, lines in asked.items():
        locked = pins(name)
        for requirement in (Requirement(line) for line in lines):
            versions = locked.get(requirement.name, set())
            assert versions, f"{requirement.name} is not in {name}"
            assert all(requirement.specifier.contains(version) for version in versions)


def test_locks_agree_with_each_other() -> None:
    application = pins("requirements.lock")
    for name in ("requirements-build.lock", "requirements-test.lock"):
        for package, versions in pins(name).items():
            assert versions <= application.get(package, versions), f"{package} differs between the locks"
