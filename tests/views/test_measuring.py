"""The screen of measurements: what is chosen, entered, left out, acknowledged and frozen, without a keyboard."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.domain.entries import OPEN_MS, ChartLimits, Entry, Excluded, Measured, Note, Said
from desktop.domain.figures.head import AlarmNow
from desktop.domain.figures.measuring import MeasuringNow
from desktop.domain.holding import GaugeState, Standing
from desktop.domain.measuring import Signal
from desktop.domain.people import Person, PersonNow, PersonRole
from desktop.domain.pins import PinAnswer
from desktop.domain.quality import Characteristic, Limits
from desktop.domain.spans import Span
from desktop.domain.spc import Rule
from desktop.store import entries
from desktop.views import application
from desktop.views import measuring_faces as faces
from desktop.views.entering import TakingBack, Telling
from desktop.views.measuring import Measuring
from desktop.views.widgets.button import Button
from desktop.views.widgets.spc_chart import axis_ticks, axis_words
from desktop.views.window import Window
from tests.measuring_example import MINUTE, WEIGHT, measure, open_measuring, spread
from tests.measuring_example import NOW as NOW_THERE
from tests.views import measured_example as example
from tests.views.example import NOW
from tests.views.test_fit import faults, said_by, speaks, wide  # noqa: F401 its window of each language
from tests.views.test_screens import show

ZONE = "Asia/Seoul"


class Page:
    """The screen with what it hands on."""

    def __init__(self, qtbot: QtBot, now: MeasuringNow, here: Person | None = None, right: str = "258013") -> None:
        self.told: list[Telling] = []
        self.back: list[TakingBack] = []
        self.seen: list[AlarmNow] = []
        self.units: list[str] = []
        self.files: list[tuple[Any, ...]] = []
        self.tried: list[str] = []

        def check(person: Person, pin: str, then: Callable[[PinAnswer], object]) -> None:
            self.tried.append(person.name)
            then(PinAnswer(pin == right))

        self.screen = Measuring(check, lambda: here)
        qtbot.addWidget(self.screen)
        self.screen.told.connect(self.told.append)
        self.screen.taken_back.connect(self.back.append)
        self.looks: list[MeasuringNow] = []  # the answers in which what was acknowledged was seen
        self.screen.acknowledged.connect(lambda alarm, _now: self.seen.append(alarm))
        self.screen.acknowledged.connect(lambda _alarm, now: self.looks.append(now))
        self.screen.unit_wanted.connect(self.units.append)
        self.screen.table_wanted.connect(lambda *words: self.files.append(words))
        self.screen.resize(1920 - 96, 1080 - 72)
        self.screen.show()
        self.screen.receive(now, None)

    def press(self, name: str) -> None:
        button = self.screen.findChild(Button, name)
        assert button is not None, name
        assert button.isVisible(), name
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def answer(self, words: str) -> None:
        """Press a ready answer."""
        found = [b for b in self.screen.why.choices if b.isVisible() and b.text() == words]
        assert found, [b.text() for b in self.screen.why.choices if b.isVisible()]
        QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)

    def pick(self, place: int) -> None:
        """Press a point of the chart."""
        chart = self.screen.chart
        QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(round(chart.x_of(place)), 200))

    @property
    def said(self) -> Said:
        [telling] = self.told
        [said] = telling.told
        return said


@pytest.fixture
def page(qtbot: QtBot) -> Page:
    return Page(qtbot, example.measured())


def test_each_characteristic_says_how_it_stands(page: Page) -> None:
    shown = [(row.accessibleName(), row.accessibleDescription()) for row in page.screen.list.rows]
    words = {name: said.split(", ")[0] for name, said in shown}
    assert words == {
        "내경 Ø24": "Signals: 4", "전장 86": "Stable", "용입 깊이": "below 1.33", "누설량": "Out of limits",
        "버 높이": "No value 15 min", "세척액 농도": "n=18", "포장 중량": "Gauge too coarse",
        "체결 토크": "Limits not frozen", "외관 점수": "n=0",
    }  # fmt: skip
    assert "Cpk 1.29" in shown[0][1]


def test_the_signs_of_the_list_are_explained_where_there_is_room(page: Page) -> None:
    told = [box.wanted for box in said_by(page.screen.list)]
    assert "signal, out of limits" in told
    assert "stable" in told
    assert faults(page.screen) == []
    page.screen.resize(1366 - 96, 768 - 72)
    assert "stable" not in [box.wanted for box in said_by(page.screen.list)], "no half of it"
    assert faults(page.screen) == []


def test_a_press_looks_at_another_characteristic(page: Page, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.screen.question_changed):
        QTest.mouseClick(page.screen.list.rows[3], Qt.MouseButton.LeftButton)
    assert page.screen.subject() == 4
    page.screen.receive(example.measured(4), None)
    assert page.screen.chart.accessibleName() == "누설량"
    assert "One limit only." in page.screen.capability.accessibleDescription()
    assert page.screen.choices() == {"characteristic": "4"}
    page.screen.restore({"characteristic": "2"})
    assert page.screen.subject() == 2


def test_a_line_without_characteristics_says_where_they_stand(qtbot: QtBot) -> None:
    page = Page(qtbot, example.nothing())
    assert page.screen.list.accessibleDescription() == "No characteristic is set up."
    assert page.screen.list.width() > page.screen.width() - 100, "no empty page beside it"
    assert not page.screen.chart.isVisible()
    assert not page.screen.capability.isVisible()


def test_a_value_by_hand_takes_a_unit_and_a_pad(page: Page) -> None:
    page.press("enter-value")
    page.answer("VH204-000229")
    for key in ("why-key-2", "why-key-4", "why-key-10", "why-key-11", "why-key-1"):
        page.press(key)
    page.press("why-done")
    assert page.said == Measured(1, NOW, NOW, 1, 24.01, "VH204-000229")
    assert page.told[0].words == "내경 Ø24 · 24.0100 mm · VH204-000229"


def test_a_value_may_be_of_no_unit_and_need_not_be_said(page: Page) -> None:
    page.press("enter-value")
    page.answer("Without a unit")
    QTest.keyClick(page.screen, Qt.Key.Key_5)
    page.press("why-key-5")
    page.press("why-done")
    assert isinstance(page.said, Measured)
    assert (page.said.unit, page.said.value % 10) == ("", 5.0)
    page.press("enter-value")
    assert page.screen.step_back()
    assert len(page.told) == 1


def test_a_point_leads_to_its_values_and_their_units(page: Page) -> None:
    page.pick(44)
    assert page.screen.point.isVisible()
    assert not page.screen.found.isVisible()
    rows = [row for row in page.screen.point.rows if row.isVisible() or not row.isHidden()]
    assert len(rows) == 5
    page.press("point-values-1-first")
    [unit] = page.units
    assert unit == example.drifting().analysis.points[44].values[0].unit
    QTest.keyClick(page.screen.chart, Qt.Key.Key_Left)
    assert page.screen._point == 43
    page.pick(43)
    assert page.screen.found.isVisible(), "a second press lets it go"


def test_a_value_is_left_out_with_why_and_who(page: Page) -> None:
    page.pick(44)
    page.press("point-values-1-second")
    page.answer("Chip or dirt")
    page.answer("김정호")  # nobody is at the screen, and people are set up
    value = example.drifting().analysis.points[44].values[0]
    assert page.said == Excluded(1, value.at_ms, value.at_ms, 1, value.id)
    assert (page.told[0].why, page.told[0].who) == ("Chip or dirt", "김정호")


def test_who_is_at_the_screen_is_not_asked(qtbot: QtBot) -> None:
    page = Page(qtbot, example.measured(), example.PEOPLE[1].person)
    page.pick(44)
    page.press("point-values-1-second")
    page.answer("Test piece")
    assert (page.told[0].why, page.told[0].who) == ("Test piece", ""), "the one who is there enters it"


def test_what_was_left_out_stands_in_the_list_and_comes_back(page: Page) -> None:
    page.press("measure-view")
    assert page.screen.values.isVisible()
    told = example.drifting().analysis.told
    page.screen.values.row_wanted.emit(len(told) - 30)  # newest first: the 30th value
    assert page.screen.point.rows[0].second.text() == "Take in again"
    page.press("point-values-1-second")
    [back] = page.back
    assert back.numbers == (930,)
    assert back.again == (Excluded(1, told[29].value.at_ms, told[29].value.at_ms, 1, 30),)
    page.press("measure-view")
    assert page.screen.chart.isVisible()


def test_what_was_left_out_is_a_cross_on_the_chart_that_takes_it_in_again(page: Page) -> None:
    chart = page.screen.chart
    face = faces.chart_face(example.drifting(), NOW, ZONE, None)
    [cross] = face.crosses
    assert cross.number == 30
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=chart._cross_at(face, cross).toPoint())
    assert page.screen.point.rows[0].second.text() == "Take in again"
    page.press("point-values-1-second")
    assert page.back[0].numbers == (930,)


def test_signals_are_acknowledged_with_what_was_done(page: Page) -> None:
    page.press("found-seen")
    page.answer("Tool changed")
    [alarm] = page.seen
    assert (alarm.kind, alarm.subject, alarm.name) == ("measured", "ID24", "내경 Ø24")
    newest = example.drifting().analysis.findings[-1]
    assert alarm.since_ms == example.drifting().analysis.points[newest.met].at_ms
    assert isinstance(page.said, Note)
    assert page.said.text.endswith("– Tool changed")


def test_what_came_while_somebody_chose_an_answer_was_not_seen(page: Page) -> None:
    page.press("found-seen")
    before = page.screen._now
    assert before is not None
    page.screen.receive(replace(before, now_ms=before.now_ms + 20_000), None)
    page.answer("Seen, nothing done")
    assert [look.now_ms for look in page.looks] == [before.now_ms]


def test_each_sample_says_how_it_stands_in_the_list_and_beside_the_chart(page: Page, qtbot: QtBot) -> None:
    told = {row.accessibleName(): row.accessibleDescription() for row in page.screen.list.rows}
    assert "13:00–14:00 · 2/5 Missed" in told["내경 Ø24"]
    assert "14:00–15:00 · 5/5 Measured" in told["전장 86"]
    assert "First piece Late" in told["외관 점수"]
    assert "First, middle and last piece" in told["체결 토크"]
    strip = page.screen.sample
    seen = {}
    for number in (1, 2, 3, 8, 9):
        page.screen.look_at(number)
        page.screen.receive(example.measured(number), None)
        shown = (strip.accessibleName(), strip.accessibleDescription(), strip.why.isVisible())
        seen[number] = shown if strip.isVisible() else None
    assert seen == {
        1: ("Sample: 13:00–14:00", "Missed · 2 of 5 measured · Due now: 14:00–15:00 · 1 of 2 in this shift", True),
        2: ("Sample: 14:00–15:00", "Measured · 14:28 · 1 of 1 in this shift", False),
        3: None,
        8: ("Sample: First, middle and last piece", "Nothing is to be measured now", False),
        9: ("Sample: First piece", "Late · since 13:15", False),
    }


def test_a_missed_sample_is_acknowledged_with_why(page: Page) -> None:
    page.press("sample-why")
    page.answer("Gauge in use")
    [alarm] = page.seen
    assert (alarm.kind, alarm.subject, alarm.since_ms, alarm.missing) == ("sample", "ID24", example.at(14), 1)
    assert page.said == Note(1, NOW, NOW, "내경 Ø24: 1 sample missed · 13:00–14:00 – Gauge in use")
    page.press("sample-why")
    page.answer("Seen, nothing done")
    assert len(page.seen) == 2
    assert len(page.told) == 1


def test_signals_may_be_seen_and_nothing_done(page: Page) -> None:
    page.press("found-seen")
    page.answer("Seen, nothing done")
    assert len(page.seen) == 1
    assert page.told == []


def test_what_is_seen_asks_no_more(qtbot: QtBot) -> None:
    now = example.measured()
    assert now.chosen is not None
    page = Page(qtbot, replace(now, chosen=replace(now.chosen, open=())))
    assert not page.screen.found.acknowledge.isVisible()
    assert page.screen.found.rows[0].isVisible(), "what was found stays in sight"


def test_what_rings_from_before_the_points_shown_stands_among_the_signals(qtbot: QtBot) -> None:
    now = example.measured()
    assert now.chosen is not None
    met_ms = now.chosen.analysis.points[0].values[0].at_ms
    old = [Signal(Rule.BEYOND, -1, met_ms - n * 60_000) for n in (3, 2, 1)]
    old.append(Signal(Rule.SIDE_9, 1, met_ms - 10_000))
    page = Page(qtbot, replace(now, chosen=replace(now.chosen, open=(*old, *now.chosen.open))))
    shown = [each for each in page.screen.found.rows if each.isVisible()]
    assert [each.first.isVisible() for each in shown[-3:]] == [True, False, False]
    words = [(each.accessibleName(), each.accessibleDescription()) for each in shown[-2:]]
    assert ["3 times" in title for title, _note in words] == [False, True]
    assert all(note.endswith("before the points shown") for _title, note in words)
    page.press("found-seen")
    page.answer("Seen, nothing done")
    assert page.seen[0].since_ms == now.chosen.open[-1].met_ms


def test_limits_are_frozen_by_why_rules_and_a_supervisor_with_a_pin(qtbot: QtBot) -> None:
    people = (PersonNow(Person(1, "김정호", "A", PersonRole.SUPERVISOR), has_pin=True), example.PEOPLE[1])
    page = Page(qtbot, replace(example.measured(), people=people))
    page.press("freeze-limits")
    page.answer("Process improved")
    page.answer("Limits and 7-point rules")
    assert not page.screen.sign.isVisible(), "signals are in the points that would make the limits"
    asked = page.screen.why.accessibleDescription()
    newest = len(example.drifting().analysis.points)
    assert asked == f"Above the upper control limit #{newest}. Freeze all the same? Then say why."
    page.answer("Trial limits until it is stable")
    assert page.screen.sign.isVisible()
    assert [each.text() for each in page.screen.sign.names if each.isVisible()] == ["김정호 · Supervisor"]
    page.screen.sign.pad.entered.emit("000000")
    assert page.told == [], "a wrong PIN freezes nothing"
    page.screen.sign.pad.entered.emit("258013")
    assert page.tried == ["김정호", "김정호"]
    row = example.drifting()
    own = row.analysis.own
    assert own is not None
    said = page.said
    assert isinstance(said, ChartLimits)
    assert (said.version, said.chart, said.centre, said.sigma, said.n) == (5, "xbar_r", own.centre, own.sigma, 5)
    assert (said.start_ms, said.values, said.rules) == (NOW, 125, ("n1", "run7", "trend7"))
    assert said.from_ms == row.analysis.points[-25].values[0].at_ms
    why = "Process improved · Signals in the base: Trial limits until it is stable"
    assert (page.told[0].why, page.told[0].who) == (why, "김정호")
    assert not page.screen.sign.isVisible()


def test_limits_of_points_with_signals_may_be_left_and_those_of_others_ask_nothing(qtbot: QtBot) -> None:
    page = Page(qtbot, example.measured())
    page.press("freeze-limits")
    page.answer("First limits")
    page.answer("Nelson 1 and 2 (usual)")
    page.press("why-cancel")
    assert not page.screen.sign.isVisible()
    assert page.told == []
    calm = Page(qtbot, example.measured(8))
    calm.press("freeze-limits")
    calm.answer("First limits")
    calm.answer("Nelson 1 and 2 (usual)")
    assert calm.screen.sign.isVisible(), "nothing is in these points by these rules"
    calm = Page(qtbot, example.measured(8))
    calm.press("freeze-limits")
    calm.answer("First limits")
    calm.answer("Limits and 7-point rules")
    assert "7 points in a row below the centre line #71–#77" in calm.screen.why.accessibleDescription()


def test_too_few_points_freeze_nothing_and_say_so(qtbot: QtBot) -> None:
    for chosen, words in (
        (6, "25 points are needed, 18 are there."),
        (7, "The gauge is too coarse for control limits."),
    ):
        page = Page(qtbot, example.measured(chosen))
        freeze = page.screen.capability.freeze
        assert not freeze.isEnabled()
        assert freeze.accessibleDescription() == words


@pytest.mark.parametrize("size", [(1366, 768), (1600, 900), (1920, 1080)])
def test_nothing_is_cut_while_something_is_asked(wide: Window, size: tuple[int, int]) -> None:  # noqa: F811
    wide.resize(*size)
    show(wide, "measure")
    page = wide.screens["measure"]
    assert isinstance(page, Measuring)
    value = faces.value_faces(page.row, [100], NOW, ZONE)[0]  # type: ignore[arg-type]
    steps: dict[str, Callable[[], object]] = {
        "unit": page._ask_unit,
        "value": lambda: page._ask_value("VH204-000229"),
        "why": lambda: page._leave_out(value),
        "who": lambda: page._ask_who(lambda _name: None),
        "done": page._ask_measure,
        "missed": page._ask_missed,
        "freeze": page._ask_freeze,
        "rules": lambda: page._ask_rules(page.row, "why"),  # type: ignore[arg-type]
        "base": lambda: page._ask_base(page.row, "why", tuple(Rule)),  # type: ignore[arg-type]
        "sign": lambda: page._ask_sign(page.row, "why", ("n1",)),  # type: ignore[arg-type]
        "point": lambda: page._pick(44),
        "values": page._turn,
    }
    found = {}
    for name, step in steps.items():
        page._leave()
        step()
        found[name] = faults(wide)
    page.opened()
    page._table = False
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize("chosen", range(2, 10))
def test_nor_of_any_other_characteristic(wide: Window, chosen: int) -> None:  # noqa: F811
    wide.resize(1366, 768)
    show(wide, "measure")
    wide.show_answer(example.measured(chosen))
    assert faults(wide) == []


def test_files_hold_what_the_values_are_of(page: Page) -> None:
    page.press("measure-view")
    page.screen.values.xlsx.click()
    [(section, ending, zone, name)] = page.files
    assert (ending, zone) == ("xlsx", ZONE)
    assert name.endswith("measurements-ID24")
    table = section.blocks[-1]
    told = example.drifting().analysis.told
    assert len(table.rows) == len(told)
    assert table.rows[0][:3] == (told[-1].value.at_ms, told[-1].value.value, told[-1].value.unit)
    fields = {field.label: field.value for field in section.blocks[1].fields}
    assert fields["Value list"] == f"last {len(told)} values"


def test_the_first_pass_yield_says_of_which_values_it_is() -> None:
    rows = dict(faces.capability_face(example.drifting(), NOW, ZONE).rows)
    good, whole = example.drifting().analysis.first_pass
    assert rows["First-pass yield"] == f"{good / whole * 100:.1f} % ({good}/last {whole})"


def test_the_chart_says_what_it_shows() -> None:
    row = example.drifting()
    face = faces.chart_face(row, NOW, ZONE, 3)
    assert face.baseline.startswith("Limits from ")
    assert face.baseline.endswith("version 4")
    assert face.lines[1] == ("CL", "24.01140")
    assert [point.fresh for point in face.points].index(True) == row.analysis.fresh
    beyond = sum(point.sign == "beyond" for point in face.points)
    found = [each for each in row.analysis.findings if each.rule == "n1"]
    assert beyond == sum(each.last - each.first + 1 for each in found) > 1
    shown = faces.found_faces(row, NOW, ZONE)
    assert shown[0].title == "9 points in a row above the centre line"
    assert "began about" in shown[0].note
    assert shown[1].title == f"Above the upper control limit: {beyond} points"
    assert "in specification" in shown[1].note
    provisional = faces.chart_face(example.measured(8).chosen, NOW, ZONE, None)  # type: ignore[arg-type]
    assert provisional.baseline == "Provisional limits of the points shown"


def test_a_spread_beyond_its_limit_is_marked_also_where_it_is_no_signal() -> None:
    """Of moving ranges and of points before the freezing nothing rings; a diamond they are all the same."""
    of = Characteristic(1, "C1", "무게", machine=1, signal=1, unit="g")
    numbers = spread(60, 500.0, 2.0, seed=3)
    numbers[10] += 12.0
    numbers[50:52] = [495.0, 505.5]
    row = example.row(of, numbers, Limits(1, 0, 500, 480, 520), (500.0, 2.0, 30))
    points = faces.chart_face(row, NOW, ZONE, None).points
    assert [n for n, point in enumerate(points) if point.sign == "past"] == [10], "from before the freezing"
    assert [n for n, point in enumerate(points) if point.sign == "beyond"] == []
    far = [n for n, (a, b) in enumerate(pairwise(numbers), start=1) if abs(b - a) > 3.267 * 1.128 * 2.0]
    assert {10, 11, 51} <= {*far}
    assert [n for n, point in enumerate(points) if point.spread_sign] == far
    assert {point.spread_sign for point in points} == {"", "past"}
    bore = Characteristic(1, "ID24", "내경", machine=1, signal=1, unit="mm", subgroup=5)
    numbers = spread(300, 24.0, 0.004)
    numbers[290:295] = [23.985, 24.0, 24.0, 24.0, 24.015]
    row = example.row(bore, numbers, Limits(1, 0, 24.0, 23.9, 24.1), (24.0, 0.004, 150))
    points = faces.chart_face(row, NOW, ZONE, None).points
    assert [n for n, point in enumerate(points) if point.spread_sign == "beyond"] == [58], "this one rings"


@pytest.mark.parametrize(
    ("low", "high", "most", "digits", "words"),
    [
        (24.0041, 24.0225, 4, 4, "24.0050 24.0100 24.0150 24.0200"),  # steps of 5
        (9.6, 10.5, 5, 3, "9.600 9.800 10.000 10.200 10.400"),  # of 2
        (0.0, 0.0231, 3, 4, "0.0000 0.0100 0.0200"),  # of 1, from 0
        (0.0, 0.5, 3, 3, "0.000 0.200 0.400"),
        (499.6, 502.4, 5, 0, "500 501 502"),  # no finer than the values
        (9.99, 10.01, 5, 0, "9.990 9.995 10.000 10.005 10.010"),  # but where these have no two figures there
        (-3.2, 7.7, 5, 1, "−2.0 0.0 2.0 4.0 6.0"),
        (2_146_999_998.0, 2_147_000_002.3, 4, 1, "2146999998.0 2147000000.0 2147000002.0"),
        (0.0, 12_000.0, 3, 0, "0 5000 10000"),
    ],
)
def test_axes_carry_figures_that_somebody_would_write(
    low: float, high: float, most: int, digits: int, words: str
) -> None:
    ticks, places = axis_ticks(low, high, most, digits)
    assert " ".join(axis_words(tick, places) for tick in ticks) == words


def test_the_axis_of_spreads_begins_at_nought_and_large_figures_have_room(qtbot: QtBot) -> None:
    page = Page(qtbot, example.measured())
    told = [box.wanted for box in said_by(page.screen.chart)]
    assert {"0.0000", "0.0100", "0.0200", "24.0050", "24.0100"} <= {*told}
    of = Characteristic(1, "C1", "counter", machine=1, signal=1)
    large = example.row(of, [2_147_000_000 + n for n in spread(60, 0.0, 0.5)], None, (2_147_000_000.0, 0.5, 30))
    page.screen.receive(replace(example.measured(), chosen=large), None)
    assert faults(page.screen) == []
    assert "2147000000.0000" in [box.wanted for box in said_by(page.screen.chart)]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (GaugeState.OVERDUE, "The gauge is overdue for calibration."),
        (GaugeState.FAILED, "The gauge failed its calibration."),
        (GaugeState.UNKNOWN, "The gauge was never calibrated."),
        (GaugeState.SOON, ""),
        (GaugeState.GOOD, ""),
        (GaugeState.FREE, ""),
    ],
)
def test_a_gauge_that_is_not_to_be_relied_on_warns_beside_the_capability(
    page: Page, state: GaugeState, words: str
) -> None:
    now = example.measured()
    assert now.chosen is not None
    chosen = replace(now.chosen, calibration=replace(example.CALIBRATION, state=state))
    page.screen.receive(replace(now, chosen=chosen), None)
    heads = [head for head, _body in faces.capability_face(chosen, NOW, ZONE).warnings]
    assert heads == [*([words] if words else []), "The chart has signals."]
    assert words in page.screen.capability.accessibleDescription()
    drawn = [box.wanted for box in said_by(page.screen.capability)]
    assert (words in drawn) == bool(words)


@pytest.mark.parametrize("state", [GaugeState.OVERDUE, GaugeState.FAILED, GaugeState.UNKNOWN])
def test_its_warning_has_room(wide: Window, state: GaugeState) -> None:  # noqa: F811
    wide.resize(1366, 768)
    show(wide, "measure")
    now = example.measured()
    assert now.chosen is not None
    said = None if state is GaugeState.UNKNOWN else example.CALIBRATION.last
    chosen = replace(now.chosen, calibration=Standing(state, said))
    wide.show_answer(replace(now, chosen=chosen))
    assert faults(wide) == []


def test_the_digits_are_those_of_the_gauge_or_the_values() -> None:
    now = example.measured()
    by_name = {row.characteristic.name: faces.digits_of(row) for row in now.rows}
    assert by_name["내경 Ø24"] == 4
    assert by_name["포장 중량"] == 0
    assert by_name["외관 점수"] == 2


def test_what_is_said_is_in_the_file_is_undone_and_leads_to_the_unit(qtbot: QtBot, tmp_path: Path) -> None:
    """The whole way by the window: a value left out, undone, limits frozen, a unit looked up."""
    store = open_measuring(tmp_path)
    numbers = measure(store, WEIGHT, spread(40, 500.0, 2.0), NOW_THERE - 40 * MINUTE)
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    window = Window(tmp_path, settings, replace(application.ways(tmp_path), keep_collecting=lambda: None))
    qtbot.addWidget(window)
    window.resize(1920, 1080)
    window.show()
    window.go("measure")
    page = window.screens["measure"]
    assert isinstance(page, Measuring)
    page.look_at(WEIGHT)

    def look() -> None:
        window.show_answer(page.question()(store, NOW_THERE))

    def said(kind: type) -> list[Entry]:
        return list(entries.standing(store, Span(0, OPEN_MS), kind))

    look()
    page._pick(3)
    page.point.rows[0].second.click()
    page.why.choices[0].click()
    qtbot.waitUntil(lambda: len(said(Excluded)) == 1, timeout=10_000)
    [entry] = said(Excluded)
    assert isinstance(entry.said, Excluded)
    assert (entry.said.result, entry.why) == (numbers[3], "Measured wrongly")
    qtbot.waitUntil(window.undo_bar.isVisible, timeout=10_000)
    window.undo_bar.button.click()
    qtbot.waitUntil(lambda: said(Excluded) == [], timeout=10_000)
    look()
    page.capability.freeze.click()
    page.why.choices[0].click()
    page.why.choices[0].click()
    page.sign.nameless.click()
    qtbot.waitUntil(lambda: len(said(ChartLimits)) == 1, timeout=10_000)
    look()
    assert page.row is not None
    assert page.row.analysis.chart_limits is not None
    page._pick(3)
    page.point.rows[0].first.click()
    assert window.screens.current == "trace"
    window.close()
    store.close()
