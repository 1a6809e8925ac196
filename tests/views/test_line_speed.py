"""Finding a baud rate on the Devices screen: offer, progress, cancel, result, undo."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSettings, Qt
from pytestqt.qtbot import QtBot

from desktop.domain.figures.head import DeviceNow, Listened
from desktop.domain.figures.line import LineNow
from desktop.store import database, register
from desktop.store.database import KnownError
from desktop.views import application
from desktop.views.devices import FACT_PX, Devices
from desktop.views.widgets.line_speed import SpeedCard, helps, speed_face
from desktop.views.window import Window
from tests.views import example, fakes
from tests.views.test_fit import faults, speaks, wide  # noqa: F401 its window of each language

SCALE = replace(
    next(device for device in example.DEVICES if device.driver == "text_line"),
    status="misconfigured", fault_kind="wrong_baud", fault_detail={"baud": 9600, "frame": "8N1"}, port="COM7",
)  # fmt: skip
FITS = Listened("fits", 19200, heard_bytes=96, frame="7E1", sample="ST,+00123.45  g")


def world(scale: DeviceNow = SCALE) -> LineNow:
    """The line with this scale as the one device that is away."""
    others = tuple(
        replace(device, status="online", fault_kind="", last_value_at_ms=example.NOW)
        for device in example.DEVICES
        if device.id != scale.id
    )
    return replace(example.LINE, devices=(scale, *others))


class Far:
    """The other end of the window: does what the test says."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.wanted: list[tuple[int, dict[str, object]]] = []
        self.result: Listened | str = FITS
        self.go_on = threading.Event()
        self.ended: Callable[[], bool] = lambda: False

    def listen(self, device: int, said: Callable[[object], None], ended: Callable[[], bool]) -> object:
        self.asked.append(device)
        self.ended = ended
        said(Listened("working", 9600, 1, 8, 0))
        while not self.go_on.wait(0.01):
            if ended():
                return Listened("cancelled")
        if isinstance(self.result, str):
            raise KnownError(self.result)
        return self.result

    def use_line(self, device: int, wanted: Mapping[str, object], _who: str) -> object:
        self.wanted.append((device, dict(wanted)))
        return {"baud": None, "frame": None}


@pytest.fixture
def far() -> Far:
    return Far()


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, far: Far) -> Window:
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    made = Window(tmp_path, settings, fakes.ways(listen=far.listen, use_line=far.use_line))
    qtbot.addWidget(made)
    made.resize(1920, 1080)
    made.show()
    made.go("devices")
    made.show_answer(world())
    return made


def page_of(window: Window) -> Devices:
    page = window.screens["devices"]
    assert isinstance(page, Devices)
    return page


def card_of(window: Window) -> SpeedCard:
    return page_of(window).panel.speed


def test_listening_is_offered_where_it_helps_and_nowhere_else() -> None:
    assert helps(SCALE)
    assert helps(replace(SCALE, driver="mt_sics", fault_kind="bad_frames"))
    assert helps(replace(SCALE, port="rfc2217://h:1"))
    assert not helps(replace(SCALE, port="socket://h:1"))
    assert not helps(replace(SCALE, driver="modbus_rtu"))
    assert not helps(replace(SCALE, fault_kind="port_missing", last_value_at_ms=None))
    well = replace(SCALE, status="online", fault_kind="")
    assert not helps(well)
    assert helps(replace(well, last_value_at_ms=None))
    assert helps(replace(well, last_value_at_ms=None, status="offline", fault_kind="silent"))
    assert not helps(replace(well, status="offline", fault_kind="silent"))


def test_from_the_offer_to_the_rate_in_use_and_back_by_keyboard(window: Window, far: Far, qtbot: QtBot) -> None:
    card = card_of(window)
    assert (card.first.text(), card.first.accessibleName()) == ("Listen and guess", "Listen and guess")
    assert "Nothing is sent" in card.accessibleDescription()
    card.first.setFocus()
    qtbot.keyClick(card.first, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: card.accessibleName() == "Listening at 9600 Bd (1 of 8)")
    assert far.asked == [SCALE.id]
    assert "pull the trigger" in card.accessibleDescription()
    assert card.first.isHidden()
    assert card.second.hasFocus()  # what was pressed has gone; Cancel is under the finger
    assert card.second.text() == "Cancel"
    window.show_answer(world(replace(SCALE, status="offline", fault_kind="listening")))
    assert card.second.isVisible()
    far.go_on.set()
    qtbot.waitUntil(lambda: card.accessibleName() == "19200 Bd 7E1 fits")
    assert "ST,+00123.45  g" in card.accessibleDescription()
    assert [card.first.text(), card.second.text()] == ["Use it", "Leave"]
    qtbot.keyClick(card.first, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not window.undo_bar.isHidden())
    assert far.wanted == [(SCALE.id, {"baud": 19200, "frame": "7E1"})]
    assert f"{SCALE.name}: 19200 Bd 7E1" in window.undo_bar.accessibleDescription() + window.undo_bar.accessibleName()
    window.show_answer(world(replace(SCALE, status="online", fault_kind="")))
    assert card.isHidden()
    window.undo_bar.take_back()
    qtbot.waitUntil(lambda: len(far.wanted) == 2)
    assert far.wanted[1] == (SCALE.id, {"baud": None, "frame": None})
    qtbot.waitUntil(lambda: not window.speeds.writer.away)
    assert window.undo_bar.isHidden()


