"""The report screen: which shifts it lists, that its preview is the PDF, and what can be asked of it."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QAction, QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop import paint, summaries, text
from desktop.domain.calendar import Shift
from desktop.domain.figures.losses import ShiftFigures
from desktop.domain.spans import Span
from desktop.reports import pdf
from desktop.views.report import ReportPage
from desktop.views.report_desk import FORMS_FOLDER, Desk
from desktop.views.window import Window
from desktop.wording.moments import NO_SHIFTS
from desktop.wording.numbers import percent, pieces
from tests.views import example, fakes


@pytest.fixture
def page(window: Window) -> ReportPage:
    window.show_answer(example.LINE)
    window.go("report")
    found = window.screens["report"]
    assert isinstance(found, ReportPage)
    return found


def listed(page: ReportPage) -> list[str]:
    model = page.list.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_shifts_with_crew_oee_and_pieces(window: Window, page: ReportPage) -> None:
    page.chosen = example.report_view().shifts[1].shift.span
    window.show_answer(example.report_view())
    running, over, bare = listed(page)
    assert over == "2026-11-19, Thu 19 Nov, 주간 · A조, 08:00–20:00, OEE 75.7 %, 488 / 515"
    assert running.endswith("20:00, running"), "nothing is said to be unknown"
    assert bare.endswith("OEE —, not added up yet")
    assert page.list.currentIndex().row() == 1
    with paint.recording() as boxes:
        page.list.grab()
    assert {"75.7 %", "488 / 515", "running"} <= {box.shown for box in boxes}


def test_the_shift_that_runs_has_the_figures_of_the_page_beside_it(window: Window, page: ReportPage) -> None:
    view = example.report_view()
    assert view.report is not None
    running = replace(view.report, shift=view.shifts[0].shift)
    page.chosen = running.shift.span
    window.show_answer(replace(view, report=running))
    assert running.line is not None
    figures = (percent(running.line.oee), pieces(running.good), pieces(running.target))
    assert listed(page)[0].endswith("running, OEE {}, {} / {}".format(*figures))
    page.list.verticalScrollBar().setValue(1)
    place = page.list.currentIndex().row()
    window.show_answer(replace(view, report=replace(running, good=1)))
    assert listed(page)[0].endswith(f", 1 / {figures[2]}")
    assert page.list.currentIndex().row() == place, "the list stays where it is"


@pytest.mark.parametrize("width_px", [1366, 1920])
def test_where_no_shifts_are_set_up_report_losses_and_header_say_where_to_do_it(
    window: Window, page: ReportPage, width_px: int
) -> None:
    window.resize(width_px, 768)
    head = replace(example.HEAD, has_shifts=False)
    window.show_answer(replace(example.report_view(), head=head, shift=None, shifts=(), report=None))
    with paint.recording() as boxes:
        window.grab()
    shown = [box.shown for box in boxes]
    assert {"No shifts set up", "all time counts"} <= set(shown)
    assert not [words for words in shown if "begin" in words or "begun" in words or "…" in words]
    assert " ".join(NO_SHIFTS.split()[-4:]) in " ".join(shown), "whole, over as many lines as it takes"
    window.go("losses")
    window.show_answer(replace(example.loss_period(), head=head, shift=None, shifts=(), known=0))
    with paint.recording() as boxes:
        window.grab()
    said = " ".join(box.shown for box in boxes)
    assert said.count("No shifts are set up.") == 3
    assert not [box.shown for box in boxes if "…" in box.shown]


def test_the_preview_is_painted_as_the_pdf_is(window: Window, page: ReportPage) -> None:
    view = example.report_view()
    assert view.report is not None
    with paint.recording() as printed:
        pdf.render(view.report)
    page.chosen = view.report.shift.span
    window.show_answer(view)
    with paint.recording() as shown:
        for paper in page.preview.papers:
            paper.grab()
    assert [box.wanted for box in shown] == [box.wanted for box in printed]
    assert len(page.preview.papers) == pdf.Pages(view.report).count == 4
    assert page.preview.papers[1].accessibleName() == "Page 2 of 4"


def test_a_page_at_rest_is_not_painted_again(window: Window, page: ReportPage) -> None:
    view = example.report_view()
    window.show_answer(view)
    page.preview.papers[0].grab()
    window.show_answer(replace(view, now_ms=view.now_ms + 1000))
    with paint.recording() as boxes:
        page.preview.papers[0].grab()
    assert boxes == []


def test_another_shift_is_asked_for_at_once_and_no_old_page_stays(
    window: Window, page: ReportPage, qtbot: QtBot
) -> None:
    view = example.report_view()
    page.chosen = view.shifts[1].shift.span
    window.show_answer(view)
    page.list.setFocus()
    with qtbot.waitSignal(page.question_changed):
        qtbot.keyClick(page.list, Qt.Key.Key_Down)
    assert page.chosen == view.shifts[2].shift.span
    assert page.preview.isHidden()
    assert page.empty.accessibleName() == "The report is being put together."
    assert not page.save.isEnabled()


def test_buttons_ask_for_the_files_of_the_shift_in_sight(window: Window, page: ReportPage) -> None:
    view = example.report_view()
    page.chosen = view.shifts[1].shift.span
    window.show_answer(view)
    page.files_wanted.disconnect()
    asked: list[tuple[str, ...]] = []
    page.files_wanted.connect(lambda *words: asked.append(words))
    page.save.click()
    page.formats["xlsx"].click()
    page.show_writing("42 %")
    page.save.click()
    assert asked == [("2026-11-19/주간", "pdf,xlsx,csv", ""), ("2026-11-19/주간", "xlsx", "")]
    assert page.tools.accessibleDescription() == "The files are being written: 42 %"


def test_a_form_is_chosen_from_those_of_the_shop(window: Window, page: ReportPage, tmp_path: Path) -> None:
    view = example.report_view()
    page.chosen = view.shifts[1].shift.span
    page.files_wanted.disconnect()
    asked: list[tuple[str, ...]] = []
    page.files_wanted.connect(lambda *words: asked.append(words))
    opened: list[bool] = []
    page.forms_wanted.disconnect()
    page.forms_wanted.connect(lambda: opened.append(True))

    def offered() -> list[QAction]:
        page.form.click()
        page.forms.hide()
        return [action for action in page.forms.actions() if not action.isSeparator()]

    window.show_answer(view)
    assert [action.text() for action in offered()] == ["Sample form", "Folder of the forms"]
    own = (tmp_path / "작업일보.xlsx", tmp_path / "A&B.xlsx")
    window.show_answer(replace(view, forms=own))
    actions = offered()
    assert [action.text() for action in actions] == ["작업일보", "A&&B", "Folder of the forms"]
    actions[0].trigger()
    actions[-1].trigger()
    assert asked == [("2026-11-19/주간", "", str(own[0]))]
    assert opened == [True]


def test_the_forms_are_those_of_the_shops_folder(tmp_path: Path) -> None:
    folder = tmp_path / FORMS_FOLDER
    desk, store = Desk(), SimpleNamespace(folder=tmp_path)
    assert desk._own_forms(store) == ()
    folder.mkdir()
    for name in ("b.xlsx", "a.xlsx", "~$a.xlsx", ".hidden.xlsx", "old.xls"):
        (folder / name).touch()
    assert desk._own_forms(store) == (), "the folder is looked at every few seconds, not at every tick"
    assert [file.name for file in Desk()._own_forms(store)] == ["a.xlsx", "b.xlsx"]


def test_years_of_shifts_come_a_season_at_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """No look reads more than 60 days; the newest are there at once, and what is read stays."""
    day, now_ms = 86_400_000, 400 * 86_400_000
    read: list[Span] = []

    def figures(_store: object, window: Span, _now_ms: int) -> tuple[ShiftFigures, ...]:
        read.append(window)
        days = range(max(window.start_ms // day, 100), -(-window.end_ms // day))
        shifts = [Shift("주간", date(2026, 1, 1), Span(n * day, n * day + day // 2)) for n in reversed(days)]
        return tuple(ShiftFigures(shift, True, None, None, None, "TPM 1") for shift in shifts)

    frame = SimpleNamespace(
        register=SimpleNamespace(version=1), head=None, shift=None, collector=None, now_ms=now_ms, newest=0
    )
    monkeypatch.setattr(summaries, "open_shifts", lambda *_words: ())
    monkeypatch.setattr(summaries, "frame", lambda _store, _now_ms: frame)
    monkeypatch.setattr(summaries, "shift_figures", figures)
    monkeypatch.setattr(summaries, "begun_ms", lambda _store: 100 * day)
    monkeypatch.setattr(summaries, "shift_report", lambda *_words, **_more: None)
    monkeypatch.setattr(summaries, "handing", lambda *_words: SimpleNamespace(newest=0, closed=False))
    desk, store = Desk(), SimpleNamespace(folder=Path("/nowhere"))
    views = [desk.view(store, now_ms, None) for _look in range(7)]
    assert [len(view.shifts) for view in views] == [61, 121, 181, 241, 301, 301, 301]
    assert [view.more for view in views] == [True, True, True, True, False, False, False]
    assert len(read) == 5, "what was read is not read again at once"
    assert max(window.length_ms for window in read) <= 60 * day + 1
    starts = [row.shift.span.start_ms for row in views[-1].shifts]
    assert starts == sorted(starts, reverse=True)
    frame.register.version = 2
    assert len(desk.view(store, now_ms, None).shifts) == 61, "another register makes other figures"


def test_older_shifts_come_behind_without_moving_the_list(window: Window, page: ReportPage) -> None:
    view = example.report_view()
    page.chosen = view.shifts[1].shift.span
    window.show_answer(replace(view, shifts=view.shifts[:2], more=True))
    reset: list[bool] = []
    page.list.shifts.modelReset.connect(lambda: reset.append(True))
    with paint.recording() as boxes:
        page.card.grab()
    assert "2, older ones follow" in {box.shown for box in boxes}
    window.show_answer(view)
    assert len(listed(page)) == 3
    assert reset == []
    assert page.list.currentIndex().row() == 1


@pytest.mark.parametrize("language", ["ko", "en"])
def test_beside_all_buttons_the_note_is_whole_in_the_smallest_window(window: Window, language: str) -> None:
    text.use(language)
    view = example.report_view()
    assert view.report is not None
    shift = view.report.shift
    running = replace(view.report, window=Span(shift.span.start_ms, shift.span.end_ms - 3_600_000))
    page = ReportPage(lambda *_words: None, lambda: None)
    page.resize(1366 - 96, 768 - 72)
    page.chosen = shift.span
    for writing in ("", "42 %"):
        page.present(replace(view, report=running), None)
        page.show_writing(writing)
        with paint.recording() as boxes:
            page.tools.grab()
        assert [box.wanted for box in boxes if box.shown != box.wanted] == []
    page.deleteLater()


def test_what_was_said_is_answered_at_once_and_the_page_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of a year's line takes longer than a tap may."""
    view, newest, made = example.report_view(), [7], []
    frame = SimpleNamespace(
        register=SimpleNamespace(version=1), head=None, shift=None, collector=None, now_ms=view.now_ms, newest=0
    )
    monkeypatch.setattr(summaries, "open_shifts", lambda *_words: ())
    monkeypatch.setattr(summaries, "frame", lambda _store, _now_ms: frame)
    monkeypatch.setattr(summaries, "begun_ms", lambda _store: view.now_ms)
    monkeypatch.setattr(summaries, "shift_figures", lambda *_words: view.shifts)
    monkeypatch.setattr(summaries, "handing", lambda *_words: SimpleNamespace(newest=newest[0], closed=False))

    def report(*_words: object, **_more: object) -> str:
        made.append(newest[0])
        return f"page {newest[0]}"

    monkeypatch.setattr(summaries, "shift_report", report)
    desk, store = Desk(), SimpleNamespace(folder=Path("/nowhere"))
    chosen = view.shifts[1].shift.span

    def look() -> tuple[object, int]:
        found = desk.view(store, view.now_ms, chosen)
        assert found.handing is not None
        return found.report, found.handing.newest

    assert look() == look() == ("page 7", 7)
    newest[0] = 8
    assert look() == ("page 7", 8)
    assert look() == look() == ("page 8", 8)
    assert made == [7, 8]


