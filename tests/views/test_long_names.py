"""Names of shifts, crews, people and machines as long as somebody may write them leave the others their room."""

from __future__ import annotations

from itertools import combinations
from typing import cast

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QApplication, QWidget

from desktop import paint
from desktop.domain.figures.stops import OpenShift
from desktop.domain.spans import Span
from desktop.text import _
from desktop.views.report import ReportPage
from desktop.views.screens import SCREENS
from desktop.views.stops import Stops
from desktop.views.widgets.banner import BannerFace
from desktop.views.widgets.button import Button
from desktop.views.widgets.shift_steps import shift_title
from desktop.views.widgets.sign_boxes import SignBox, SignFace
from desktop.views.widgets.stop_lists import SaidRow, WaitRow
from desktop.views.window import Window
from desktop.views.work import Work
from tests.store.example import HOUR
from tests.views import daily_example, example
from tests.views.test_fit import faults, long_name, said_by, speaks, wide  # noqa: F401 its window of each language
from tests.views.test_screens import show

SHIFT = replace(example.SHIFT, name="주간 잔업 포함 특별 근무 Day shift 12h", crew="A조 1공장 2라인 조립 담당")
SIZES = [(1366, 768), (1920, 1080)]


def shown_by(widget: QWidget) -> list[str]:
    return [box.shown for box in said_by(widget)]


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def sized(request: pytest.FixtureRequest, wide: Window) -> Window:  # noqa: F811
    wide.resize(*request.param)
    return wide


@pytest.mark.parametrize("demo", [False, True])
def test_a_long_shift_leaves_the_name_of_the_machine_and_of_the_screen(sized: Window, demo: bool) -> None:
    head = replace(example.HEAD, demo=demo, speed=10.0)
    machines = tuple(replace(m, name=long_name(m.id)) for m in example.MACHINES)
    line = replace(example.LINE, head=head, shift=SHIFT, machines=machines)
    show(sized, "overview", line)
    words = shown_by(sized.header)
    assert {"A라인 · 밸브 하우징 VH-204", _("Overview")} <= set(words)
    show(sized, "machine", line)
    sized.show_answer(replace(example.DAY, head=head, shift=SHIFT, machine=line.machines[2]))
    assert "WD-01" in shown_by(sized.header)
    assert [fault for fault in faults(sized.header) if "lies on" in fault or "leaves" in fault] == []
    name = next(box.shown for box in said_by(sized.header) if box.wanted == long_name(3))
    assert len(name) >= 6
    assert sized.header.shift.x() > sized.header.after.geometry().right()


def test_the_shift_whose_stops_are_looked_at_is_written_out(sized: Window) -> None:
    show(sized, "stops")
    stops = cast(Stops, sized.screens["stops"])
    shift = replace(SHIFT, crew="A조")
    before = replace(SHIFT, span=Span(SHIFT.span.start_ms - 12 * HOUR, SHIFT.span.start_ms))
    sized.show_answer(replace(example.stops_now(), looked_at=shift, waiting_shifts=(OpenShift(before, 12),)))
    QApplication.processEvents()
    assert faults(stops) == []
    assert shift_title(shift) in " ".join(shown_by(stops.steps))
    assert "12" in stops.steps.oldest.text(), "how many of the oldest one ask"
    sized.show_answer(example.stops_now())


def test_a_reason_that_was_given_says_at_which_machine(sized: Window) -> None:
    show(sized, "stops")
    now = example.stops_now()
    sized.show_answer(replace(now, said=tuple(replace(row, machine_name=long_name(3)) for row in now.said)))
    QApplication.processEvents()
    rows = [row for row in sized.findChildren(SaidRow) if row.isVisible()]
    assert rows
    codes = {row.machine_code for row in now.said}
    assert all(any(code in words for code in codes for words in shown_by(row)) for row in rows)


def test_a_long_crew_leaves_the_name_of_the_person(sized: Window) -> None:
    show(sized, "crew")
    now = daily_example.crew()
    sized.show_answer(replace(now, people=tuple(replace(person, crew=SHIFT.crew) for person in now.people)))
    QApplication.processEvents()
    page = sized.screens["crew"]
    shown = [words for tile in page.findChildren(QWidget) if tile.isVisible() and "crew-people-" in tile.objectName()
             for words in shown_by(tile)]  # fmt: skip
    assert {"김정호", "박서연", "Nguyen Van Minh"} <= set(shown)
    assert faults(page) == []


def test_the_report_names_its_shift_and_who_signed_it(sized: Window) -> None:
    show(sized, "report")
    page = cast(ReportPage, sized.screens["report"])
    view = example.report_view()
    shift = replace(SHIFT, span=view.report.shift.span, crew="A조")
    page.chosen = shift.span
    sized.show_answer(replace(view, report=replace(view.report, shift=shift)))
    QApplication.processEvents()
    assert shift_title(shift) in " ".join(shown_by(page.tools))
    box = SignBox("sign", "Outgoing")
    box.resize(154, 132)
    box.show_sign(SignFace("Outgoing", "Nguyen Thi Phuong Anh", "signed 20:02", done=True))
    assert faults(box) == []
    box.deleteLater()


def test_what_is_to_be_done_at_a_machine_is_said_in_words(sized: Window) -> None:
    show(sized, "work")
    row = [button for button in cast(Work, sized.screens["work"]).findChildren(Button) if button.height() == 72]
    shown = [button for button in row if button.isVisible()]
    assert len(shown) >= 4
    assert all(button.text() for button in shown)
    assert faults(sized) == []


def test_one_ticked_stop_is_no_stops(wide: Window) -> None:  # noqa: F811
    show(wide, "stops")
    stops = cast(Stops, wide.screens["stops"])
    rows = [row for row in stops.findChildren(WaitRow) if row.isVisible()]
    rows[0].tick.click()
    assert stops.head.accessibleName() == {"en": "1 stop", "ko": "정지 1건"}[wide.property("language")]
    rows[0].tick.click()


def test_under_two_banners_nothing_of_a_stop_lies_on_another(wide: Window) -> None:  # noqa: F811
    """In a small window the page is scrolled then."""
    wide.resize(1366, 768)
    show(wide, "stops")
    stops = cast(Stops, wide.screens["stops"])
    for name in ("one", "two"):
        wide.banners.show_banner(name, BannerFace("trouble", "The sheet was not made", "Nothing can be printed here."))
    QApplication.processEvents()
    places = {each.objectName(): each.geometry() for each in (stops.every, stops.note, stops.calls, *stops.reasons)}
    wide.banners.hide_banner("one")
    wide.banners.hide_banner("two")
    assert [(a, b) for a, b in combinations(places, 2) if places[a].intersects(places[b])] == []
    assert max(place.bottom() for place in places.values()) < stops.page.height()


@pytest.mark.parametrize("key", [entry.key for entry in SCREENS if entry.key != "overview"])
def test_nothing_is_cut_under_two_banners(wide: Window, key: str) -> None:  # noqa: F811
    """Less height, and a scroll bar that takes from the width."""
    wide.resize(1366, 768)
    show(wide, key)
    for name in ("one", "two"):
        wide.banners.show_banner(name, BannerFace("trouble", "The sheet was not made", "Nothing can be printed here."))
    QApplication.processEvents()
    found = faults(wide)
    wide.banners.hide_banner("one")
    wide.banners.hide_banner("two")
    assert found == []


def test_a_number_and_its_unit_stay_on_one_line() -> None:
    words = "The link stands, but no value came for 252 s. Check that the device is on and sends."
    for width_px in range(120, 600, 10):
        assert not any(line.endswith("252") for line in paint.broken(words, 16, width_px)), width_px