def test_it_is_cancelled_and_offered_again(window: Window, far: Far, qtbot: QtBot) -> None:
    card = card_of(window)
    card.first.click()
    qtbot.waitUntil(lambda: far.asked != [])
    card.second.click()
    qtbot.waitUntil(lambda: card.first.isVisible())
    assert far.ended()
    assert card.first.text() == "Listen and guess"
    assert far.wanted == []


def test_what_was_found_can_be_left(window: Window, far: Far, qtbot: QtBot) -> None:
    far.go_on.set()
    card = card_of(window)
    card.first.click()
    qtbot.waitUntil(lambda: card.first.text() == "Use it")
    card.second.click()
    assert card.first.text() == "Listen and guess"
    assert far.wanted == []


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (Listened("nothing"), "Nothing came"),
        (Listened("nothing", heard_bytes=40), "no text"),
        ("Port COM7 is not there.", "Port COM7 is not there."),
    ],
)
def test_why_nothing_was_found_is_said_and_tried_again(
    window: Window, far: Far, qtbot: QtBot, result: Listened | str, words: str
) -> None:
    far.result = result
    far.go_on.set()
    card = card_of(window)
    card.first.click()
    qtbot.waitUntil(lambda: words in card.accessibleDescription())
    assert card.first.text() == "Try again"
    card.first.click()
    qtbot.waitUntil(lambda: len(far.asked) == 2 and words in card.accessibleDescription())


def test_another_device_shows_its_own_state_meanwhile(window: Window, far: Far, qtbot: QtBot) -> None:
    page, card = page_of(window), card_of(window)
    card.first.click()
    qtbot.waitUntil(lambda: far.asked != [])
    page.rows[1].click()
    assert card.isHidden()
    page.rows[0].click()
    assert card.second.isVisible()
    card.second.click()
    qtbot.waitUntil(lambda: card.first.isVisible())


def test_a_window_that_closes_ends_the_search(window: Window, far: Far, qtbot: QtBot) -> None:
    card_of(window).first.click()
    qtbot.waitUntil(lambda: far.asked != [])
    window.close()
    assert far.ended()


def test_nothing_is_offered_while_nobody_collects(window: Window) -> None:
    line = world()
    window.show_answer(replace(line, collector=replace(line.collector, running=False, silent_ms=180_000)))
    assert card_of(window).isHidden()


def test_the_window_of_a_data_folder_reaches_register_and_collector(tmp_path: Path) -> None:
    store = database.create(tmp_path / "data")
    with store.transaction() as db:
        bus = register.upsert(db, "buses", {"key": "s"}, {"port": "COM7", "driver": "text_line", "settings": "{}"})
        device = register.upsert(db, "devices", {"key": "s"}, {"bus_id": bus, "name": "s", "settings": "{}"})
    ways = application.ways(tmp_path / "data")
    with pytest.raises(KnownError, match="not running"):
        ways.listen(device, lambda _now: None, lambda: False)
    assert ways.use_line(device, {"baud": 19200, "frame": "7E1"}, "kim") == {"baud": None, "frame": None}
    assert register.plant(store).buses[0].settings == {"baud": 19200, "frame": "7E1"}
    store.close()


LONG = "ST,+00123.45  g 1234567890 ABCDEFGHIJKLMNOPQRSTUVWXYZ 작업지시"


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)], ids=["1366", "1920"])
def test_every_step_fits_in_both_languages(wide: Window, size: tuple[int, int]) -> None:  # noqa: F811
    wide.resize(*size)
    steps: list[Listened | str | None] = [
        None, Listened("working"), Listened("working", 115200, 2, 8, 0), Listened("working", 115200, 8, 8, 12_345),
        replace(FITS, baud=115200), replace(FITS, status="using"), Listened("nothing"),
        Listened("nothing", heard_bytes=9),
        "Port COM7 is in use by another program. Close that program.",
    ]  # fmt: skip
    for scale in (SCALE, replace(SCALE, status="online", fault_kind="", last_value_at_ms=None)):
        wide.go("devices")
        wide.show_answer(world(scale))
        page = page_of(wide)
        page._chosen = scale.id
        for step in steps:
            page.show_listening(scale.id, step)
            assert faults(page) == [], step
            panel, card = page.panel, page.panel.speed
            assert card.isVisible()
            assert card.geometry().bottom() < panel.height() - 7 * FACT_PX
        page.show_listening(scale.id, None)


def test_a_long_line_is_cut_and_not_wrapped(window: Window) -> None:
    page_of(window).show_listening(SCALE.id, replace(FITS, sample=LONG))
    assert LONG in card_of(window).accessibleDescription()
    assert speed_face(FITS).sample == FITS.sample
