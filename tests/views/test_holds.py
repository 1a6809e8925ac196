"""The page of holds: every tap says the right thing, and whoever lets something go gives a PIN."""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from desktop import paint
from desktop.domain.entries import (
    OPEN_MS,
    Calibrated,
    Disposed,
    Disposition,
    Held,
    Joined,
    Parted,
    Replaced,
)
from desktop.domain.events import Thing
from desktop.domain.figures.holds import Looked
from desktop.domain.people import Person
from desktop.domain.pins import PinAnswer
from desktop.reports.blocks import Section, Table
from desktop.views.entering import Telling
from desktop.views.holds import Holds
from desktop.views.widgets.banner import Banner
from desktop.views.widgets.segments import SEGMENT_PX, Segments
from desktop.views.window import Window
from tests.views import example, hold_example
from tests.views.hold_example import LOT, unit
from tests.views.test_fit import faults, speaks, wide  # noqa: F401 its window of each language

NOW = example.NOW
DAY = 86_400_000


@pytest.fixture
def page(window: Window) -> Holds:
    window.go("holds")
    found = cast(Holds, window.screens["holds"])
    found.told.disconnect()
    window.show_answer(hold_example.holds())
    return found


@pytest.fixture
def told(page: Holds) -> list[Telling]:
    found: list[Telling] = []
    page.told.connect(found.append)
    return found


def act(page: Holds, what: Disposition) -> None:
    page.things.acts[list(Disposition).index(what)].click()


def sign(page: Holds, monkeypatch: pytest.MonkeyPatch, *, right: bool = True) -> None:
    """Key in a PIN that is right, or wrong."""

    def check(_person: Person, _pin: str, then: object) -> None:
        then(PinAnswer(right))  # type: ignore[operator]

    monkeypatch.setattr(page.sign, "_check_pin", check)
    page.sign.pad.entered.emit("1111")


def test_what_is_open_stands_there_with_its_age_and_the_oldest_is_chosen(page: Holds) -> None:
    shown = [row.shown for row in page.holds.rows if row.isVisible()]
    assert [face.title for face in shown if face] == [LOT.code, "세척", "에어 마이크로미터 A-03"]
    assert [face.figure for face in shown if face] == ["5 h 52 min", "3 h 27 min", "2 h 2 min"]
    assert shown[1] is not None
    assert shown[1].note == "09:10–11:05 · 62 units · Last piece not OK · 내경 상한 초과"
    assert page.things.title == LOT.code
    assert page.pages.pages[-1].accessibleDescription() == "in sight, 3 waiting"


def test_rework_takes_one_tap_of_all_or_of_what_is_chosen(page: Holds, told: list[Telling]) -> None:
    act(page, Disposition.REWORK)
    assert told[-1].told == (Disposed(0, NOW, NOW, 11, Disposition.REWORK),)
    page.things.rows[4].click()
    page.things.rows[5].click()
    assert page.things.accessibleDescription() == "2 chosen"
    act(page, Disposition.REWORK)
    assert told[-1].told == (Disposed(0, NOW, NOW, 11, Disposition.REWORK, (unit(7004), unit(7005))),)
    assert told[-1].words == "2 units · Rework"
    assert page.things.chosen == set()


def test_a_release_takes_a_supervisors_pin(page: Holds, told: list[Telling], monkeypatch: pytest.MonkeyPatch) -> None:
    act(page, Disposition.RELEASE)
    assert told == []
    assert not page.form.isVisible()
    names = [option.text() for option in page.sign.names if option.isVisible()]
    assert len(names) == 2, "an operator releases nothing"
    sign(page, monkeypatch, right=False)
    assert told == []
    sign(page, monkeypatch)
    assert told[-1].told == (Disposed(0, NOW, NOW, 11, Disposition.RELEASE),)
    assert told[-1].who == "김정호"
    assert page.form.isVisible()


def test_without_pins_a_name_is_enough_and_without_people_none(page: Holds, told: list[Telling]) -> None:
    people = tuple(replace(each, has_pin=False) for each in hold_example.PEOPLE)
    page.present(hold_example.holds(people=people), None)
    act(page, Disposition.RELEASE)
    page.sign.names[1].click()
    assert told[-1].who == "박서연"
    page.present(hold_example.holds(people=()), None)
    act(page, Disposition.RELEASE)
    page.sign.nameless.click()
    assert told[-1].who == ""


