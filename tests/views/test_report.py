"""The report screen: which shifts it lists, that its preview is the PDF, and what can be asked of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop import paint
from desktop.reports import pdf
from desktop.views.report import ReportPage
from desktop.views.window import Window
from tests.views import example


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
    assert running.endswith("OEE —, running")
    assert bare.endswith("OEE —, not added up yet")
    assert page.list.currentIndex().row() == 1
    with paint.recording() as boxes:
        page.list.grab()
    assert {"75.7 %", "488 / 515", "running"} <= {box.shown for box in boxes}


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
    assert len(page.preview.papers) == pdf.Pages(view.report).count == 2
    assert page.preview.papers[1].accessibleName() == "Page 2 of 2"


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
    asked: list[tuple[str, str]] = []
    page.files_wanted.connect(lambda shift, formats: asked.append((shift, formats)))
    page.save.click()
    page.formats["xlsx"].click()
    page.show_writing(True)
    page.save.click()
    assert asked == [("2026-11-19/주간", "pdf,xlsx,csv"), ("2026-11-19/주간", "xlsx")]
    assert page.tools.accessibleDescription() == "The files are being written."


def test_before_the_first_answer_and_without_a_shift(window: Window, page: ReportPage) -> None:
    assert page.empty.accessibleName() == "The shifts are being read."
    window.show_answer(replace(example.report_view(), shifts=(), report=None))
    assert page.empty.accessibleName() == "No shift has begun yet. Its report appears here when one runs."
    assert page.empty.isVisible()
    assert listed(page) == []
    assert not page.save.isEnabled()
