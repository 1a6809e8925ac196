"""What the world does wrong, through the command line in a process of its own, in both languages.

Each fault ends with exit code 1 and one sentence, and nothing is applied by half; a fault of a wire stops nobody.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop import configuration, control, text
from desktop.clock import REAL
from desktop.domain.spans import Span
from desktop.store import database, records
from desktop.store.database import sqlite3
from desktop.store.schema import CURRENT
from drivers.link import Link
from drivers.simulated.port import WirePort
from drivers.simulated.wire_line import LineFace
from tests.example import one_scanner

posix = pytest.mark.skipif(sys.platform == "win32", reason="ptys and permissions of POSIX")
Answer = subprocess.CompletedProcess[str]

# The command line where a table of mounts says that a folder lies on a share: mounts, folder, words.
ON_A_SHARE = """
import sys
from pathlib import Path
from desktop import command_line
from desktop.store import database, records
database.is_share.__defaults__ = (Path(sys.argv[1]),)
sys.exit(command_line.main(sys.argv[2:]))
"""

# Root may write everywhere. Without these powers (DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER) even root is bound to the
# permissions of a folder; they go at the next exec. For everybody else this changes nothing.
POWERLESS = """
import ctypes, os, sys
for power in (1, 2, 3):
    ctypes.CDLL(None).prctl(24, power, 0, 0, 0)  # PR_CAPBSET_DROP
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
#: Runs main.py; whoever looks at the small window that says why there is no other closes it.
CLOSES = """
import runpy, sys
from PySide6.QtCore import QTimer
from desktop.views.notice import Notice
shown = Notice.show
Notice.show = lambda notice: (shown(notice), QTimer.singleShot(0, notice.close_button.click))
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(params=text.LANGUAGES)
def lang(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each language in turn, for this process (`control.command` hands it on) and its children."""
    text.use(request.param)
    yield request.param
    text.use("en")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with the smallest line."""
    data = tmp_path / "데이터 folder"
    store = database.create(data)
    configuration.apply(store, configuration.parse(one_scanner()))
    store.close()
    return data


@pytest.fixture
def line_toml(tmp_path: Path) -> Path:
    file = tmp_path / "line.toml"
    file.write_text(one_scanner("socket://127.0.0.1:10"), encoding="utf-8")
    return file


def answer(command: list[str], **env: str) -> Answer:
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", timeout=60, check=False, env={**os.environ, **env}
    )


def sentence(said: Answer, lang: str) -> str:
    """The one sentence of a fault, in the language asked for."""
    assert (said.returncode, said.stdout) == (1, ""), said
    (words,) = said.stderr.splitlines()
    assert any("가" <= letter <= "힣" for letter in words.replace("데이터", "")) == (lang == "ko"), words
    return words


def kept(folder: Path) -> dict[str, bytes]:
    """Every file of a folder but for locks and the memory that readers of a database share."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.suffix not in (".lock", ".db-shm")
    }


def exported(folder: Path) -> str:
    store = database.open_reader(folder)
    try:
        return configuration.export(store)
    finally:
        store.close()


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("format = 1\n[plant\n", r"line 2,|2번째 줄"),
        (one_scanner().replace('role = "scan"', 'role = "scam"'), "scam"),
        (one_scanner() + 'machine = "M-2"\n', r"line 19,|19번째 줄"),
        (one_scanner().replace("format = 1", "format = 2"), "format"),
        ("\x00\x01\x02", "line.toml"),
    ],
)
def test_a_malformed_configuration(toml: str, words: str, folder: Path, tmp_path: Path, lang: str) -> None:
    before = exported(folder)
    (tmp_path / "line.toml").write_text(toml, encoding="utf-8")
    for what in ("check", "import"):
        said = answer(control.command(folder, "config", what, str(tmp_path / "line.toml")))
        assert re.search(words, sentence(said, lang))
    assert exported(folder) == before


def newer(file: Path) -> None:
    database.create(file.parent).close()
    connection = sqlite3.connect(str(file))
    connection.execute(f"PRAGMA user_version = {CURRENT + 1}")
    connection.close()


def foreign(file: Path) -> None:
    connection = sqlite3.connect(str(file))
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()


