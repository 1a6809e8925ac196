"""A real window on a virtual screen, with real keys and a real mouse: what is on the screen after each of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from desktop import control, simulation
from desktop.store import database, register
from desktop.tokens import THEMES

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("Xvfb") is None, reason="Xvfb is a Linux program"
)

# The application as `main.py window` runs it. Whenever the file "look" appears, it says what it has painted, what the
# pixels of the screen are, and where its buttons lie. Folders that it wants to open are written down, not opened.
LOOKER = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QObject, QPoint, QTimer, Slot
from PySide6.QtGui import QDesktopServices, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication
from desktop import paint
from desktop.views import application

folder = Path(sys.argv[1])

class Opened(QObject):
    urls = []

    @Slot("QUrl")
    def note(self, url):
        self.urls.append(url.toLocalFile())

def look():
    window = next((w for w in app.topLevelWidgets() if w.isVisible() and w.objectName() == "window"), None)
    if window is None or not (folder / "look").exists():
        return
    (folder / "look").unlink()
    with paint.recording() as head:
        window.header.grab()
    with paint.recording() as words:
        window.grab()
    under = window.header.mapToGlobal(QPoint(5, 5))
    pixels = app.primaryScreen().grabWindow(0).toImage()
    seen = {
        "head": [box.shown for box in head],
        "words": [box.shown for box in words],
        "header": pixels.pixelColor(under).name().upper(),
        "full": window.isFullScreen(),
        "page": window.screens.manual.page.toPlainText() if window.screens.manual is not None else "",
        "focus": app.focusWidget().objectName() if app.focusWidget() else "",
        "keys": [  # those of the window: a screen's own stand on its page
            key.key().toString() for key in window.findChildren(QShortcut) if key.parent() is window
        ],
        "andon": window.andon is not None and window.andon.isFullScreen(),
        "id": int((window.andon or window).winId()),
        "places": {
            button.objectName(): button.mapToGlobal(button.rect().center()).toTuple()
            for button in window.findChildren(QAbstractButton)
        },
        "opened": opened.urls,
    }
    (folder / "seen.new").write_text(json.dumps(seen), encoding="utf-8")
    (folder / "seen.new").rename(folder / "seen.json")

app = application.set_up()
opened = Opened()
QDesktopServices.setUrlHandler("file", opened, "note")
timer = QTimer()
timer.timeout.connect(look)
timer.start(20)
sys.exit(application.run(folder))
"""


