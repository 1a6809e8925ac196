"""Losses over time: which shifts are drawn and as what, which losses, and what people can take away."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QSettings, Qt
from PySide6.QtGui import QAccessible, QGuiApplication, QPixmap
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop import paint
from desktop.domain.figures.losses import LossFilter, WeekHour
from desktop.views import losses, theme
from desktop.views.losses import Losses
from desktop.views.widgets import trend_card
from desktop.views.window import Window
from tests.views import example


@pytest.fixture
def page(window: Window) -> Losses:
    window.show_answer(example.LINE)
    window.go("losses")
    found = window.screens["losses"]
    assert isinstance(found, Losses)
    return found


def words(widget: QWidget) -> list[str]:
    with paint.recording() as boxes:
        widget.grab()
    return [box.shown for box in boxes]


def test_the_trend_shows_known_shifts_and_where_rules_changed(window: Window, page: Losses) -> None:
    window.show_answer(example.loss_period())
    shown = words(page.trend)
    assert "용접 (constraint) · 4 of 5 shifts · the last one is running" in shown
    assert {"75.7 %", "87.1 %", "89.3 %", "97.4 %", "running"} <= set(shown)
    assert [word for word in shown if word.startswith("New rules")] == ["New rules: TPM, version 2"]
    assert "TPM, version 2" in page.trend.accessibleDescription()
    face = trend_card.trend_face(example.loss_period(), "", "")
    assert [step.ratios[0] for step in face.steps] == [0.757, None, 0.757, 0.757, 0.757]
    assert [step.running for step in face.steps] == [False, False, False, False, True]


def test_a_shift_that_is_not_known_is_hatched_and_never_joined(window: Window, page: Losses) -> None:
    window.show_answer(example.loss_period())
    image = page.trend.grab().toImage()
    value = paint.color(theme.tokens().value).rgb()
    hatched = paint.color(theme.tokens().no_data).rgb()

    def columns(colour: int) -> list[int]:
        top, bottom = 70, 170
        return [x for x in range(160, image.width() - 20)
                if any(image.pixelColor(x, y).rgb() == colour for y in range(top, bottom))]  # fmt: skip

    line, gap = columns(value), columns(hatched)
    assert line
    assert gap
    assert min(line) < min(gap) < max(gap) < max(line), "the hole lies between what is known"
    assert not [x for x in line if min(gap) + 2 < x < max(gap) - 2]


def bars(page: Losses) -> list[tuple[str, str, str]]:
    """Name, figure and running share of each bar, from what is painted."""
    head, *shown = words(page.pareto)[3:]
    assert head == "Cum. %"
    return [(shown[n], shown[n + 1], shown[n + 2]) for n in range(0, len(shown), 3)]


def test_losses_by_minutes_stops_and_pieces(window: Window, page: Losses) -> None:
    """What nobody explained is last, and behind it what nobody observed: that is shown and counted with no loss."""
    window.show_answer(example.loss_period())
    assert bars(page) == [
        ("Short stops", "60.0", "60"), ("Waiting", "30.0", "90"), ("Rejects", "5.0", "95"),
        ("Not labelled", "5.0", "100"), ("No data", "10.0", "—"),
    ]  # fmt: skip
    page.measure.choose("count")
    assert bars(page) == [
        ("Waiting", "12", "55"), ("Short stops", "9", "95"), ("Not labelled", "1", "100"), ("No data", "—", "—"),
    ]  # fmt: skip
    page.measure.choose("pieces")
    assert [bar[1] for bar in bars(page)] == ["120", "60", "10", "10", "20"]


def test_reasons_by_minutes_stops_and_pieces(window: Window, page: Losses) -> None:
    window.show_answer(example.loss_period())
    page.grouping.choose("reason")
    assert bars(page) == [
        ("와이어 송급 고장", "40.0", "34"), ("Starved", "30.0", "60"), ("Setup", "12.0", "70"),
        ("Not labelled", "35.0", "100"), ("No data", "20.0", "—"),
    ]  # fmt: skip
    page.measure.choose("count")
    assert [bar[:2] for bar in bars(page)] == [
        ("Starved", "12"), ("와이어 송급 고장", "2"), ("Setup", "1"), ("Not labelled", "7"), ("No data", "—"),
    ]  # fmt: skip
    page.measure.choose("pieces")
    assert [bar[1] for bar in bars(page)] == ["80", "60", "24", "70", "40"]
    window.show_answer(replace(example.loss_period(), cycle_ms=None))
    assert "Without a standard losses have no pieces." in page.pareto.accessibleDescription()


def test_where_there_is_no_room_the_smallest_reasons_are_left_out_of_the_picture_only(
    window: Window, page: Losses
) -> None:
    period = example.loss_period()
    many = tuple(replace(period.reasons[0], word=f"R{n:02d}", length_ms=n * 60_000) for n in range(40, 0, -1))
    page.grouping.choose("reason")
    window.show_answer(replace(period, reasons=(*many, period.reasons[-1])))
    names = [bar[0] for bar in bars(page)]
    assert names[0] == "R40"
    assert names[-2:] == ["Not labelled", "No data"]
    assert len(names) < 20
    assert page.losses.table.rowCount() == 42
    assert "42 of 42 rows" in page.losses.accessibleDescription()


def test_the_week_tells_silence_from_nothing_scheduled_without_colour(window: Window, page: Losses) -> None:
    window.show_answer(example.loss_period())
    image = page.week.grab().toImage()

    def shades(place: int) -> int:
        cell = page.week.cell(place).toRect()
        return len({image.pixel(x, y) for x in range(cell.left(), cell.right(), 2) for y in (cell.top() + 3,)})

    blank, silent = 6 * 24 + 9, 2 * 24 + 9
    assert shades(blank) == 1
    assert shades(silent) > 2, "hatched"
    assert "100" in words(page.week)
    assert "Tue 14:00: 100.0 % lost, 60.0 of 60.0 min" in page.week.accessibleDescription()


def test_the_week_is_read_by_mouse_and_by_keyboard(window: Window, page: Losses, qtbot: QtBot) -> None:
    window.show_answer(example.loss_period())
    qtbot.mouseMove(page.week, page.week.cell(2 * 24 + 10).center().toPoint())
    assert "Wed 10:00: 25.0 % lost, 10.0 of 40.0 min, 20.0 min without data" in words(page.week)
    page.week.leaveEvent(QEvent(QEvent.Type.Leave))
    page.week.setFocus()
    qtbot.keyClick(page.week, Qt.Key.Key_Down)  # the first press chooses the one that is told of
    assert page.week.chosen == 24 + 14
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Left):
        qtbot.keyClick(page.week, key)
    assert page.week.chosen == 2 * 24 + 13
    assert "Wed 13:00" in page.week.accessibleDescription()
    for _press in range(5):
        qtbot.keyClick(page.week, Qt.Key.Key_Down)
    assert page.week.chosen == 6 * 24 + 13, "it stays on the map"
    assert "Sun 13:00: nothing scheduled" in page.week.accessibleDescription()
    assert window.screens["losses"] is page, "the arrows went to the map, not to the next machine"


def test_nothing_known_and_nothing_lost(window: Window, page: Losses) -> None:
    page.pareto.render(QPixmap(page.pareto.size()))  # before the first answer: bars in place, no words
    assert words(page.pareto) == []
    period = example.loss_period()
    nothing = replace(period, whole=None, known=0, losses=(), shifts=(), hours=(WeekHour(),) * 168)
    window.show_answer(nothing)
    for card in (page.trend, page.pareto, page.week):
        assert "as soon as it begins" in card.accessibleDescription()
    assert not page.shifts.csv.isEnabled()
    assert not page.losses.csv.isEnabled()
    window.show_answer(replace(nothing, shifts=period.shifts))
    assert "being added up" in page.trend.accessibleDescription()
    window.show_answer(replace(nothing, asked=LossFilter(period="current")))
    assert "No shift is running now" in page.trend.accessibleDescription()
    window.show_answer(replace(period, losses=()))
    assert "Nothing was lost." in page.pareto.accessibleDescription()


def test_filters_ask_anew_and_keep_what_was_chosen(window: Window, page: Losses, qtbot: QtBot) -> None:
    window.show_answer(example.loss_period())
    with qtbot.waitSignal(page.question_changed):
        page.machine.setCurrentIndex(page.machine.findData(3))
    with qtbot.waitSignal(page.question_changed):
        page.name.setCurrentIndex(page.name.findData("주간"))
    with qtbot.assertNotEmitted(page.question_changed):
        window.show_answer(replace(example.loss_period(), machines=((3, "용접", "WD-01"), (4, "세척", "WS-01"))))
    assert page.machine.currentData() == 3
    assert page.name.currentData() == "주간"
    page.period.choose("7")
    assert asked(page) == LossFilter(3, "7", "주간")


def asked(page: Losses) -> LossFilter:
    """What the reading thread would be asked."""
    found: list[LossFilter] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(losses.summaries, "loss_period", lambda _store, _now, filters, _live: found.append(filters))
        page.question()(None, 0)
    return found[0]


def test_a_row_of_the_shifts_shows_that_shift_alone(window: Window, page: Losses, qtbot: QtBot) -> None:
    window.show_answer(example.loss_period())
    with qtbot.waitSignal(page.question_changed):
        page.shifts.view.activated.emit(page.shifts.table.index(1, 0))
    shift = example.loss_period().shifts[-2].shift
    assert asked(page).period == f"{shift.business_on}/{shift.name}"
    assert page.period.currentText().endswith("주간 · A조")
    page.period.choose("30")
    assert asked(page).period == "30"


def test_filters_are_as_they_were_left(window: Window, page: Losses, tmp_path: Path, qtbot: QtBot) -> None:
    window.show_answer(example.loss_period())
    page.machine.choose(3)
    page.name.choose("야간")
    page.grouping.choose("reason")
    page.measure.choose("count")
    page.shifts.row_wanted.emit(2)
    left = asked(page)
    window.close()
    again = Window(tmp_path, QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat), window._ways)
    qtbot.addWidget(again)
    again.go("overview")
    again.show_answer(example.LINE)
    again.go("losses")
    screen = again.screens["losses"]
    assert isinstance(screen, Losses)
    assert asked(screen) == left, "asked before machines and shifts are known"
    assert screen.choices() == page.choices()
    with qtbot.assertNotEmitted(screen.question_changed):
        again.show_answer(replace(example.loss_period(), asked=left))
    assert (screen.machine.currentData(), screen.name.currentData()) == (3, "야간")
    assert (screen.grouping.currentData(), screen.measure.currentData()) == ("reason", "count")
    assert asked(screen) == left
    again.close()


def test_a_field_is_chosen_by_keyboard(window: Window, page: Losses, qtbot: QtBot) -> None:
    window.show_answer(example.loss_period())
    page.measure.setFocus()
    qtbot.keyClick(page.measure, Qt.Key.Key_Down)
    assert page.measure.currentData() == "count"
    assert page.measure.height() == 56
    reader = QAccessible.queryAccessibleInterface(page.measure)
    assert reader is not None
    assert page.measure.accessibleName() == reader.text(QAccessible.Text.Description) == "Measure"
    assert reader.text(QAccessible.Text.Value) == "By number of stops"


def test_copy_and_files(window: Window, page: Losses, qtbot: QtBot, tmp_path: Path) -> None:
    window.show_answer(example.loss_period())
    page.losses.copy.click()
    copied = QGuiApplication.clipboard().text().split("\n")
    assert copied[0] == "Loss\tTime (min)\tCount\tpcs\tShare %"
    assert copied[1] == "Short stops\t60.0\t9\t120\t60.0"
    assert copied[-1] == "No data\t10.0\t—\t20\t—"
    assert "5 of 9 rows · 용접 (constraint)" in words(page.shifts), (
        "of all shifts of the period, though a name was chosen"
    )
    assert page.hours.accessibleDescription() == "60 of 168 rows · 8 machines together"
    for ending, button in (("csv", page.losses.csv), ("xlsx", page.losses.xlsx)):
        button.click()
        qtbot.waitUntil(lambda: not window.paperwork.writer.away, timeout=10_000)
        (file,) = (tmp_path / "reports").glob(f"*.{ending}")
        assert file.stat().st_size > 100
        assert str(file) in window.banners._banners["table"].accessibleDescription()
    text = next((tmp_path / "reports").glob("*.csv")).read_text(encoding="utf-8-sig")
    assert "Short stops,3600,9,120,60" in text
    assert "5 of 5 rows" in text


def test_a_file_says_what_it_is_of_and_never_takes_the_place_of_another(
    window: Window, page: Losses, qtbot: QtBot, tmp_path: Path
) -> None:
    def saved() -> set[str]:
        page.losses.csv.click()
        qtbot.waitUntil(lambda: not window.paperwork.writer.away, timeout=10_000)
        return {file.name for file in (tmp_path / "reports").glob("*.csv")}

    window.show_answer(example.loss_period())
    page.grouping.choose("reason")
    assert saved() == {"2026-11-19 losses A라인 by-reason.csv"}
    assert saved() == {"2026-11-19 losses A라인 by-reason.csv", "2026-11-19 losses A라인 by-reason (2).csv"}
    window.show_answer(replace(example.loss_period(), asked=LossFilter(3, "30", "주간")))
    assert "2026-11-19 losses WD-01 by-reason 주간.csv" in saved()
    line, machine = (
        (tmp_path / "reports" / f"2026-11-19 losses {name}.csv").read_text(encoding="utf-8-sig").splitlines()
        for name in ("A라인 by-reason", "WD-01 by-reason 주간")
    )
    assert "Figures of,8 machines together" in line
    assert "Figures of,용접 WD-01" in machine
    assert {"Shift,All shifts", "Losses by,Reason", "Shifts known,4 of 5 shifts"} <= set(line)
    assert "Period,Last 30 days · 2026-11-15 – 2026-11-19" in line
    assert any(row.startswith("Made at,2026-11-19 14:32") for row in line)
    assert any(row.startswith('Rules,"TPM') for row in line)
    assert next(row for row in line if row.startswith("Reason,")) == "Reason,Time (s),Count,pcs,Share %"


def test_every_card_says_of_which_machines_it_speaks(window: Window, page: Losses) -> None:
    window.show_answer(example.loss_period())
    own, every = "용접 (constraint)", "8 machines together"
    assert any(own in word for word in words(page.pareto))
    assert any(own in word for word in words(page.losses))
    assert every in words(page.week)
    page.grouping.choose("reason")
    assert any(every in word for word in words(page.pareto))
    assert any(every in word for word in words(page.losses))
    window.show_answer(replace(example.loss_period(), asked=LossFilter(3)))
    assert all(any("용접 WD-01" in word for word in words(card)) for card in (page.pareto, page.week, page.losses))


def test_a_table_that_cannot_be_written_says_why(window: Window, page: Losses, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("in the way")
    window.show_answer(example.loss_period())
    page.losses.csv.click()
    qtbot.waitUntil(lambda: not window.paperwork.writer.away, timeout=10_000)
    assert window.banners._banners["table"].accessibleName() == "The table was not saved"
    assert "is not a folder" in window.banners._banners["table"].accessibleDescription()