def test_a_concession_asks_what_the_customer_allowed_and_then_who(
    page: Holds, told: list[Telling], monkeypatch: pytest.MonkeyPatch
) -> None:
    act(page, Disposition.CONCESSION)
    page.form.save.click()
    assert page.form.fault == "Write the number that the customer gave."
    page.form.number.setText("SCR-2611-07")
    page.form.quantity.setText("0")
    page.form.save.click()
    assert page.form.fault == "The number of pieces is a whole number above zero."
    page.form.quantity.setText("500")
    page.form.days[1].click()
    page.form.save.click()
    assert told == []
    sign(page, monkeypatch)
    wanted = Disposed(
        0, NOW, NOW, 11, Disposition.CONCESSION, number="SCR-2611-07", quantity=500, expires_ms=NOW + 30 * DAY
    )
    assert told[-1].told == (wanted,)


def test_scrap_asks_for_its_reason(page: Holds, told: list[Telling]) -> None:
    act(page, Disposition.SCRAP)
    answers = [button.text() for button in page.why.choices if button.isVisible()]
    assert answers == [reason.name for reason in hold_example.SCRAPS]
    page.why.choices[3].click()
    assert told[-1].told == (Disposed(0, NOW, NOW, 11, Disposition.SCRAP, reason=4),)
    assert told[-1].words.endswith("Scrap · 누설")


def test_a_code_is_read_and_held(page: Holds, told: list[Telling], qtbot: QtBot) -> None:
    assert not page.form.hold.isEnabled()
    page.form.code.setText("NEW-1")
    page.form.code.textEdited.emit("NEW-1")
    with qtbot.waitSignal(page.question_changed):
        page.form.code.returnPressed.emit()
    page.present(hold_example.holds(looked=Looked("NEW-1")), None)
    assert "NEW-1 was never scanned" in page.form.body.accessibleDescription()
    page.form.kinds[1].click()
    page.form.hold.click()
    answers = [button.text() for button in page.why.choices if button.isVisible()]
    page.why.choices[answers.index("Customer's complaint")].click()
    assert told[-1].told == (Held(0, NOW, NOW, "Customer's complaint", (Thing("lot", "NEW-1"),)),)
    assert page.form.code.text() == ""


def test_a_time_of_a_machine_is_held_without_a_code(page: Holds, told: list[Telling]) -> None:
    page.form.kinds[-1].click()
    page.form.machine.choose(3)
    page.form.backs[1].click()
    page.form.hold.click()
    page.why.choices[0].click()
    assert told[-1].told == (Held(3, NOW, NOW, hold_example.SCRAPS[0].name, since_ms=NOW - 3_600_000, until_ms=NOW),)


def read(page: Holds, looked: Looked) -> None:
    page.form.code.setText(looked.code)
    page.present(hold_example.holds(looked=looked), None)


def test_a_part_is_replaced(page: Holds, told: list[Telling]) -> None:
    looked = hold_example.looked()
    read(page, looked)
    page.form.replace.click()
    page.form.parts[1].click()
    page.form.other.setText("PCB-99001")
    page.form.other.returnPressed.emit()
    old, new = looked.parts[1], Thing("unit", "PCB-99001")
    assert told[-1].told == (Replaced(0, NOW, NOW, looked.things[0], old, new),)


def test_lots_are_split_and_merged(page: Holds, told: list[Telling]) -> None:
    read(page, Looked("L1", (Thing("lot", "L1"),)))
    page.form.part.click()
    page.form.save.click()
    assert page.form.fault
    for code in ("L1-A", "L1-B"):
        page.form.other.setText(code)
        page.form.other.returnPressed.emit()
    page.form.save.click()
    assert told[-1].told == (Parted(0, NOW, NOW, Thing("lot", "L1"), (Thing("lot", "L1-A"), Thing("lot", "L1-B"))),)
    page.form.join.click()
    for code in ("L2", "L3", "L4"):
        page.form.other.setText(code)
        page.form.other.returnPressed.emit()
    page.form.save.click()
    assert told[-1].told == (Joined(0, NOW, NOW, (Thing("lot", "L2"), Thing("lot", "L3")), Thing("lot", "L4")),)


def test_a_gauge_is_calibrated_by_a_tap_and_asks_what_is_wrong_where_it_failed(
    page: Holds, told: list[Telling]
) -> None:
    assert page.gauges.accessibleDescription() == "3 waiting"
    page.gauges.rows[1].good.click()
    assert told[-1].told == (Calibrated(0, NOW, NOW + 180 * DAY, 4, good=True),)
    page.gauges.rows[3].bad.click()
    page.why.choices[1].click()
    assert told[-1].told == (Calibrated(0, NOW, OPEN_MS, 6, good=False, note="Worn"),)


