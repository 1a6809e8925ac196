"""Scans at the window: keys of a scanner that types become entries; what any scan came to is told where people look."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QSettings, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import control, finding_words, summaries, text
from desktop.domain.commands import Command, Kind, write
from desktop.domain.dialogue import Said, Say, ScanAnswer
from desktop.domain.entries import Booked, Call
from desktop.domain.figures.findings import FindingNow
from desktop.domain.gs1 import Remark
from desktop.domain.identity import CUT, SEVERAL_PRODUCTS, UNREADABLE_SIGNS
from desktop.domain.people import Person
from desktop.domain.spans import Span
from desktop.domain.verdicts import Wrong
from desktop.scanning import Carried
from desktop.store import database, entries, people, register, scan_answers
from desktop.store.database import Store
from desktop.store.scan_answers import Scan
from desktop.views import application, theme
from desktop.views.andon import Andon
from desktop.views.overview import Overview
from desktop.views.stops import Stops
from desktop.views.widgets import scan_note
from desktop.views.widgets.banner import BannerFace
from desktop.views.widgets.call_bar import CallBar, call_faces
from desktop.views.widgets.scan_note import ScanNote
from desktop.views.window import Window
from tests.store.example import MACHINE, MINUTE
from tests.test_live import START
from tests.test_stops import Floor, shop  # noqa: F401
from tests.views import example, fakes
from tests.views.test_screens import show

NOW = START + 50 * MINUTE
BREAKDOWN, MATERIAL = write(Command(Kind.REASON, "R01")), write(Command(Kind.REASON, "R02"))
UNDO = write(Command(Kind.UNDO))


class Desk:
    """A window over a real database with a keyboard scanner, fifty minutes into a shift; the reading is by hand."""

    def __init__(self, qtbot: QtBot, store: Store) -> None:
        self.qtbot, self.folder, self.store = qtbot, store.folder, store
        settings = QSettings(str(self.folder / "w.ini"), QSettings.Format.IniFormat)
        self.window = Window(
            self.folder, settings, replace(application.ways(self.folder), keep_collecting=lambda: None)
        )
        qtbot.addWidget(self.window)
        self.window.setWindowState(Qt.WindowState.WindowNoState)
        self.window.resize(1600, 900)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.scans = self.window.scans
        self.at_ms = 1_000_000
        self.go("overview")

    def go(self, key: str) -> None:
        self.window.go(key)
        self.look()

    def look(self) -> None:
        self.window.show_answer(self.window.screens.screen_now.question()(self.store, NOW))

    def type(self, code: str) -> None:
        """The keys of a scanner, by the way that the platform takes."""
        for sign in [*code, "\r"]:
            key = Qt.Key.Key_Return if sign == "\r" else Qt.Key(ord(sign.upper()))
            self.at_ms += 5
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, sign)
                event.setTimestamp(self.at_ms)
                QCoreApplication.sendEvent(self.window.windowHandle(), event)
        self.at_ms += 500

    def scan(self, *codes: str, answer: str) -> None:
        """Scan, and wait until that is what is told last."""
        for code in codes:
            self.type(code)
        try:
            self.qtbot.waitUntil(lambda: answer in self.scans.note.words, timeout=5000)
        except Exception as error:
            raise AssertionError(self.scans.note.words) from error

    def labels(self) -> list[tuple[int, str, str]]:
        """The reasons that hold: the minute of the stop, the reason, who."""
        found = summaries.stops_now(summaries.Live(), self.store, NOW).said
        return [((row.start_ms - START) // MINUTE, row.reason, row.who) for row in found]


@pytest.fixture
def desk(qtbot: QtBot, shop: Store) -> Iterator[Desk]:  # noqa: F811
    floor = Floor(shop)
    for begun, ended in ((15, 18), (40, 48)):
        floor.states(begun, "stop")
        floor.states(ended, "run")
    with shop.transaction() as db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'clock_plant_ms'", (str(NOW),))
        register.upsert(db, "scrap_reasons", {"code": "D01"}, {"name": "버", "group_name": "", "icon": "", "place": 0})
    people.put(shop, Person(0, "김정호", badge="0412"), NOW)
    reader = database.open_reader(shop.folder)
    made = Desk(qtbot, reader)
    yield made
    made.window.close()
    reader.close()


def test_a_reason_on_the_page_of_its_machine_is_one_scan(desk: Desk) -> None:
    desk.window.open_machine(MACHINE)
    desk.look()
    desk.scan(write(Command(Kind.PERSON, "0412")), answer="김정호 scans from now on.")
    assert desk.window.person is not None
    desk.scan(BREAKDOWN, answer="Entered: PR-01 · Stop reason 설비 고장")
    assert desk.labels() == [(40, "설비 고장", "김정호")]
    assert desk.window.undo_bar.words == "PR-01 · Stop reason 설비 고장 · 김정호"
    desk.scan(MATERIAL, answer="자재대기")  # the same hand corrects itself
    assert desk.labels() == [(40, "자재대기", "김정호")]
    desk.scan(UNDO, answer="Taken back: PR-01 · Stop reason 자재대기")
    desk.qtbot.waitUntil(lambda: desk.labels() == [(40, "설비 고장", "김정호")], timeout=5000)
    desk.window.undo_bar.hide()
    desk.scan(UNDO, answer="Taken back: PR-01 · Stop reason 설비 고장")
    assert desk.labels() == []
    desk.scan(UNDO, answer="nothing to take back")


def test_on_a_screen_of_the_line_the_machine_is_asked_for(desk: Desk) -> None:
    desk.scan(MATERIAL, answer="now scan the machine")
    desk.scan(write(Command(Kind.MACHINE, "PR-01")), answer="Entered: PR-01 · Stop reason 자재대기")
    assert desk.labels() == [(40, "자재대기", "")]


def test_on_the_stops_screen_the_stop_before_the_eyes_is_meant(desk: Desk) -> None:
    desk.go("stops")
    page = cast(Stops, desk.window.screens.screen_now)
    page._pick((MACHINE, START + 15 * MINUTE))
    desk.type(MATERIAL)
    desk.qtbot.waitUntil(lambda: desk.labels() == [(15, "자재대기", "")], timeout=5000)


def test_what_is_no_command_is_said_and_kept(desk: Desk) -> None:
    desk.scan("VH204-261130", answer="VH204-261130 is no command and nobody's badge.")
    desk.scan(BREAKDOWN[:-1] + str(9 - int(BREAKDOWN[-1])), answer="was not read whole")
    desk.scan(write(Command(Kind.REASON, "X9")), answer="is not set up here")
    kept = [code for (code,) in desk.store.rows("SELECT code FROM scan_answers ORDER BY id")]
    assert kept[0] == "VH204-261130"
    assert len(kept) == 3
    assert entries.newest(desk.store) == 0


def test_half_a_sentence_is_dropped_in_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.window.open_machine(MACHINE)
    desk.scan(write(Command(Kind.SCRAP, "D01")), answer="scan the number, then Enter")
    assert desk.scans._late.isActive()
    desk.scan(UNDO, answer="Not entered: PR-01 · Scrap 버")
    assert not desk.scans._late.isActive()
    desk.scan(write(Command(Kind.SCRAP, "D01")), answer="scan the number, then Enter")
    late = scan_answers.dialogue(desk.store, 0)
    writer = database.open_writer(desk.folder)
    with writer.transaction() as db:  # half a minute later
        scan = Scan(1, NOW, 0, None, "")
        scan_answers.put(db, scan, replace(late, last_ms=late.last_ms - 40_000), 1, (), (), None)
    writer.close()
    desk.scans._late.timeout.emit()
    desk.qtbot.waitUntil(lambda: "because nothing followed for 30 s" in desk.scans.note.words, timeout=5000)
    assert not any(isinstance(e.said, Booked) for e in entries.standing(desk.store, Span(0, 1 << 52)))


def test_what_is_scanned_right_behind_a_badge_is_signed_by_it(desk: Desk) -> None:
    desk.go("stops")
    desk.scan(write(Command(Kind.PERSON, "0412")), BREAKDOWN, answer="김정호 scans from now on.")
    desk.qtbot.waitUntil(lambda: bool(desk.labels()), timeout=5000)
    assert [who for _minute, _reason, who in desk.labels()] == ["김정호"]


def test_a_field_keeps_what_was_in_it_and_the_badge_field_logs_in(desk: Desk) -> None:
    desk.window.login.open()
    desk.qtbot.waitUntil(lambda: desk.window.login._panel is not None, timeout=5000)
    panel = desk.window.login._panel
    assert panel is not None
    panel.badge.setFocus()
    desk.qtbot.waitUntil(panel.badge.hasFocus, timeout=5000)
    desk.scan(write(Command(Kind.PERSON, "0412")), answer="김정호 scans from now on.")
    assert (panel.badge.text(), desk.window.login.name) == ("", "김정호")


# -- what others have scanned --


def found(word: str, about: str = "", *, refused: bool = True, by: int = 7) -> FindingNow:
    return FindingNow(8, example.NOW, word, 3, "용접", "OP30", "unit", "VH204-0412", about, refused, by)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_piece_that_does_not_pass_is_told_in_red_on_any_screen(window: Window, lang: str) -> None:
    text.use(lang)
    try:
        words = [word.value for word in (*Wrong, *Remark)] + [CUT, SEVERAL_PRODUCTS, UNREADABLE_SIGNS]
        for word in words:
            window.scans.show_answers((found(word, "OP20"),))
            assert len(window.scans.note.words) > 36
            assert "VH204-0412" in window.scans.note.words
            assert "(를)" not in window.scans.note.words, "the particle follows the code"
            assert "{" not in window.scans.note.words
            assert finding_words.short(word)
        colours = theme.tokens()
        shown = window.scans.note.grab().toImage()
        assert shown.pixelColor(shown.width() // 2, 4).name().upper() == colours.stop
        window.scans.show_answers((found("no_part", "OR", refused=False),))
        shown = window.scans.note.grab().toImage()
        assert shown.pixelColor(shown.width() // 2, 8).name().upper() == colours.panel
    finally:
        text.use("ko")


def test_what_is_told_of_a_scan_covers_no_banner(window: Window, qapp: QApplication) -> None:
    show(window, "overview")
    window.scans.note.show_answer("OP30: VH1 is not let through.", well=False, refused=True)
    first = window.scans.note.y()
    window.banners.show_banner("gauge", BannerFace("trouble", "A gauge failed", "24 pieces are held"))
    qapp.processEvents()
    banner = window.banners.geometry()
    assert banner.height() > 0
    assert window.scans.note.y() > window.banners.mapTo(window, QPoint(0, banner.height())).y()
    assert window.scans.note.geometry().bottom() < window.height()
    window.banners.hide_banner("gauge")
    qapp.processEvents()
    assert window.scans.note.y() == first


def test_all_that_is_wrong_at_one_scan_is_one_sentence(window: Window) -> None:
    window.scans.show_answers((found("skipped_step", "OP20"), found("no_part", "OR"), found("on_hold", "burr", by=9)))
    assert "burr" in window.scans.note.words
    window.scans.show_answers((found("skipped_step", "OP20"), found("no_part", "OR")))
    assert "OP20" in window.scans.note.words
    assert "OR" in window.scans.note.words
    assert window.scans.note.words.count("VH204-0412") == 1
    before = replace(found("no_part", "BD"), code="VH204-0411")
    window.scans.show_answers((found("skipped_step", "OP20"), before))
    assert window.scans.note.words.count("VH204-0412") == 1
    assert "VH204-0411: " in window.scans.note.words, "what was there before is told by its own code"


def answered(said: Said, machine: int | None = 3, number: int = 1) -> ScanAnswer:
    say = Say(said, Kind.REASON, "금형교체", "용접")
    return ScanAnswer(number, example.NOW, 7, "G.RS02T6", machine, (say,))


def test_an_answer_is_told_on_every_screen_and_on_the_tile(window: Window, qapp: QApplication) -> None:
    show(window, "overview")
    window.scans.show_answers((answered(Said.ENTERED),))
    note = window.scans.note
    assert note.words == "Entered: 용접 · Stop reason 금형교체"
    assert note._leaver.interval() == scan_note.STAYS_MS
    overview = cast(Overview, window.screens["overview"])
    [shown] = [each for tile in overview.tiles for each in tile.findChildren(ScanNote)]
    assert (shown.words, shown.parent().shown.machine) == ("Entered: Stop reason 금형교체", 3)  # type: ignore[attr-defined]
    show(window, "devices")
    window.scans.show_answers((answered(Said.NO_STOP),))
    assert note.words == "용접 has had no stop in the last 30 min that waits for a reason."
    assert note._leaver.interval() == scan_note.TROUBLE_STAYS_MS
    qapp.processEvents()
    assert note.isVisible()
    note._leaver.timeout.emit()
    assert note.words == ""


@pytest.fixture
def andon(qtbot: QtBot, tmp_path: Path) -> Andon:
    made = Andon(fakes.FakeSource, QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat))
    qtbot.addWidget(made)
    made.resize(1920, 1080)
    made.show()
    return made


def test_an_answer_is_told_large_on_the_andon(andon: Andon) -> None:
    andon.present(example.LINE, None)
    andon.show_scan(3, "Entered: Stop reason 금형교체", well=True)
    [note] = andon.findChildren(ScanNote)
    assert (note.words, note.parent().shown.machine) == ("Entered: Stop reason 금형교체", 3)  # type: ignore[attr-defined]
    andon.show_scan(None, "G.X was not read whole. Scan it again.", well=False)
    [whole] = [each for each in andon.findChildren(ScanNote) if each is not note]
    assert (whole.words, whole.parent()) == ("G.X was not read whole. Scan it again.", andon)
    assert min(note._size_px, whole._size_px) >= 30, "read from five metres"


def test_the_reading_thread_tells_answers_within_a_second(qtbot: QtBot, desk: Desk) -> None:
    """And those of before the window was open are no news."""
    told: list[object] = []
    desk.window.reader.heard.connect(told.append)
    control.carry_out_scan(desk.folder, MATERIAL, None, None)
    desk.window.reader.start()
    qtbot.waitUntil(lambda: desk.window.reader._heard is not None, timeout=5000)
    assert told == []
    control.carry_out_scan(desk.folder, UNDO, None, None)
    qtbot.waitUntil(lambda: len(told) == 1, timeout=1000)


def test_a_fault_is_told_and_the_next_scan_is_carried_out(window: Window, qtbot: QtBot) -> None:
    done: list[str] = []

    def carry_out(code: str, _home: int | None, _person: int | None) -> Carried:
        done.append(code)
        if len(done) == 1:
            raise database.BusyError("The data file is busy.")
        return Carried((Say(Said.NOTHING_TO_UNDO),))

    window.scans._carry_out = carry_out
    for code in (MATERIAL, UNDO):
        window.scans.scanned(code)
    qtbot.waitUntil(lambda: len(done) == 2 and "nothing to take back" in window.scans.note.words, timeout=5000)
    assert done == [MATERIAL, UNDO]


# -- sheets --


def test_the_sheet_of_a_machine_is_made_where_it_is_looked_at(
    window: Window, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str | None] = []
    opened: list[Path] = []

    def make(machine: str | None) -> Path:
        made.append(machine)
        if len(made) == 2:
            raise database.KnownError("Nobody has a badge yet.")
        return tmp_path / "sheet.pdf"

    monkeypatch.setattr(window.paperwork, "_ways", replace(window._ways, make_sheet=make, open_folder=opened.append))
    show(window, "machine")
    page = window.screens.machine_page
    assert page is not None
    sheet = page.action_row.button("sheet")
    assert sheet is not None
    sheet.click()
    qtbot.waitUntil(lambda: opened == [tmp_path / "sheet.pdf"], timeout=5000)
    assert made == [example.DAY.machine.code]
    window.paperwork.make_sheet(None)
    qtbot.waitUntil(lambda: made[-1] is None, timeout=5000)
    banner = window.banners._banners["sheet"]
    qtbot.waitUntil(lambda: banner.accessibleDescription() == "Nobody has a badge yet.", timeout=5000)


def test_a_team_leader_who_was_called_by_a_scan_is_seen_with_the_other_calls(window: Window) -> None:
    call = Call(9, 3, "leader", "", example.NOW - 120_000)
    faces = call_faces((call,), 3, {}, example.NOW)
    assert [each.what for each in faces] == ["maintenance", "material", "quality", "leader"]
    assert faces[-1].words == "Team leader called 2 min"
    bar = CallBar(window)
    bar.resize(800, 56)
    bar.show_calls(faces)
    assert bar.buttons[-1].geometry().right() < 800
    bar.show_calls(faces[:3])
    assert bar.buttons[2].geometry().right() in (799, 800), "three take the whole width"
