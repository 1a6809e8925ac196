"""The card of the automatic report: what is pressed is asked for, can be taken back, and what failed is said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from desktop import paint, text
from desktop.domain.automatic import AutomaticNow, Made, Policy
from desktop.domain.spans import Span
from desktop.store.database import KnownError
from desktop.views.automatic_report import AutomaticCard
from desktop.views.settings import Settings, SettingsView
from desktop.views.window import Window
from tests.views import example, fakes

MADE = Made(date(2026, 11, 19), "주간", 1, Span(0, 1), provisional=False, at_ms=1_795_086_300_000)
NOW = AutomaticNow(Policy(), "/shop/data/reports")


class Far:
    """The rest of the program, as far as the card reaches it."""

    def __init__(self) -> None:
        self.policy = Policy()
        self.wanted: list[Policy] = []
        self.seen: list[Policy] = []
        self.refuses = ""
        self.opened: list[Path] = []

    def set_report(self, wanted: Policy, seen: Policy, _who: str) -> Policy:
        if self.refuses:
            raise KnownError(self.refuses)
        before, self.policy = self.policy, wanted
        self.wanted.append(wanted)
        self.seen.append(seen)
        return before

    def make_now(self) -> str:
        if self.refuses:
            raise KnownError(self.refuses)
        return "2026-11-19 Day"


@pytest.fixture
def far() -> Far:
    return Far()


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, far: Far) -> Iterator[Window]:
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    ways = fakes.ways(set_report=far.set_report, make_report_now=far.make_now, open_folder=far.opened.append)
    made = Window(tmp_path, settings, ways)
    qtbot.addWidget(made)
    made.resize(1600, 900)
    made.show()
    yield made
    made.close()


def answer(now: AutomaticNow) -> SettingsView:
    line = example.LINE
    return SettingsView(line.head, line.now_ms, line.shift, line.collector, now)


def shown(window: Window, now: AutomaticNow = NOW) -> AutomaticCard:
    window.go("settings")
    window.show_answer(answer(now))
    page = window.screens["settings"]
    assert isinstance(page, Settings)
    return page.automatic


def press(card: AutomaticCard, name: str) -> None:
    next(option for row in card.rows for option in row.options if option.objectName() == name).click()


@pytest.mark.parametrize(
    ("name", "wanted", "said"),
    [
        ("report_on-0", Policy(on=False), "Write by itself: Off"),
        ("report_formats-png", Policy(formats=("pdf", "xlsx", "png")), "Files: PDF, Excel, Picture"),
        ("report_formats-pdf", Policy(formats=("xlsx",)), "Files: Excel"),
        ("report_delay_min-15", Policy(delay_ms=900_000), "Minutes after the end: 15"),
        ("report_printer-usual", Policy(printer=""), "Print it too: Usual printer"),
    ],
)
def test_a_press_is_written_and_can_be_taken_back(
    window: Window, far: Far, qtbot: QtBot, name: str, wanted: Policy, said: str
) -> None:
    press(shown(window), name)
    qtbot.waitUntil(lambda: far.wanted == [wanted])
    qtbot.waitUntil(lambda: not window.undo_bar.isHidden())
    with paint.recording() as boxes:
        window.undo_bar.grab()
    assert any(said in box.shown for box in boxes)
    window.undo_bar.take_back()
    qtbot.waitUntil(lambda: far.wanted == [wanted, Policy()])
    assert far.seen == [Policy(), wanted]


def test_what_a_file_brought_is_shown_and_stays(window: Window, far: Far, qtbot: QtBot) -> None:
    policy = Policy(folder="D:/Reports", formats=("json",), delay_ms=420_000, printer="Office")
    card = shown(window, replace(NOW, policy=policy, folder="D:/Reports"))
    chosen = [option.objectName() for row in card.rows for option in row.options if option.isChecked()]
    assert chosen == ["report_on-1", "report_formats-json", "report_delay_min-7", "report_printer-Office"]
    press(card, "report_on-0")
    card.usual.click()  # before the first is written
    qtbot.waitUntil(lambda: far.wanted == [replace(policy, on=False), replace(policy, on=False, folder="")])
    card.open.click()
    assert far.opened == [Path("D:/Reports")]
    assert not shown(window).usual.isEnabled()


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (NOW, "None was made yet."),
        (replace(NOW, newest=MADE), "Thu 19 Nov · 주간, rev. 1, Final, made 2026-11-19 20:05"),
        (
            replace(NOW, newest=MADE, failed=replace(MADE, state="failed", fault="The disk is full.")),
            "Thu 19 Nov · 주간: not made. The disk is full. It is tried again.",
        ),
    ],
)
def test_what_became_of_the_last_one(window: Window, now: AutomaticNow, said: str) -> None:
    assert said in shown(window, now).accessibleDescription()


def test_one_is_made_at_once(window: Window, far: Far, qtbot: QtBot) -> None:
    card = shown(window)
    card.make.click()
    qtbot.waitUntil(lambda: "automatic" in window.banners.shown())
    far.refuses = "No shift has ended yet."
    card.make.click()

    def told() -> str:
        with paint.recording() as boxes:
            window.banners.grab()
        return " ".join(box.shown for box in boxes)

    qtbot.waitUntil(lambda: "No shift has ended yet." in told())
    press(card, "report_on-0")
    qtbot.waitUntil(lambda: "Not changed" in told())
    assert far.policy == Policy()


def test_before_it_is_known_how_it_stands_there_is_nothing_to_press(window: Window) -> None:
    window.go("settings")
    page = window.screens["settings"]
    assert isinstance(page, Settings)
    card = page.automatic
    buttons = (card.choose, card.usual, card.open, card.make)
    assert not any(button.isVisible() for button in buttons)
    shown(window)
    assert all(button.isVisible() for button in buttons)


@pytest.mark.parametrize("language", text.LANGUAGES)
@pytest.mark.parametrize("width", [560, 1080])
def test_nothing_is_cut_off(qtbot: QtBot, language: str, width: int) -> None:
    text.use(language)
    card = AutomaticCard()
    qtbot.addWidget(card)
    failed = replace(MADE, state="failed", fault="The folder for reports, /media/office/share, is not there.")
    card.show_automatic(replace(NOW, newest=MADE, failed=failed), "Asia/Seoul")
    card.resize(width, card.place(width))
    card.show()
    with paint.recording() as boxes:
        card.grab()
    assert [box.shown for box in boxes if "…" in box.shown] == []
    for row in card.rows:
        assert all(option.geometry().right() < width - 12 for option in row.options)
    assert card.make.geometry().bottom() < card.height()