def test_a_press_on_a_gauge_lists_what_it_measured_since_it_was_good(page: Holds, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.question_changed):
        page.gauges.rows[0].click()
    things = tuple(replace(each, fate=None) for each in hold_example.things()[1:])
    page.present(hold_example.holds(chosen=0, gauge=3, things=things), None)
    assert page.things.title == "에어 마이크로미터: measured since it was good"
    assert not any(button.isVisible() for button in page.things.acts)
    with qtbot.waitSignal(page.list_wanted) as wanted:
        page.things.table.click()
    section = cast(Section, wanted.args[0])
    table = cast(Table, section.blocks[1])
    assert len(table.rows) == len(things)


def test_esc_goes_back_step_by_step(page: Holds) -> None:
    act(page, Disposition.SCRAP)
    assert page.step_back()
    assert page.form.isVisible()
    act(page, Disposition.CONCESSION)
    assert page.step_back()
    assert page.form.mode == "look"
    assert not page.step_back()


def test_the_overview_leads_to_what_is_held(window: Window) -> None:
    window.go("overview")
    window.show_answer(replace(example.LINE, holds=hold_example.BRIEF))
    banner = window.findChild(Banner, "banner-holds")
    assert banner is not None
    assert banner.accessibleName() == "3 holds wait"
    assert banner.accessibleDescription() == "214 units · for up to 5 h 52 min"
    banner.action.click()
    assert window.screens.current == "holds"
    window.go("overview")
    window.show_answer(example.LINE)
    assert "holds" not in window.banners.shown()


def test_the_screen_of_codes_leads_to_it(window: Window) -> None:
    window.open_hold("L-77", "lot")
    page = cast(Holds, window.screens["holds"])
    assert window.screens.current == "holds"
    assert page.form.code.text() == "L-77"
    assert page.form.kinds[1].isChecked()
    assert page.form.hold.isEnabled()


@pytest.mark.parametrize("size", [(1366, 768), (1600, 900), (1920, 1080)])
@pytest.mark.parametrize("ask", ["", "empty", "looked", "time", "replace", "concession", "release", "scrap", "gauge"])
def test_every_word_has_room(wide: Window, ask: str, size: tuple[int, int]) -> None:  # noqa: F811
    wide.resize(*size)
    wide.go("holds")
    page = cast(Holds, wide.screens["holds"])
    page._leave()
    page.form.done()
    wide.show_answer(hold_example.empty() if ask == "empty" else hold_example.holds())
    page.form.kinds[-1 if ask == "time" else 0].click()
    if ask in ("looked", "replace"):
        read(page, hold_example.looked())
    if ask == "replace":
        page.form.replace.click()
    elif ask == "gauge":
        page._ask_fault(3)
    elif ask in ("concession", "release", "scrap"):
        act(page, Disposition(ask))
    assert faults(wide) == []


def test_a_gauge_is_told_by_its_code_however_narrow_its_row(page: Holds) -> None:
    page.resize(1270, 696)
    row = page.gauges.rows[1]
    assert row.accessibleName() == "버니어 캘리퍼스 CP-11"
    assert row.bad.accessibleName() == "버니어 캘리퍼스 CP-11: failed"
    with paint.recording() as drawn:
        row.grab()
    shown = [box.shown for box in drawn]
    assert {"버니어 캘리퍼스", "CP-11"} <= set(shown)


def test_the_table_stands_beside_what_can_be_decided_where_it_has_room(page: Holds) -> None:
    page.resize(1824, 1008)
    buttons = [*page.things.acts, page.things.table]
    assert len({button.y() for button in buttons}) == 1
    assert buttons[-1].geometry().right() <= page.things.width() - 12
    for left, right in pairwise(buttons):
        assert left.geometry().right() < right.x()
    page.resize(1270, 696)
    assert page.things.table.y() > page.things.acts[0].geometry().bottom()
    assert page.things.area.geometry().bottom() < page.things.acts[0].y()


@pytest.mark.parametrize("width_px", [336, 400])
@pytest.mark.parametrize("waiting", [(0, 3), (12, 3)])
def test_the_pages_of_work_are_named_in_letters_of_one_size(
    qtbot: QtBot, width_px: int, waiting: tuple[int, int]
) -> None:
    pages = Segments("holds")
    qtbot.addWidget(pages)
    pages.resize(width_px, SEGMENT_PX)
    pages.show_waiting(waiting[0])
    pages.show_held(waiting[1])
    pages.show()
    with paint.recording() as drawn:
        pages.grab()
    words = [box for box in drawn if not box.wanted.isdigit()]
    assert [box.shown for box in words] == ["Work", "Staffing", "Checks", "Labels", "Holds"]
    assert len({box.size_px for box in words}) == 1
    assert words[0].size_px >= 14
