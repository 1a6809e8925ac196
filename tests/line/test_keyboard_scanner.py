"""A keyboard scanner at a real window: keys of a real X server, quicker than a person's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop import control

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("Xvfb") is None, reason="Xvfb is a Linux program"
)

# A button with a shortcut and a field; everything that happens is appended to a file.
WINDOW = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget
from desktop.views import scan_keys
from desktop.views.scan_keys import ScanKeys

scan_keys.HOLD_MS = scan_keys.FIELD_MS = 250  # the keyboard of this test is a process that may have to wait its turn

app = QApplication([])
window = QWidget()
button, field = QPushButton(window), QLineEdit(window)
layout = QVBoxLayout(window)
layout.addWidget(button)
layout.addWidget(field)
file = open(sys.argv[1], "a", buffering=1)
tell = lambda *words: file.write(" ".join(words) + "\\n")
for key in "RS1":
    QShortcut(QKeySequence(key), window).activated.connect(lambda key=key: tell("shortcut", key))
button.clicked.connect(lambda: tell("pressed"))
button.setFocus()
keys = ScanKeys(window)
keys.scanned.connect(lambda code: tell("scanned", code, field.text()))
field.returnPressed.connect(lambda: tell("entered", field.text()))
window.show()
def begin():
    if window.isActiveWindow():
        keys.watch()
        tell("ready")
    else:
        QTimer.singleShot(20, begin)
tell("shown", str(int(window.winId())))
begin()
app.exec()
"""


class Desk:
    """The window and the keyboard before it."""

    def __init__(self, told: Path, env: dict[str, str]) -> None:
        self.told, self.env = told, env

    def lines(self) -> list[str]:
        return self.told.read_text(encoding="utf-8").splitlines() if self.told.exists() else []

    def keys(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self.env, check=True, timeout=20)

    def says(self, *lines: str) -> None:
        """Wait until these lines and no others were told since the last time."""
        assert control.wait_for(lambda: self.lines()[-len(lines) :] == list(lines), 10), self.lines()
        self.told.write_text("", encoding="utf-8")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x600x24", "-nolisten", "tcp"],
        pass_fds=(writing,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading) as stream:
        env = {**os.environ, "DISPLAY": f":{stream.readline().strip()}", "QT_QPA_PLATFORM": "xcb"}
    told = tmp_path / "told"
    window = subprocess.Popen(
        [sys.executable, "-c", WINDOW, str(told)], env=env, cwd=Path(__file__).resolve().parents[2]
    )
    made = Desk(told, env)
    try:
        assert control.wait_for(made.lines, 30)
        made.keys("windowfocus", "--sync", made.lines()[0].removeprefix("shown "))
        assert control.wait_for(lambda: "ready" in made.lines(), 10)
        told.write_text("", encoding="utf-8")
        yield made
        assert window.poll() is None
    finally:
        for process in (window, server):
            process.terminate()
            process.wait(10)


def test_a_scan_is_no_shortcut_and_no_press_and_a_person_is_no_scan(desk: Desk) -> None:
    def scan(code: str) -> None:
        desk.keys("type", "--delay", "2", "--args", "1", code, "key", "Return")

    scan("G.RB01U6")
    desk.says("scanned G.RB01U6 ")
    scan("SN-S1R1")
    desk.says("scanned SN-S1R1 ")
    desk.keys("type", "--delay", "2", "SN-S1R1\n")  # a line feed in place of Enter
    desk.says("scanned SN-S1R1 ")
    desk.keys("key", "--delay", "600", "r", "s", "1", "space")
    desk.says("shortcut R", "shortcut S", "shortcut 1", "pressed")
    desk.keys("key", "Tab")
    desk.keys("type", "--delay", "600", "sr")
    desk.keys("key", "Return")
    desk.says("entered sr")
    scan("G.RB01U6")
    desk.says("scanned G.RB01U6 sr")
    scan("SN1234")
    desk.says("entered srSN1234")