def test_the_page_of_the_last_week_is_written_by_one_press(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two taps from the report: the list of shifts, and its foot. A failure says so and is tried again."""
    asked: list[Path] = []

    def command(out: Path) -> list[str]:
        asked.append(out)
        code = (
            "import sys; print('fault', file=sys.stderr); sys.exit(1)" if len(asked) == 1 else "print('2026-W47.pdf')"
        )
        return [sys.executable, "-c", code]

    settings = QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat)
    window = Window(tmp_path, settings, fakes.ways(week_command=command))
    qtbot.addWidget(window)
    window.show()
    window.go("report")
    page = window.screens["report"]
    assert isinstance(page, ReportPage)
    window.show_answer(example.report_view())
    page.tools.all.click()
    page.week.click()
    qtbot.waitUntil(lambda: window.paperwork.process is None, timeout=10_000)
    banner = window.banners.findChild(QWidget, "banner-report")
    assert banner is not None
    assert banner.accessibleName() == "No page of the week"
    window.paperwork._try_again()
    qtbot.waitUntil(lambda: window.paperwork.process is None, timeout=10_000)
    assert banner.accessibleName() == "The page of the week is ready"
    assert "2026-W47.pdf" in banner.accessibleDescription()
    assert asked == [tmp_path / "reports"] * 2


def test_in_the_smallest_window_the_boxes_to_sign_can_be_reached(window: Window, page: ReportPage) -> None:
    window.resize(1366, 768)
    window.show_answer(example.report_view())
    side = page.handover
    assert not side.closing.isHidden()
    assert side.closing.geometry().bottom() <= side.rect().bottom()
    bar = page.side.verticalScrollBar()
    assert bar.maximum() == side.height() - page.side.viewport().height() > 0
    assert page.save.geometry().bottom() <= page.page.height() == page.viewport().height(), "the files stay in sight"


def test_before_the_first_answer_and_without_a_shift(window: Window, page: ReportPage) -> None:
    assert page.empty.accessibleName() == "The shifts are being read."
    window.show_answer(replace(example.report_view(), shifts=(), report=None))
    assert page.empty.accessibleName() == "No shift has begun yet. Its report appears here when one runs."
    assert page.empty.isVisible()
    assert listed(page) == []
    assert not page.save.isEnabled()


def test_the_page_is_made_larger_and_smaller_by_buttons_keys_and_wheel(window: Window, page: ReportPage) -> None:
    window.show_answer(example.report_view())
    preview, paper = page.preview, page.preview.papers[0]
    fitting = paper.width()
    assert abs(fitting - min(1240, preview.viewport().width() - 8)) <= 1
    page.zooms[1].click()
    assert paper.width() == round(fitting * 1.25)
    QTest.keyClick(preview, Qt.Key.Key_Minus)
    assert paper.width() == fitting
    QTest.keyClicks(preview, "+" * 20)
    assert paper.width() == fitting * 3, "and no larger"
    assert preview.horizontalScrollBar().maximum() > 0
    page.zooms[3].click()
    assert paper.height() <= preview.viewport().height() + 1 or preview.zoom == 0.4
    QTest.keyClicks(preview, "0")
    assert paper.width() == fitting
    for turn, wide in ((120, round(fitting * 1.25)), (-120, fitting)):
        wheel = QWheelEvent(
            QPointF(50, 50), preview.mapToGlobal(QPointF(50, 50)), QPoint(), QPoint(0, turn),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(preview.viewport(), wheel)
        assert paper.width() == wide


def test_the_first_page_is_copied_for_a_messenger(window: Window, page: ReportPage) -> None:
    view = example.report_view()
    page.chosen = view.shifts[1].shift.span
    window.show_answer(view)
    copied: list[bool] = []
    page.picture_copied.connect(lambda: copied.append(True))
    page.copy.click()
    assert copied == [True]
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == (1240, 1754)
    QGuiApplication.clipboard().clear()
    assert "picture" in window.banners.shown()
    asked: list[tuple[str, ...]] = []
    page.files_wanted.disconnect()
    page.files_wanted.connect(lambda *words: asked.append(words))
    page.picture.click()
    assert [words[1:] for words in asked] == [("png", "")]
