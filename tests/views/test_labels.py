"""The page of labels: what is pressed prints, what is scanned offers to print again, what is wrong is said."""

from __future__ import annotations

from typing import cast

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSettings, Qt
from pytestqt.qtbot import QtBot

from desktop import summaries
from desktop.domain.labels import USUAL_LINES, Contents, Line, Printer, PrinterPlace, Symbol
from desktop.labelling import Desk, Wanted
from desktop.store import labels as kept
from desktop.store.database import Store
from desktop.views import application
from desktop.views.label_desk import LabelDesk
from desktop.views.labels import Labels
from desktop.views.window import Window
from tests import test_labelling
from tests.test_labelling import PaperTray
from tests.test_live import START
from tests.views import label_example
from tests.views.test_fit import faults, speaks, wide  # noqa: F401 its window, of each language

shop, tray = test_labelling.shop, test_labelling.tray


class Floor:
    """A window over the shop's file, on the page of labels."""

    def __init__(self, qtbot: QtBot, store: Store) -> None:
        self.store, self.qtbot = store, qtbot
        settings = QSettings(str(store.folder / "labels.ini"), QSettings.Format.IniFormat)
        ways = replace(application.ways(store.folder), keep_collecting=lambda: None)
        self.window = Window(store.folder, settings, ways)
        qtbot.addWidget(self.window)
        self.window.setWindowState(Qt.WindowState.WindowNoState)
        self.window.resize(1920, 1080)
        self.window.show()
        self.window.go("labels")
        self.page = cast(Labels, self.window.screens["labels"])
        (self.desk,) = self.window.findChildren(LabelDesk)
        self.look()

    def look(self) -> None:
        self.window.show_answer(summaries.labels_now(self.page.live, self.store, START))

    def until(self, copies: list[int]) -> None:
        def met() -> bool:
            self.look()
            return [each.copies for each in kept.recent(self.store)] == copies

        self.qtbot.waitUntil(met, timeout=5000)


@pytest.fixture
def floor(qtbot: QtBot, shop: Store, tray: PaperTray) -> Floor:
    kept.put_printer(shop, Printer(port=tray.port))
    return Floor(qtbot, shop)


def test_a_press_prints_and_a_second_one_prints_again_with_the_reason(floor: Floor, tray: PaperTray) -> None:
    page = floor.page
    page.make.counts[1].click()
    assert page.make.print_button.text() == "Print 10 labels"
    page.make.print_button.click()
    assert not page.make.print_button.isEnabled()  # no second job by a second press
    floor.until([1] * 10)
    floor.qtbot.waitUntil(page.make.print_button.isEnabled)  # the row is in the file a moment before that is known
    assert len(tray.jobs) == 1
    page.issued.rows[0].click()
    assert page.again.isVisible()
    assert not page.make.isVisible()
    page.again.whys[0].click()
    floor.until([2] + [1] * 9)
    newest = kept.recent(floor.store)[0]
    assert newest.why == "Label damaged"
    floor.qtbot.waitUntil(page.make.isVisible)
    assert len(tray.jobs) == 2


@pytest.mark.parametrize("gs1", [False, True])
def test_a_label_that_is_scanned_offers_to_be_printed_again(floor: Floor, gs1: bool) -> None:
    (made,) = Desk(floor.store.folder).make(Wanted("unit", test_labelling.product(floor.store), 1))
    floor.look()
    floor.window.scans.scanned(f"0108801234567893 21{made.code}".replace(" ", "") if gs1 else made.code)
    floor.qtbot.waitUntil(floor.page.again.isVisible, timeout=5000)
    floor.page.again.other.setText("고객 요청")
    floor.page.again.save.click()
    floor.until([2])
    assert kept.recent(floor.store)[0].why == "고객 요청"


def test_a_code_that_was_not_issued_is_said_and_nothing_is_printed(floor: Floor, tray: PaperTray) -> None:
    floor.window.scans.scanned("SOMETHING-ELSE")
    floor.qtbot.waitUntil(lambda: "labels" in floor.window.banners.shown(), timeout=5000)
    assert not floor.page.again.isVisible()
    assert tray.jobs == []