class Screen(Struct, frozen=True):
    """A window of the product on a virtual screen."""

    folder: Path
    env: dict[str, str]

    def xdotool(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self.env, check=True, timeout=20)

    def look(self) -> dict[str, Any]:
        """What the window shows now."""
        seen = self.folder / "seen.json"
        seen.unlink(missing_ok=True)
        (self.folder / "look").touch()
        assert control.wait_for(seen.exists, 20), "the window does not answer"
        return dict(json.loads(seen.read_text(encoding="utf-8")))

    def press(self, *keys: str) -> None:
        self.xdotool("windowfocus", "--sync", str(self.look()["id"]), "key", *keys)

    def click(self, name: str) -> None:
        x, y = self.look()["places"][name]
        self.xdotool("mousemove", str(x), str(y), "click", "1")

    def scroll_down(self) -> None:
        """Turn the wheel over the page until its end."""
        self.xdotool("mousemove", "700", "300", "click", "--repeat", "10", "5")

    def shows(self, condition: Callable[[dict[str, Any]], object], seconds: float = 10) -> None:
        """Wait until the window shows something; fail with what it shows instead."""
        assert control.wait_for(lambda: bool(condition(self.look())), seconds), self.look()


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """A screen of its own, numbered by the server itself."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1366x768x24", "-nolisten", "tcp"],
        pass_fds=(writing,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as stream:
        number = stream.readline().strip()
    assert number, "Xvfb did not start"
    yield f":{number}"
    server.terminate()
    server.wait(10)


@pytest.fixture(scope="module")
def screen(display: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    """The window over a simulated history; in the end it must have said nothing and logged no fault."""
    folder = tmp_path_factory.mktemp("screen")
    simulation.simulate(folder, days=0.05, seed=2, say=lambda _words: None)
    env = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "GADONG_LANG": "en"}
    env["CUPS_SERVER"] = "127.0.0.1:1"  # no printer of this computer
    root = Path(__file__).resolve().parents[2]
    window = subprocess.Popen(
        [sys.executable, "-c", LOOKER, str(folder)], env=env, cwd=root, stderr=subprocess.PIPE, text=True
    )
    try:
        screen = Screen(folder, env)
        screen.shows(lambda seen: "Overview" in seen["head"], 30)
        yield screen
        assert window.poll() is None
    finally:
        window.terminate()
        said = window.communicate(timeout=15)[1]
    assert said.strip() == ""
    file = folder / "logs" / "window.log"  # made with the first thing to be written
    log = file.read_text(encoding="utf-8") if file.exists() else ""
    assert [line for line in log.splitlines() if any(level in line for level in ("WARNING", "ERROR", "CRITICAL"))] == []


@pytest.fixture
def overview(screen: Screen) -> Screen:
    """The window with nothing but the Overview on it."""
    screen.press("F2")
    screen.shows(lambda seen: "Overview" in seen["head"] and not seen["full"])
    return screen


@pytest.fixture(scope="module")
def codes(screen: Screen) -> list[str]:
    """The machines in line order."""
    store = database.open_reader(screen.folder)
    try:
        return [machine.code for machine in register.plant(store).machines]
    finally:
        store.close()


def code_in(seen: dict[str, Any], codes: list[str]) -> str:
    """The code of the machine in the header, "" on another screen."""
    return next((code for code in codes if code in seen["head"]), "")


def test_the_picture_is_really_on_the_screen(overview: Screen) -> None:
    seen = overview.look()
    assert seen["header"] == THEMES["light"].panel
    assert "WD-01" in " ".join(seen["words"])


def test_every_key_is_pressed_here(overview: Screen) -> None:
    tested = {"F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "Ctrl+L", "Ctrl+P", "Ctrl+Z", "Esc"}
    tested |= {"Left", "Right"}
    assert set(overview.look()["keys"]) == tested


def test_keys_of_the_screens(overview: Screen, codes: list[str]) -> None:
    overview.press("F9")
    overview.shows(lambda seen: "Devices" in seen["head"])
    overview.press("ctrl+l")
    overview.shows(lambda seen: "Losses over time" in seen["head"] and "the last one is running" in
                   " ".join(seen["words"]))  # fmt: skip
    overview.press("F3")
    overview.shows(lambda seen: code_in(seen, codes))
    overview.press("F4")
    overview.shows(lambda seen: any("labelled" in words for words in seen["words"]))
    overview.press("F5")
    overview.shows(lambda seen: "Work" in seen["head"])
    overview.press("F6")
    overview.shows(lambda seen: "Trace" in seen["head"])
    overview.press("F7")
    overview.shows(lambda seen: any("Measur" in words for words in seen["head"]))
    overview.press("F2")
    overview.shows(lambda seen: "Overview" in seen["head"])


def test_arrows_go_from_machine_to_machine(overview: Screen, codes: list[str]) -> None:
    overview.press("F3")
    overview.shows(lambda seen: code_in(seen, codes))
    place = codes.index(code_in(overview.look(), codes))
    for key, steps in (("Right", 1), ("Right", 2), ("Left", 1), ("Left", 0), ("Left", -1)):
        overview.press(key)
        overview.shows(lambda seen, steps=steps: code_in(seen, codes) == codes[(place + steps) % len(codes)])


def test_escape_goes_back_one_thing_at_a_time(overview: Screen) -> None:
    overview.press("F9")
    overview.press("F1")
    overview.shows(lambda seen: "Help" in seen["head"])
    overview.press("Escape")
    overview.shows(lambda seen: "Devices" in seen["head"])
    overview.press("Escape")
    overview.shows(lambda seen: "Overview" in seen["head"])


def test_f1_names_every_other_key(overview: Screen) -> None:
    overview.press("F1")
    overview.shows(lambda seen: "Help" in seen["head"])
    assert overview.look()["page"].startswith("Overview"), "the manual at the page of the screen"
    overview.click("manual-keys")
    overview.shows(lambda seen: seen["page"].startswith("Keys"))
    seen = overview.look()
    cells = seen["page"].splitlines()
    overview.press("Escape")
    overview.shows(lambda seen: "Overview" in seen["head"])
    signs = {"←": "Left", "→": "Right"}
    keys = cells[cells.index("What it does") + 1 :: 2]
    assert sorted(signs.get(key, key) for key in keys) == sorted({*seen["keys"]} - {"F1"})


def test_f11_there_and_back(overview: Screen) -> None:
    overview.press("F11")
    overview.shows(lambda seen: seen["andon"])
    overview.press("F11")
    overview.shows(lambda seen: not seen["andon"])
    overview.press("F11")
    overview.shows(lambda seen: seen["andon"])
    overview.press("Escape")
    overview.shows(lambda seen: not seen["andon"])


def test_tab_and_return_reach_a_screen(overview: Screen) -> None:
    for _step in range(120):
        overview.press("Tab")
        if overview.look()["focus"] == "rail-devices":
            break
    overview.press("Return")
    overview.shows(lambda seen: "Devices" in seen["head"])


def test_f8_shows_the_report_and_a_button_writes_it(overview: Screen) -> None:
    overview.press("F8")
    overview.shows(lambda seen: any("Shift in progress" in words for words in seen["words"]), 60)
    overview.click("save-all")
    overview.shows(lambda seen: "The shift report is ready" in seen["words"], 60)
    reports = overview.folder / "reports"
    assert sorted(file.suffix for file in reports.iterdir()) == [".csv", ".pdf", ".xlsx"]
    overview.click("open-reports")
    overview.shows(lambda seen: seen["opened"] == [str(reports)])
    overview.press("ctrl+p")
    overview.shows(lambda seen: "No printer is set up on this computer" in seen["words"])
    overview.press("Escape")
    overview.shows(lambda seen: "The shift report is ready" not in seen["words"])


def test_a_setting_is_changed_and_taken_back_by_keys(overview: Screen) -> None:
    overview.press("F10")
    overview.shows(lambda seen: "Settings" in seen["head"])
    overview.click("theme-dark")
    overview.shows(lambda seen: seen["header"] == THEMES["dark"].panel)
    overview.press("ctrl+z")
    overview.shows(lambda seen: seen["header"] == THEMES["light"].panel)
    overview.press("Escape")
    overview.press("F2")
    overview.shows(lambda seen: "Overview" in seen["head"])


def test_brightness_and_language(overview: Screen) -> None:
    overview.click("rail-settings")
    overview.shows(lambda seen: "Settings" in seen["head"])
    for name in ("dark", "contrast", "light"):
        overview.scroll_down()  # away from under the undo bar
        overview.click(f"theme-{name}")
        overview.shows(lambda seen, name=name: seen["header"] == THEMES[name].panel)
    overview.click("language-ko")
    overview.shows(lambda seen: "설정" in seen["head"] and "Settings" not in seen["words"])
    overview.press("F9")
    overview.shows(lambda seen: "장치" in seen["head"])
    overview.press("F1")
    overview.shows(lambda seen: seen["page"].startswith("장치") and "도움말" in seen["head"])
    overview.click("rail-settings")
    overview.click("language-en")
    overview.shows(lambda seen: "Settings" in seen["head"])
    overview.press("F2")
    overview.shows(lambda seen: "Overview" in seen["words"])


def test_the_first_page_fits_on_the_smallest_screen(display: str, tmp_path: Path) -> None:
    env = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    page = subprocess.Popen(control.command(tmp_path / "new", "window"), env=env)

    def geometry() -> str:
        words = ["xdotool", "search", "--all", "--onlyvisible", "--pid", str(page.pid), "--name", "Gadong"]
        found = subprocess.run([*words, "getwindowgeometry"], env=env, capture_output=True, text=True, check=False)
        return found.stdout

    try:
        assert control.wait_for(lambda: "Geometry" in geometry(), 30)
        assert "Position: 0,0" in geometry()
        assert "Geometry: 1366x768" in geometry()
    finally:
        page.terminate()
        page.wait(15)