def garbage(file: Path) -> None:
    file.write_bytes(b"a letter, saved under the wrong name " * 200)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (newer, {"en": "was written by a newer Gadong", "ko": "더 새로운"}),
        (foreign, {"en": "is not a Gadong database", "ko": "데이터베이스가 아닙니다"}),
        (garbage, {"en": "is not a Gadong database", "ko": "데이터베이스가 아닙니다"}),
    ],
)
def test_a_file_that_is_not_ours(
    make: object, words: dict[str, str], tmp_path: Path, line_toml: Path, lang: str
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    make(database.path_of(data))  # type: ignore[operator]
    before = kept(data)
    for command in ("status", "collect", f"config import {line_toml}", f"backup {tmp_path / 'copy.db'}"):
        assert words[lang] in sentence(answer(control.command(data, *command.split(" "))), lang)
    assert kept(data) == before
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the table of mounts is Linux's")
def test_a_network_share(tmp_path: Path, line_toml: Path, lang: str) -> None:
    share = tmp_path / "share"
    share.mkdir()
    (tmp_path / "mounts").write_text(f"/dev/sda1 / ext4 rw 0 0\nnas:/line {share} nfs4 rw 0 0\n")
    words = ["--lang", lang, "--data-dir", str(share / "data"), "config", "import", str(line_toml)]
    root = Path(__file__).resolve().parents[2]
    said = answer([sys.executable, "-c", ON_A_SHARE, str(tmp_path / "mounts"), *words], PYTHONPATH=str(root))
    assert {"en": "network share", "ko": "네트워크"}[lang] in sentence(said, lang)
    assert list(share.iterdir()) == []


def test_a_second_collector(folder: Path, lang: str) -> None:
    first = control.ensure_collector(folder)
    try:
        words = sentence(answer(control.command(folder, "collect")), lang)
        assert str(first) in words
        assert control.collector_runs(folder)
    finally:
        control.stop_collector(folder)


@posix
def test_a_folder_that_may_only_be_read(folder: Path, line_toml: Path, lang: str) -> None:
    before = exported(folder), kept(folder)
    for file in folder.rglob("*"):
        file.chmod(0o400)
    folder.chmod(0o500)
    try:
        for command in ("collect", f"config import {line_toml}", "window"):
            python, *words = control.command(folder, *command.split(" "))
            eyes = ("-c", CLOSES) if command == "window" else ()
            world = {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(control.MAIN.parent)}
            said = answer([python, "-c", POWERLESS, *eyes, *words], **world)
            assert str(folder) in sentence(said, lang)
        python, *words = control.command(folder / "new", "config", "import", str(line_toml))
        assert str(folder / "new") in sentence(answer([python, "-c", POWERLESS, *words]), lang)
    finally:
        folder.chmod(0o700)
        for file in folder.rglob("*"):
            file.chmod(0o600)
    assert (exported(folder), kept(folder)) == before


def troubles(folder: Path) -> list[str]:
    """What `status` says of devices that do not answer."""
    said = answer(control.command(folder, "status"))
    assert (said.returncode, said.stderr) == (0, "")
    return [line for line in said.stdout.splitlines() if line.startswith("!")]


def faults(folder: Path) -> dict[str, str]:
    """Device -> its fault, "" for one that is online."""
    devices = json.loads(answer(control.command(folder, "status", "--json")).stdout)["devices"]
    return {device["key"]: "" if device["status"] == "online" else str(device["fault"]) for device in devices}


def one_more(port: str, name: str) -> str:
    """One more bus with a scanner on it."""
    return "[[bus]]" + one_scanner(port).partition("[[bus]]")[2].replace('"scanner', f'"{name}')


def scanned(folder: Path) -> list[str]:
    """Every code that was stored, in order."""
    store = database.open_reader(folder)
    try:
        return [scan.code for scan in records.scans(store, Span(0, 1 << 60))]
    finally:
        store.close()


@posix
def test_a_port_that_does_not_exist_or_is_taken_stops_nobody(tmp_path: Path, lang: str) -> None:
    """The collector runs on with what is there, says what is not, and takes it up when it comes."""
    data = tmp_path / "data"
    codes = [f"LOT-{at}" for at in range(20)]
    with WirePort(tmp_path / "scanner") as scanner, WirePort(tmp_path / "well") as well:
        taken = Link(scanner.url, {}, REAL)
        taken.open()
        with WirePort(tmp_path / "other") as there:
            buses = one_scanner(scanner.url) + one_more(there.url, "other") + one_more(well.url, "well")
            (tmp_path / "line.toml").write_text(buses, encoding="utf-8")
        assert answer(control.command(data, "config", "import", str(tmp_path / "line.toml"))).returncode == 0
        assert control.ensure_collector(data) is not None
        try:
            wanted = {"scanner-1": "port_busy", "other-1": "port_missing", "well-1": ""}
            assert control.wait_for(lambda: faults(data) == wanted, 20), faults(data)
            face = LineFace(well)
            assert all(face.send(code) for code in codes)
            assert control.wait_for(lambda: scanned(data) == codes, 10), scanned(data)
            busy, missing = sorted(troubles(data), key=lambda words: "other" in words)
            assert {"en": "in use by another program", "ko": "다른 프로그램"}[lang] in busy
            assert {"en": "is not there", "ko": "포트가 없습니다"}[lang] in missing
            taken.close()
            with WirePort(tmp_path / "other"):
                assert control.wait_for(lambda: faults(data) == dict.fromkeys(wanted, ""), 40), faults(data)
                assert troubles(data) == []
                assert scanned(data) == codes
        finally:
            taken.close()
            control.stop_collector(data)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux starts without a display")
@pytest.mark.parametrize("command", [[], ["window"]])
def test_no_display(command: list[str], folder: Path, lang: str) -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    bare = {key: value for key, value in os.environ.items() if key not in hidden}
    said = subprocess.run(
        control.command(folder, *command), capture_output=True, encoding="utf-8", timeout=60, check=False, env=bare
    )
    assert "xvfb-run" in sentence(said, lang)