def test_what_is_set_up_can_be_taken_back(floor: Floor) -> None:
    page, before = floor.page, kept.printer(floor.store)
    page.make.setup.click()
    assert page.printer.isVisible()
    row = next(row for row in page.printer.rows if row.objectName() == "setting-label_paper")
    row.options[0].click()
    floor.qtbot.waitUntil(lambda: kept.printer(floor.store) != before, timeout=5000)
    after = kept.printer(floor.store)
    assert (after.width_mm, after.height_mm) == (40, 25)
    floor.qtbot.waitUntil(lambda: not floor.window.undo_bar.isHidden())
    floor.window.undo_bar.take_back()
    floor.qtbot.waitUntil(lambda: kept.printer(floor.store) == before, timeout=5000)
    floor.look()
    page.printer.pattern.setText("S{n:05}")
    page.printer.saves[1].click()
    floor.qtbot.waitUntil(lambda: bool(kept.patterns(floor.store)), timeout=5000)
    floor.qtbot.waitUntil(lambda: not floor.window.undo_bar.isHidden())
    floor.look()
    assert "S00001" in page.printer.accessibleDescription()
    page.printer.pattern.setText("S{x}")
    page.printer.saves[1].click()
    floor.qtbot.waitUntil(lambda: "labels" in floor.window.banners.shown(), timeout=5000)
    assert page.step_back()
    assert page.make.isVisible()


def test_a_printer_that_is_off_is_said(floor: Floor, tray: PaperTray) -> None:
    tray.close()
    floor.page.make.print_button.click()
    floor.until([1])
    floor.qtbot.waitUntil(lambda: "labels" in floor.window.banners.shown(), timeout=5000)
    floor.look()
    assert "Not printed" in floor.page.issued.rows[0].accessibleDescription()
    floor.page.issued.rows[0].click()
    assert "No printer answers" in floor.page.again.accessibleDescription()


def test_without_a_printer_the_way_to_one_is_offered(qtbot: QtBot, shop: Store) -> None:
    floor = Floor(qtbot, shop)
    assert not floor.page.make.print_button.isEnabled()
    assert floor.page.issued.accessibleDescription() == "No label was printed yet"
    floor.window.open_label_printer()
    assert floor.page.printer.isVisible()
    assert not floor.page.printer.test.isEnabled()


@pytest.mark.parametrize("which", ["make", "box", "again", "setup", "lines", "none", "narrow paper"])
@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768), (1600, 900)])
def test_every_word_has_room(wide: Window, which: str, size: tuple[int, int]) -> None:  # noqa: F811
    wide.resize(*size)
    wide.go("labels")
    page = cast(Labels, wide.screens["labels"])
    page.step_back()
    page.make.choose("unit", "1")
    printer = Printer() if which == "none" else None
    if which == "narrow paper":
        printer = Printer(port="COM5", width_mm=25, height_mm=15, symbol=Symbol.CODE128)
    wide.show_answer(label_example.labels(printer))
    if which == "box":
        page.make.kinds[1].click()
    elif which == "again":
        page.issued.rows[1].click()
    elif which == "setup":
        page.open_setup()
        page.show_places(
            (PrinterPlace("printer:A", "사무실 프린터 (설치됨)"), PrinterPlace("COM5", "COM5 · USB Serial Port"))
        )
    elif which == "lines":
        page.open_contents()
    assert faults(wide) == []


def test_what_stands_on_the_label_is_pressed_together_and_seen_at_once(floor: Floor) -> None:
    page, lines = floor.page, floor.page.lines
    page.make.contents.click()
    assert lines.isVisible()
    assert page.sheet.isVisible()
    shown = page.sheet.grab().toImage()

    def wait_for(wanted: Contents) -> None:
        floor.qtbot.waitUntil(lambda: kept.contents(floor.store) == wanted, timeout=5000)
        # It is in the file a moment before that is known: till then what could be taken back is the change before it.
        floor.qtbot.waitUntil(lambda: not floor.desk.busy, timeout=5000)
        floor.look()

    def press(key: str) -> None:
        next(option for option in lines.fields if option.value == key).click()

    lines.rows[3].click()
    press("date")
    press("order")
    assert page.sheet.grab().toImage() != shown  # before anything came back
    one = (*USUAL_LINES["unit"][:3], Line(("lot", "order")))
    wait_for(Contents(unit=one))
    lines.up.click()
    lines.large.click()
    lines.words.setText(" 주의  ")
    lines.save.click()
    two = (*one[:2], Line(("lot", "order"), "주의", large=True), one[2])
    wait_for(Contents(unit=two))
    floor.qtbot.waitUntil(lambda: not floor.window.undo_bar.isHidden())
    floor.window.undo_bar.take_back()
    wait_for(Contents(unit=(*one[:2], Line(("lot", "order"), large=True), one[2])))
    lines.words.setText("LOT")
    lines.words.editingFinished.emit()  # without Save: the next press goes elsewhere
    lines.large.click()
    wait_for(Contents(unit=(*one[:2], Line(("lot", "order"), "LOT"), one[2])))
    lines.add.click()
    lines.add.click()
    assert not lines.add.isVisible()  # six are enough
    lines.remove.click()
    lines.remove.click()
    lines.usual.click()
    wait_for(Contents())
    lines.kinds[1].click()
    assert page.make.kind == "box"
    lines.rows[0].click()
    press("name")
    wait_for(Contents(box=(Line((), large=True), *USUAL_LINES["box"][1:])))
    assert page.step_back()
    assert page.make.isVisible()


