"""The Stops screen: what is asked, what a press enters, what comes back, in one window and through a real database."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop import paint, text
from desktop.domain.entries import OPEN_MS, Called, Labelled, Phase, Split
from desktop.domain.figures.stops import StopsNow
from desktop.domain.spans import Span
from desktop.store import entries
from desktop.store.database import Store
from desktop.views import application
from desktop.views.entering import TakingBack, Telling
from desktop.views.overview import Overview
from desktop.views.stop_choice import key_of
from desktop.views.stops import Stops
from desktop.views.widgets.reason_board import board, initials, matching
from desktop.views.widgets.stop_head import snapped
from desktop.views.widgets.tile import face
from desktop.views.window import Window
from tests.store.example import MACHINE, MINUTE
from tests.test_live import START
from tests.test_stops import Floor, now, rows, shop  # noqa: F401
from tests.views import example, fakes
from tests.views.test_fit import faults
from tests.views.test_screens import show

NOW = example.stops_now()


@pytest.fixture
def stops(window: Window) -> Stops:
    show(window, "stops")
    page = window.screens["stops"]
    assert isinstance(page, Stops)
    return page


@pytest.fixture
def told(stops: Stops) -> list[Telling | TakingBack]:
    """What the screen wants written; nobody writes it."""
    found: list[Telling | TakingBack] = []
    stops.told.disconnect()
    stops.taken_back.disconnect()
    stops.told.connect(found.append)
    stops.taken_back.connect(found.append)
    return found


def waiting(page: Stops) -> list[str]:
    return [row.shown.code for row in page.waiting_list.rows if row.isVisible() and row.shown]


def pressed(page: Stops, name: str) -> None:
    next(b for b in page.reasons if b.shown is not None and b.shown.name == name and b.isVisible()).click()


def words(widget: QWidget) -> list[str]:
    with paint.recording() as boxes:
        widget.render(QPixmap(widget.size()), renderFlags=QWidget.RenderFlag.DrawWindowBackground)
    return [box.shown for box in boxes]


# -- what is said --


def test_one_press_gives_a_reason_and_opens_the_next_stop(stops: Stops, told: list[Telling]) -> None:
    first = NOW.open[0]
    pressed(stops, "자재대기")
    [said] = told
    assert said.told == (Labelled(6, first.start_ms, first.end_ms or 0, first.id, 2, "E-104 시험압 저하"),)
    assert said.seen == 200
    assert said.words == "기밀시험 13:21 · saved as 자재대기"
    assert waiting(stops) == ["WD-01", "AS-01"], "it has left the list before anything is written"
    assert stops.head.accessibleName() == "용접 WD-01"
    pressed(stops, "설비 고장")
    assert told[1].told == (Labelled(3, example.at(14, 26), OPEN_MS, 12, 1),), "a stop that goes on has no end"


def test_a_refused_reason_brings_its_stop_back(stops: Stops, told: list[Telling]) -> None:
    pressed(stops, "자재대기")
    stops.was_refused(told[0].stops)
    assert waiting(stops) == ["LT-01", "WD-01", "AS-01"]


def test_an_older_answer_does_not_bring_it_back_a_newer_one_may(stops: Stops, told: list[Telling]) -> None:
    pressed(stops, "자재대기")
    stops.was_entered(told[0].stops, 300)
    stops.present(NOW, None)
    assert waiting(stops) == ["WD-01", "AS-01"], "an answer from before the entry"
    stops.present(replace(NOW, seen=300), None)
    assert waiting(stops) == ["LT-01", "WD-01", "AS-01"], "it is there and the stop still waits: taken back"


def test_keys_press_reasons_unless_somebody_types(
    stops: Stops, told: list[Telling], window: Window, qtbot: QtBot
) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=2000)
    stops.note.setFocus()
    qtbot.keyClicks(stops.note, "1S2")
    assert told == []
    qtbot.keyClick(stops.note, Qt.Key.Key_Return)
    assert not stops.note.hasFocus()
    qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_1)
    [said] = told
    assert isinstance(said.told[0], Labelled)
    assert (said.told[0].reason, said.told[0].note) == (4, "1S2"), "the suggested one stands first"
    assert stops.note.text() == "", "a note is for one reason"
    window.go("overview")
    qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_2)
    assert len(told) == 1, "on another screen the key is free"


def test_what_only_waited_is_taken_along_in_one_press_and_asks_nobody(stops: Stops, told: list[Telling]) -> None:
    """Two stops behind a machine that stood too: they do not ask, and one reason is for both."""
    first, *behind = NOW.open
    rows = (first, *(replace(row, behind="프레스") for row in behind))
    stops.present(replace(NOW, open=rows), None)
    assert replace(NOW, open=rows).waiting == 1
    assert "behind 프레스" in str(stops.waiting_list.rows[2].accessibleDescription())
    stops.waiting_list.all_behind.click()
    pressed(stops, "자재대기")
    [said] = told
    assert {(each.machine, each.start_ms) for each in said.told} == {(row.machine, row.start_ms) for row in behind}
    assert waiting(stops) == ["LT-01"]


def test_what_is_too_short_to_ask_is_taken_along_in_one_press(stops: Stops, told: list[Telling]) -> None:
    first, *short = NOW.open
    rows = (first, *(replace(row, brief=True) for row in short))
    stops.present(replace(NOW, open=rows), None)
    assert replace(NOW, open=rows).waiting == 1
    assert stops.waiting_list.all_behind.isHidden()
    stops.waiting_list.all_brief.click()
    pressed(stops, "자재대기")
    [said] = told
    assert {(each.machine, each.start_ms) for each in said.told} == {(row.machine, row.start_ms) for row in short}


def test_the_length_from_which_a_stop_asks_is_chosen_where_they_stand(
    stops: Stops, window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    stops.present(replace(NOW, asking=((0, 9), (180_000, 5), (300_000, 2), (600_000, 1))), None)
    asked, known = stops.waiting_list.asked_from, [5]

    def put(minutes: int, _who: str) -> int:
        known.append(minutes)
        return known[-2]

    monkeypatch.setattr(window.asking, "_ways", replace(fakes.ways(), set_ask_after=put))
    assert asked.open.text() == "Asks from 5 min on"
    asked.open.click()
    assert [option.text() for option in asked.options if option.isVisible()] == [
        "all · 9", "3 min · 5", "5 min · 2", "10 min · 1",
    ]  # fmt: skip
    assert [option.isChecked() for option in asked.options] == [False, False, True, False]
    asked.options[3].click()
    qtbot.waitUntil(lambda: known == [5, 10], timeout=2000)
    assert not any(option.isVisible() for option in asked.options)
    qtbot.waitUntil(lambda: bool(window.undo_bar.words), timeout=2000)
    assert window.undo_bar.words == "Asks from 10 min on"
    window.undo_bar.button.click()
    qtbot.waitUntil(lambda: known == [5, 10, 5], timeout=2000)


def test_one_reason_for_several(stops: Stops, told: list[Telling]) -> None:
    stops.waiting_list.rows[2].tick.click()
    assert stops.head.accessibleName() == "2 stops", "the one that was looked at is one of them"
    pressed(stops, "정전" if any(b.shown and b.shown.name == "정전" for b in stops.reasons) else "청소·점검")
    [said] = told
    assert [(each.machine, each.start_ms) for each in said.told] == [
        (6, example.at(13, 21, 12)),
        (5, example.at(10, 41)),
    ]
    assert said.words.startswith("2 stops · saved as")
    assert waiting(stops) == ["WD-01"]


def test_ticks_go_with_a_second_press_and_with_escape(stops: Stops) -> None:
    stops.waiting_list.rows[1].tick.click()
    stops.waiting_list.rows[1].tick.click()
    assert [row.tick.isChecked() for row in stops.waiting_list.rows] == [True, False, False]
    assert stops.step_back()
    assert not any(row.tick.isChecked() for row in stops.waiting_list.rows)
    assert not stops.step_back()


def test_a_stop_is_split_where_the_handle_stands(stops: Stops, told: list[Telling], qtbot: QtBot) -> None:
    stops.split()
    strip = stops.head.strip
    assert strip.shown is not None
    assert strip.shown.split_ms == example.at(13, 25, 10), "on ten seconds, near the middle"
    strip.setFocus()
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    qtbot.keyClick(strip, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert strip.shown.split_ms == example.at(13, 24)
    band, window = strip.band(), strip.shown.window
    assert window is not None
    qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=QPoint(4, round(band.center().y())))
    assert strip.shown.split_ms == example.at(13, 21, 20), "never outside the stop"
    x = band.left() + band.width() * (example.at(13, 27) - window.start_ms) / window.length_ms
    qtbot.mouseMove(strip, QPoint(round(x), round(band.center().y())))
    qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(band.center().y())))
    assert strip.shown.split_ms == example.at(13, 27)
    stops.head.here.click()
    assert told[0].told == (Split(6, example.at(13, 27), NOW.open[0].end_ms or 0, 11),)
    assert told[0].words == "기밀시험 · split at 13:27"


def test_a_reason_while_the_handle_is_out_is_for_the_first_part(stops: Stops, told: list[Telling]) -> None:
    stops.split()
    assert "Why did it stop in the first 3 min?" in words(stops.ask)
    pressed(stops, "자재대기")
    cut, first = told[0].told
    assert cut == Split(6, example.at(13, 25, 10), NOW.open[0].end_ms or 0, 11)
    assert isinstance(first, Labelled)
    assert (first.start_ms, first.end_ms) == (example.at(13, 21, 12), example.at(13, 25, 10))


@pytest.mark.parametrize(
    ("at_ms", "span", "found"),
    [(0, (5_000, 95_000), 10_000), (99_000, (5_000, 95_000), 90_000), (46_000, (5_000, 95_000), 50_000),
     (4_400, (1_000, 9_000), 4_000), (0, (0, 1_500), 1_000), (0, (100, 900), 500), (0, (10_000, 20_000), 11_000)],
)  # fmt: skip
def test_a_split_lies_within_its_stop(at_ms: int, span: tuple[int, int], found: int) -> None:
    assert snapped(at_ms, Span(*span)) == found


def test_merge_takes_the_neighbours_of_the_machine_along(stops: Stops, told: list[Telling | TakingBack]) -> None:
    near = tuple(
        replace(NOW.open[0], id=30 + n, start_ms=example.at(*at), end_ms=example.at(*at) + MINUTE)
        for n, at in enumerate(((12, 50), (13, 10), (13, 40), (13, 50)))
    )
    stops.present(replace(NOW, open=(*NOW.open, *near)), None)
    stops.merge()
    assert stops.head.accessibleName() == "3 stops"
    assert "they stay separate stops" in stops.ask.accessibleDescription()
    pressed(stops, "자재대기")
    assert isinstance(told[0], Telling)
    assert sorted(each.start_ms for each in told[0].told) == [
        example.at(13, 10), example.at(13, 21, 12), example.at(13, 40),
    ]  # fmt: skip


def test_merge_makes_a_split_stop_one_again(stops: Stops, told: list[Telling | TakingBack]) -> None:
    assert NOW.chosen is not None
    stops.present(replace(NOW, splits=((NOW.chosen.start_ms, 77), (example.at(9), 78))), None)
    stops.merge()
    assert [(one.numbers, one.words) for one in told if isinstance(one, TakingBack)] == [
        ((77,), "기밀시험 · one stop again")
    ]


def test_a_reason_that_was_given_can_be_changed_and_taken_back(stops: Stops, told: list[Telling | TakingBack]) -> None:
    row = NOW.said[0]
    stops._pick_said(row.entry)
    assert stops.head.accessibleName() == "프레스 PR-01"
    assert "준비교체" in stops.head.accessibleDescription()
    assert "김정호" in stops.head.accessibleDescription()
    pressed(stops, "자재대기")
    assert isinstance(told[0], Telling)
    assert told[0].told == (replace(row.said, reason=2),)
    stops._pick_said(row.entry)
    stops.head.back.click()
    assert told[1] == TakingBack((100,), "프레스 14:21 · reason 준비교체 taken back", (row.said,))


# -- what is offered --


def test_the_suggested_reason_stands_first_and_says_why_the_others_keep_their_places() -> None:
    faces = board(example.reasons(), "", True)
    assert [face.name for face in faces[:4]] == ["공구·치구 교환", "설비 고장", "자재대기", "준비교체"]
    assert faces[0].notes[0] == "Suggested · 7 of 8 after this alarm"
    assert [face.cap for face in faces] == list("12345678")
    assert board(example.reasons(alarm=False), "", True)[0].notes[0] == "Suggested · 9 times at this machine"
    assert not any(
        face.notes for face in board(tuple(replace(r, uses=2, after_alarm=0) for r in example.reasons()), "", True)
    )


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("고장", {"R01"}),
        ("ㅅㅂㄱㅈ", {"R01"}),
        ("r09", {"R09"}),
        ("ㄱ09", {"R09"}),
        ("hydraulic", {"R06"}),
        ("공구치구", set()),
        ("x", set()),
    ],
)
def test_a_reason_is_found_by_name_first_consonants_or_code(typed: str, codes: set[str]) -> None:
    assert {reason.code for reason in matching(example.reasons(), typed)} == codes
    assert initials("설비 고장") == "ㅅㅂ ㄱㅈ"


def test_the_list_of_all_takes_a_scan(stops: Stops, told: list[Telling], window: Window, qtbot: QtBot) -> None:
    window.activateWindow()
    stops.every.click()
    assert stops.all.isVisible()
    qtbot.keyClicks(stops.all.search, "R10")
    qtbot.keyClick(stops.all.search, Qt.Key.Key_Return)
    assert [each.reason for each in told[0].told if isinstance(each, Labelled)] == [10]
    assert not stops.all.isVisible()
    stops.every.click()
    assert stops.all.search.text() == ""
    assert stops.step_back()
    assert not stops.all.isVisible()


def test_without_reasons_it_says_what_to_do(stops: Stops) -> None:
    stops.present(replace(NOW, reasons=()), None)
    assert "No reasons are set up" in words(stops.empty)
    assert not any(button.isVisible() for button in stops.reasons)


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)], ids=lambda size: f"{size[0]}")
def test_nothing_is_cut_in_any_state(qtbot: QtBot, tmp_path: Path, lang: str, size: tuple[int, int]) -> None:
    text.use(lang)
    window = Window(tmp_path, QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat), fakes.ways())
    qtbot.addWidget(window)
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(*size)
    window.show()
    show(window, "stops")
    page = cast(Stops, window.screens["stops"])
    states: list[Callable[[], object]] = [
        page.split,
        lambda: page._tick(page.waiting_list.rows[2].shown.key),  # type: ignore[union-attr]
        page._open_all,
        lambda: page._pick_said(105),
        lambda: page.present(replace(NOW, reasons=()), None),
        lambda: page.present(replace(NOW, reasons=example.reasons(alarm=False)), None),
    ]
    for state in states:
        page._forget()
        page.present(NOW, None)
        state()
        QApplication.processEvents()
        assert faults(window) == [], state


def test_the_shift_before_can_still_be_asked_about(stops: Stops, window: Window) -> None:
    assert stops.steps.before.accessibleDescription() == "Thu 19 Nov · 야간 · B조"
    assert not stops.steps.after.isEnabled()
    stops.steps.before.click()
    assert stops._past == NOW.shifts[0]
    badge = window.rail.findChild(QWidget, "rail-stops")
    window.show_answer(replace(NOW, open=NOW.open[:1], looked_at=NOW.shifts[0], shifts=(None, NOW.shift)))
    assert badge.badge == 3, "the badge is of the shift that runs"  # type: ignore[union-attr]
    assert stops.steps.back.isVisible()
    assert not stops.steps.before.isEnabled()
    assert stops.step_back()
    assert stops._past is None
    window.show_answer(NOW)
    assert not stops.steps.back.isVisible()
    stops.steps.before.click()
    stops.open_stop(3, example.at(14, 26))
    assert stops._past is None, "whoever comes from the Overview asks about now"


def test_of_a_closed_shift_somebody_says_why_first(stops: Stops, told: list[Telling | TakingBack]) -> None:
    stops.present(replace(NOW, closed=True), None)
    assert any(said.startswith("This shift is closed") for said in words(stops.ask))
    pressed(stops, "자재대기")
    stops.split()
    stops.split()
    assert told == []
    assert waiting(stops) == ["LT-01", "WD-01", "AS-01"]
    stops.step_back()
    stops.note.setText("보전 일지와 다름")
    pressed(stops, "자재대기")
    [said] = told
    assert isinstance(said, Telling)
    assert said.why == "보전 일지와 다름"


# -- calls for help --


def test_a_large_screen_offers_the_sheet_of_the_machine(stops: Stops, window: Window) -> None:
    asked: list[str] = []
    stops.sheet_wanted.disconnect()
    stops.sheet_wanted.connect(asked.append)
    window.resize(1366, 768)
    assert stops.sheet.isHidden()
    window.resize(1920, 1080)
    assert stops.sheet.isVisible()
    stops.sheet.open.click()
    assert asked == ["LT-01"]
    window.show_answer(replace(NOW, open=(), chosen=None, around=None, intervals=(), pieces=()))
    assert stops.sheet.isHidden(), "without a stop there is nothing to scan"


def test_one_button_leads_a_call_from_the_first_to_the_last_phase(stops: Stops, told: list[Telling]) -> None:
    calls = stops.calls.buttons
    assert [b.accessibleName() for b in calls] == ["Maintenance called 12 min", "Call for material", "Call quality"]
    assert calls[0].accessibleDescription() == "not answered · press: answered"
    calls[0].click()
    calls[1].click()
    assert told[0].told == (Phase(6, NOW.now_ms, NOW.now_ms, 300, "seen"),)
    assert told[0].words == "기밀시험 · Maintenance called: answered"
    assert told[1].told == (Called(6, NOW.now_ms, OPEN_MS, "material"),)
    call = replace(NOW.calls[0], seen_ms=NOW.now_ms, begun_ms=NOW.now_ms)
    stops.present(replace(NOW, calls=(call,)), None)
    calls[0].click()
    assert told[2].told == (Phase(6, NOW.now_ms, NOW.now_ms, 300, "over"),)


def test_without_a_stop_the_open_calls_of_the_line_stay_in_reach(stops: Stops) -> None:
    stops.present(replace(NOW, open=(), chosen=None), None)
    [there] = [button for button in stops.calls.buttons if button.isVisible()]
    assert there.accessibleName() == "Maintenance called 12 min"
    assert there.accessibleDescription() == "기밀시험 · press: answered"


def test_a_tile_says_that_help_was_called() -> None:
    machine = replace(example.MACHINES[2], call=NOW.calls[0])
    assert face(machine, example.NOW, "Asia/Seoul").note == "Maintenance called 12 min"


# -- from the Overview --


def test_two_taps_from_the_overview(window: Window, qtbot: QtBot) -> None:
    show(window, "overview")
    overview = cast(Overview, window.screens["overview"])
    assert window.rail.findChild(QWidget, "rail-stops").badge == 3  # type: ignore[attr-defined]
    overview.open_stops.rows[2].click()
    page = cast(Stops, window.screens["stops"])
    assert window.screens.currentWidget() is page
    assert page.choice.chosen == (5, example.at(10, 41))
    show(window, "overview")
    tile = overview.tiles[2]
    place = tile.reason_place()
    assert place.height() >= 56
    qtbot.mouseClick(tile, Qt.MouseButton.LeftButton, pos=place.center().toPoint())
    assert window.screens.currentWidget() is page
    assert page.choice.chosen == (3, example.MACHINES[2].since_ms)
    show(window, "overview")
    qtbot.mouseClick(tile, Qt.MouseButton.LeftButton, pos=QPoint(40, tile.height() - 20))
    assert window.screens.current == "machine"
    show(window, "overview")
    running = overview.tiles[1]
    qtbot.mouseClick(running, Qt.MouseButton.LeftButton, pos=place.center().toPoint())
    assert window.screens.current == "machine", "a machine that runs is asked nothing"


def test_a_tile_says_who_gave_the_reason() -> None:
    stood = replace(
        example.MACHINES[2], reason="금형교체", asks_reason=False, said_by="김정호", said_at_ms=example.at(14, 28)
    )
    shown = face(stood, example.NOW, "Asia/Seoul")
    assert (shown.word, shown.note) == ("금형교체", "said by 김정호 14:28")


@pytest.mark.parametrize(
    ("said", "heard"),
    [("금형교체(으)로", "금형교체로"), ("설비 고장(으)로", "설비 고장으로"), ("수리 불발(으)로", "수리 불발로"),
     ("R06(으)로", "R06으로"), ("R08(으)로 A-03을(를)", "R08로 A-03을"),
     ("VH-2은(는)", "VH-2는"), ("R6X이(가)", "R6X이(가)"), ("정전(으)로 고장을(를)", "정전으로 고장을"),
     ("프레스은(는) 용접은(는)", "프레스는 용접은"), ("(으)로", "(으)로")],
)  # fmt: skip
def test_particles_follow_the_sound_before_them(said: str, heard: str) -> None:
    assert text.particles(said) == heard


# -- through the real window and database --


class Shift:
    """A window over a real database, read when the test asks."""

    def __init__(self, qtbot: QtBot, store: Store, who: str) -> None:
        self.folder, self.store, self.qtbot = store.folder, store, qtbot
        settings = QSettings(str(self.folder / f"{who}.ini"), QSettings.Format.IniFormat)
        ways = replace(application.ways(self.folder), keep_collecting=lambda: None)
        self.window = Window(self.folder, settings, ways)
        self.window.entering.who = lambda: who
        qtbot.addWidget(self.window)
        self.window.setWindowState(Qt.WindowState.WindowNoState)
        self.window.resize(1600, 900)
        self.window.show()
        self.window.entering.who = lambda: who
        self.window.go("stops")
        self.page = cast(Stops, self.window.screens["stops"])
        self.page.question_changed.connect(self.look)
        self.minute = 60.0
        self.look()

    def look(self) -> None:
        self.window.show_answer(self.page.question()(self.store, START + round(self.minute * MINUTE)))

    def until(self, condition: Callable[[], bool]) -> None:
        def met() -> bool:
            self.look()
            return condition()

        self.qtbot.waitUntil(met, timeout=5000)
        self.look()  # what was met may have come after the last look


@pytest.fixture
def floor(shop: Store) -> Floor:  # noqa: F811
    made = Floor(shop)
    for begun in (15, 20, 40):
        made.states(begun, "stop")
        made.states(begun + begun / 5, "run")
    return made


def spans(found: StopsNow) -> list[tuple[float, float | None]]:
    return rows(found, MACHINE)


def test_a_shift_of_labels_through_the_window(qtbot: QtBot, floor: Floor) -> None:
    """Label, undo, split with a reason, several at once, a conflict: the file and the screen say the same."""
    store = floor.store
    mine = Shift(qtbot, store, "김정호")
    page, bar = mine.page, mine.window.undo_bar
    assert [row.shown.note for row in page.waiting_list.rows if row.shown and row.shown.machine == MACHINE] == [
        "08:40–08:48", "08:20–08:24", "08:15–08:18",
    ]  # fmt: skip

    pressed(page, "설비 고장")
    qtbot.waitUntil(bar.isVisible, timeout=5000)
    assert bar.accessibleName().endswith("08:40 · saved as 설비 고장 · 김정호")
    mine.until(lambda: spans(now(store, 60)) == [(20, 24), (15, 18)])
    bar.take_back()
    mine.until(lambda: spans(now(store, 60)) == [(40, 48), (20, 24), (15, 18)])
    assert len(page.said_list.rows) == 0 or not page.said_list.rows[0].isVisible()

    page._pick((MACHINE, START + 40 * MINUTE))
    page.split()
    pressed(page, "자재대기")
    mine.until(lambda: spans(now(store, 60)) == [(20, 24), (44, 48), (15, 18)])

    page._pick((MACHINE, START + 20 * MINUTE))
    page._tick((MACHINE, START + 15 * MINUTE))
    pressed(page, "설비 고장")
    mine.until(lambda: spans(now(store, 60)) == [(44, 48)])
    assert {said.who for said in now(store, 60).said} == {"김정호"}

    other = now(store, 60)
    stop = next(row for row in other.open if row.machine == MACHINE)
    page._pick((MACHINE, stop.start_ms))
    entries.say(store, [Labelled(MACHINE, stop.start_ms, stop.end_ms or 0, stop.id, 2)], START + 60 * MINUTE, "이수민")
    pressed(page, "설비 고장")
    qtbot.waitUntil(lambda: "entered" in mine.window.banners.shown(), timeout=5000)
    banner = mine.window.banners.findChild(QWidget, "banner-entered")
    assert banner is not None
    assert banner.accessibleName() == "이수민 entered 자재대기 for this stop at 09:00."
    assert spans(now(store, 60)) == []
    given = {(said.start_ms - START) // MINUTE: (said.reason, said.length_ms // MINUTE) for said in now(store, 60).said}
    assert given == {44: ("자재대기", 4), 40: ("자재대기", 4), 20: ("설비 고장", 4), 15: ("설비 고장", 3)}
    mine.window.close()


def test_presses_that_come_fast_are_all_written(qtbot: QtBot, floor: Floor) -> None:
    mine = Shift(qtbot, floor.store, "")
    count = len(now(floor.store, 60).open)
    for _press in range(count):
        pressed(mine.page, "자재대기")
    mine.until(lambda: now(floor.store, 60).open == ())
    assert len(now(floor.store, 60).said) == count
    mine.window.close()


def test_a_press_is_on_screen_at_once(stops: Stops, told: list[Any], qapp: QApplication) -> None:
    """The list and the next stop are painted before anything is written; the best of ten, on whatever computer."""
    took = []
    for _turn in range(10):
        stops.choice.refused(frozenset(map(key_of, NOW.open)))
        stops.present(NOW, None)
        begun = time.perf_counter()
        pressed(stops, "자재대기")
        stops.window().grab()
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.1
