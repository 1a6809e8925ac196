"""The andon: what it says from five metres, which page is in sight, when it looks stale, which display it takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import paint, text
from desktop.domain.events import State
from desktop.domain.figures.line import LineNow, MachineNow
from desktop.domain.intervals import Category
from desktop.tokens import THEMES, Look
from desktop.views import andon as module
from desktop.views import theme
from desktop.views.andon import Andon, chosen_display, foot_face
from desktop.views.awake import Awake
from desktop.views.screen import stale_since
from desktop.views.window import Window
from tests.views import example, fakes
from tests.views.fakes import FakeSource

STOPPED = {"state": State.STOP, "category": Category.STOP, "asks_reason": True, "rank": 1}


@pytest.fixture
def andon(qtbot: QtBot, tmp_path: Path) -> Andon:
    made = Andon(FakeSource, QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat))
    qtbot.addWidget(made)
    made.resize(1920, 1080)
    made.show()
    return made


def long_line(count: int = 12, **changes: object) -> LineNow:
    """A line of so many machines; the last one is changed."""
    calm = example.quiet().machines
    machines: list[MachineNow] = [replace(calm[n % 8], id=n + 1, name=f"설비 {n + 1}") for n in range(count)]
    machines[-1] = replace(machines[-1], **changes)  # type: ignore[arg-type]
    return replace(example.quiet(), machines=tuple(machines))


def names(andon: Andon) -> list[str]:
    return [tile.shown.name for tile in andon.tiles if not tile.isHidden() and tile.shown]


def test_the_line_and_every_machine_are_said(andon: Andon) -> None:
    andon.present(example.LINE, None)
    with paint.recording() as boxes:
        andon.grab()
    sizes = {box.shown: box.size_px for box in boxes}
    assert {"488", "/ 515", "14:32", "75.7", "A라인"} <= set(sizes)
    assert sizes["A라인"] == 48
    assert max(box.size_px for box in boxes if box.shown == "488") == 150
    assert sizes["용접"] == 48
    assert sizes["538"] == 60
    assert [box.size_px for box in boxes if box.shown == "11"] == [76]


@pytest.mark.parametrize(("lang", "said"), [("ko", "MC-01 영향"), ("en", "see MC-01")])
def test_a_machine_that_waits_says_for_which_also_where_there_is_little_room(
    andon: Andon, lang: str, said: str
) -> None:
    text.use(lang)
    waits = {"state": State.BLOCKED, "category": Category.WAIT, "waits_for": "MC-01", "rank": 1}
    andon.present(long_line(8, **waits), None)
    with paint.recording() as boxes:
        andon.tiles[7].grab()
    assert said in [box.shown for box in boxes]


@pytest.mark.parametrize("name", list(THEMES))
def test_a_tile_is_filled_with_its_state(andon: Andon, qapp: QApplication, name: str) -> None:
    theme.use(qapp, name)
    andon.present(example.LINE, None)
    image = andon.grab().toImage()
    tokens = THEMES[name]
    for index, ground in ((0, tokens.reason), (1, tokens.panel), (2, tokens.stop), (4, tokens.wait)):
        tile = andon.tiles[index]
        assert image.pixelColor(tile.x() + 26, tile.y() + 40).name().upper() == ground


def test_pages_of_a_long_line_turn_by_themselves(andon: Andon, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE_S", 0.05)
    andon.present(long_line(), None)
    assert names(andon) == [f"설비 {n}" for n in range(1, 7)]
    qtbot.waitUntil(lambda: names(andon) == [f"설비 {n}" for n in range(7, 13)], timeout=3000)
    qtbot.waitUntil(lambda: names(andon) == [f"설비 {n}" for n in range(1, 7)], timeout=3000)


def test_a_line_of_one_page_does_not_turn(andon: Andon) -> None:
    andon.present(example.LINE, None)
    assert len(names(andon)) == 8
    assert not andon._turner.isActive()


def test_a_machine_that_stops_comes_into_sight_at_once(andon: Andon) -> None:
    andon.present(long_line(), None)
    assert "설비 12" not in names(andon)
    line = long_line(**STOPPED)
    andon.present(line, None)
    assert "설비 12" in names(andon)
    andon.turn()
    assert "설비 12" not in names(andon)
    with paint.recording() as boxes:
        andon.grab()
    assert any(box.shown.startswith("설비 12") for box in boxes)
    assert andon._turner.interval() == module.CALM_PAGE_S * 1000
    andon.present(line, None)
    assert "설비 12" not in names(andon), "one look at it does not hold the page"


def test_arrows_turn_the_page(andon: Andon, qtbot: QtBot) -> None:
    andon.present(long_line(), None)
    qtbot.keyClick(andon, Qt.Key.Key_Right)
    assert names(andon)[0] == "설비 7"
    qtbot.keyClick(andon, Qt.Key.Key_Left)
    assert names(andon)[0] == "설비 1"


def test_stale_looks_stale(andon: Andon) -> None:
    collector = replace(example.COLLECTOR, running=False, silent_ms=12_000)
    line = replace(example.LINE, collector=collector)
    andon.present(line, stale_since(line))
    assert {tile.shown.shown for tile in andon.tiles if tile.shown} == {Look.NO_DATA}
    with paint.recording() as boxes:
        andon.grab()
    assert "No data for 12 s · as of 14:31" in {box.shown for box in boxes}


def test_an_answer_that_does_not_come_is_stale(andon: Andon) -> None:
    andon.present(example.LINE, None)
    andon._answered_at -= 10
    andon._watch()
    assert {tile.shown.shown for tile in andon.tiles if tile.shown} == {Look.NO_DATA}
    with paint.recording() as boxes:
        andon.grab()
    assert "No data for 10 s" in {box.shown for box in boxes}


def test_downtime_by_reason_stands_in_the_foot_with_what_nobody_explained() -> None:
    foot = foot_face(example.LINE, (), 0, 1, None)
    assert foot.downtime == (("고장", "20 min"), ("금형교체", "11 min"), ("초품 확인", "9 min"))
    assert foot.unlabelled == "Not labelled: 3 stops, 18 min"
    first, *others = example.LINE.open_stops
    short = replace(example.LINE, open_stops=(first, *(replace(row, brief=True) for row in others)))
    assert foot_face(short, (), 0, 1, None).unlabelled == "Not labelled: 1 stop, 8 min", "only what asks"


def test_the_display_is_the_remembered_one_else_where_the_window_is_not() -> None:
    assert chosen_display(["PC", "TV"], "TV", "PC") == "TV"
    assert chosen_display(["PC", "TV"], "", "PC") == "TV"
    assert chosen_display(["PC", "TV"], "gone", "TV") == "PC"
    assert chosen_display(["PC"], "TV", "PC") == "PC"


def test_the_next_display_is_remembered(andon: Andon) -> None:
    andon.next_display()
    assert andon._settings.value(module.DISPLAY) == andon.screen().name()


class _Asked(Awake):
    """Writes down what it was asked."""

    def __init__(self, said: list[str], *, takes: bool) -> None:
        super().__init__()
        self._said = said
        self._takes = takes

    def hold(self) -> bool:
        self._said.append("hold")
        return self._takes

    def release(self) -> None:
        self._said.append("release")


def _window(qtbot: QtBot, folder: Path, said: list[str], *, takes: bool) -> Window:
    settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
    made = Window(folder, settings, fakes.ways(awake=lambda: _Asked(said, takes=takes)))
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow, timeout=3000)
    made.go("overview")
    made.show_answer(example.LINE)
    return made


@pytest.mark.parametrize("key", [Qt.Key.Key_F11, Qt.Key.Key_Escape])
def test_f11_opens_and_the_display_stays_awake_until_it_is_closed(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: Qt.Key
) -> None:
    monkeypatch.setattr("desktop.summaries.Live.line_now", lambda _live, _store, _now_ms, **_more: example.LINE)
    said: list[str] = []
    window = _window(qtbot, tmp_path, said, takes=True)
    qtbot.keyClick(window, Qt.Key.Key_F11)
    andon = window.andon
    assert andon is not None
    assert andon.isFullScreen()
    qtbot.waitUntil(lambda: len(names(andon)) == 8, timeout=3000)
    qtbot.waitUntil(andon.isActiveWindow, timeout=3000)
    assert said == ["hold"]
    assert "sleep" not in window.banners.shown()
    qtbot.keyClick(andon, key)
    assert window.andon is None
    assert said == ["hold", "release"]
    assert andon.reader.isFinished()


def test_where_the_display_cannot_be_kept_on_it_is_said_once(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.summaries.Live.line_now", lambda _live, _store, _now_ms, **_more: example.LINE)
    window = _window(qtbot, tmp_path, [], takes=False)
    window.toggle_andon()
    assert "sleep" in window.banners.shown()
    window.toggle_andon()
    window.banners.hide_banner("sleep")
    window.toggle_andon()
    assert "sleep" not in window.banners.shown()
    window.close()
    assert window.andon is None


def test_without_a_bus_nobody_keeps_the_display_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    awake = Awake()
    assert not awake.hold()
    awake.release()


class _Windll:
    """The two calls of Windows, written down: one that says the state before, one that knows whether a saver is on."""

    def __init__(self, said: list[tuple[str, int]]) -> None:
        self.kernel32 = self.user32 = self
        self._saver = 1

        def state(wish: int) -> int:
            said.append(("state", wish))
            return 0x8000_0000

        def parameters(action: int, value: int, place: object, _keep: int) -> int:
            if action == 0x0010:
                place._obj.value = self._saver  # type: ignore[attr-defined]
            else:
                self._saver = value
                said.append(("saver", value))
            return 1

        self.SetThreadExecutionState = state
        self.SystemParametersInfoW = parameters


def test_windows_keeps_the_display_and_gets_its_screen_saver_back(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, int]] = []
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr("ctypes.windll", _Windll(said), raising=False)
    awake = Awake()
    assert awake.hold()
    assert said == [("saver", 0), ("state", 0x8000_0003)]
    awake.release()
    assert said[2:] == [("state", 0x8000_0000), ("saver", 1)]
    awake.release()
    assert said[4:] == [("state", 0x8000_0000)], "a saver that somebody switched off meanwhile stays off"