def test_numbers_of_the_shop_and_of_a_customer(floor: Floor) -> None:
    page = floor.page
    page.make.choose("box", "24")
    page.open_setup()
    page.printer.prefix.setText("8801234")
    page.printer.prefix.returnPressed.emit()
    floor.qtbot.waitUntil(lambda: kept.contents(floor.store).company_prefix == "8801234", timeout=5000)
    floor.look()
    assert "088012340000000017" in page.printer.accessibleDescription()
    assert not page.printer.pattern.isEnabled()  # an SSCC follows none
    page.printer.part.setText("55311-AB")
    page.printer.part.returnPressed.emit()
    wanted = Contents(company_prefix="8801234", customer_parts={"P": "55311-AB"})
    floor.qtbot.waitUntil(lambda: kept.contents(floor.store) == wanted, timeout=5000)
    page.printer.prefix.setText("88")
    page.printer.prefix.returnPressed.emit()
    floor.qtbot.waitUntil(lambda: "labels" in floor.window.banners.shown(), timeout=5000)
    floor.look()
    assert kept.contents(floor.store) == wanted


def test_ssccs_that_are_used_up_are_said(floor: Floor) -> None:
    kept.put_contents(floor.store, Contents(company_prefix="880123456789"))
    key = test_labelling.product(floor.store)
    with floor.store.transaction() as db:
        db.execute(
            "INSERT INTO issued (kind, product_id, scope, n, code, at_ms, who, fields)"
            " VALUES ('box', ?, '{sscc:880123456789}', 99999, 'x', 0, '', '{}')",
            (key,),
        )
    floor.page.make.choose("box", "24")
    floor.look()
    assert "cannot be written" in floor.page.sheet.accessibleDescription()
    floor.page.make.print_button.click()
    floor.qtbot.waitUntil(lambda: "labels" in floor.window.banners.shown(), timeout=5000)


def test_a_printer_is_chosen_from_those_that_are_there(
    floor: Floor, tray: PaperTray, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = (PrinterPlace("/dev/usb/lp0", "Zebra ZD421"), PrinterPlace("usb:0403:6001:A1", "COM5 · Scale", "COM5"))
    monkeypatch.setattr(Desk, "places", lambda _desk: there)
    card = floor.page.printer
    floor.page.open_setup()
    assert [option.text() for option in card.places] == ["On the network", "No printer"]
    floor.qtbot.waitUntil(lambda: len(card.places) == 4, timeout=5000)
    assert [option.text() for option in card.places] == ["Zebra ZD421", "COM5 · Scale", "On the network", "No printer"]
    assert [option.isChecked() for option in card.places] == [False, False, True, False]
    assert card.address.text() == tray.port.removeprefix("socket://")
    card.places[1].click()
    floor.qtbot.waitUntil(lambda: kept.printer(floor.store).port == "usb:0403:6001:A1", timeout=5000)
    floor.look()
    assert not card.address.isVisible()
    assert card.places[1].isChecked()
    kept.put_printer(floor.store, Printer(port="printer:old one"))
    floor.look()
    assert card.places[0].text() == "old one (not there now)"
    card.places[-2].click()
    assert card.address.isVisible()
    floor.look()  # an answer while one types hides nothing
    assert card.address.isVisible()
    card.address.setText(tray.port)
    card.address.returnPressed.emit()
    floor.qtbot.waitUntil(lambda: kept.printer(floor.store).port == tray.port, timeout=5000)
    floor.look()
    card.test.click()
    floor.qtbot.waitUntil(lambda: "labels" in floor.window.banners.shown(), timeout=5000)
    assert len(tray.jobs) == 1
