"""Labels end to end: numbers that never come twice, jobs that a printer gets, reprints that are written down."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from desktop import summaries, trail_words
from desktop.domain.entries import OPEN_MS, Disposed, Disposition, Held, Measured, Ordered
from desktop.domain.events import Event, EventKind, Thing
from desktop.domain.figures.labels import LabelsNow
from desktop.domain.labels import USUAL_LINES, Contents, Language, Line, Printer, PrinterPlace, Symbol
from desktop.domain.trail import Asked
from desktop.labelling import Desk, Wanted, drawn, values_of
from desktop.store import database, entries, labels, orders, register
from desktop.store.database import KnownError, Store
from desktop.store.journal import Batch, Journal
from desktop.summaries.trail import Trail
from drivers.link import PortInfo
from tests.domain.test_labels import read_tspl, read_zpl
from tests.test_live import COUNTING, MACHINE, START, open_counting

ON = date(2025, 11, 19)
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    store = open_counting(tmp_path)
    with store.transaction() as db:
        db.execute("UPDATE products SET gtin = '8801234567893' WHERE code = 'P'")
    yield store
    store.close()


class PaperTray:
    """A printer on the network that keeps what it gets, connection after connection."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = f"socket://127.0.0.1:{self._server.getsockname()[1]}"
        self.jobs: list[bytes] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _peer = self._server.accept()
            with connection:
                job = b""
                while data := connection.recv(65536):
                    job += data
                if job == b"end":
                    return
                self.jobs.append(job)  # before it hangs up: who sent it waits for that

    def close(self) -> None:
        if self._thread.is_alive():
            with socket.create_connection(self._server.getsockname()) as last:
                last.sendall(b"end")
        self._thread.join()
        self._server.close()


@pytest.fixture
def tray() -> Iterator[PaperTray]:
    made = PaperTray()
    yield made
    made.close()


def product(store: Store) -> int:
    return next(each.id for each in register.plant(store).products if each.code == "P")


def labels_of(store: Store) -> LabelsNow:
    return summaries.labels_now(summaries.Live(), store, store.clock.now_ms())


def day(store: Store) -> str:
    return f"{labels_of(store).on:%y%m%d}"


def test_labels_are_issued_printed_and_printed_again(shop: Store, tray: PaperTray, tmp_path: Path) -> None:
    desk, on = Desk(tmp_path), day(shop)
    assert desk.set_printer(Printer(port=tray.port), "김정호") == Printer()
    made = desk.make(Wanted("unit", product(shop), 3), "김정호")
    assert [each.code for each in made] == [f"P-{on}-000{n}" for n in (1, 2, 3)]
    assert [(each.copies, each.fault, each.who) for each in made] == [(1, "", "김정호")] * 3
    jobs = tray.jobs[0].split(b"\r\n")[:-1]
    assert len(jobs) == 3
    (there,) = (each for each in labels_of(shop).products if each.code == "P")
    values = values_of(there, "unit", made[1].code, ON, Contents())
    wanted = drawn(Printer(), USUAL_LINES["unit"], "unit", values).marks[0]
    assert (wanted.x, wanted.y, wanted.bitmap.stride, wanted.bitmap.rows) == read_zpl(jobs[1] + b"\r\n")[3][0]

    (again,) = desk.again(made[1].code, " 훼손 ", "박민수")
    assert (again.copies, again.why, again.printed_ms) == (2, "훼손", START)
    assert tray.jobs[1] == jobs[1] + b"\r\n"  # the same label
    for why in ("", "  "):
        with pytest.raises(KnownError, match="why"):
            desk.again(made[1].code, why)
    with pytest.raises(KnownError, match="not issued"):
        desk.again("P-1", "lost")
    told = Trail().page(shop, Asked()).changes
    assert [(change.action, change.who, change.subject, change.why) for change in told] == [
        ("labels reprinted", "박민수", made[1].code, "훼손"),
        ("labels printed", "김정호", f"{made[0].code} – {made[2].code}", ""),
        ("label settings", "김정호", "", ""),
    ]
    kept = json.loads(told[0].new)
    assert {key: kept[key] for key in kept if key != "hashes"} == {"count": 1, "copy": 2, "fault": ""}
    names = Trail().page(shop, Asked()).names
    words = [trail_words.told(change, names) for change in told]
    assert [(each.what, each.new) for each in words[:2]] == [
        ("Label printed again", "1 label · copy 2"), ("Labels printed", "3 labels"),
    ]  # fmt: skip


def test_numbers_go_on_after_a_restart_and_begin_anew_with_the_day(shop: Store) -> None:
    key, pattern = product(shop), "{yymmdd}-{n:03}"

    def take(store: Store, on: date, count: int = 1) -> list[str]:
        return [each.code for each in labels.issue(store, "unit", key, "P", pattern, count, on, {})]

    assert take(shop, ON, 2) == ["251119-001", "251119-002"]
    again = database.open_writer(shop.folder)
    assert take(again, ON) == ["251119-003"]
    assert take(again, date(2025, 11, 20)) == ["251120-001"]
    assert take(again, ON) == ["251119-004"]  # a clock that was set back takes nothing twice
    again.close()


def test_a_number_that_is_a_thing_already_is_passed_over(shop: Store) -> None:
    with shop.transaction() as db:
        db.execute(
            "INSERT INTO units (id, kind, code, at_ms, event_id, hash) VALUES (1, 'unit', '251119-002', 0, 0, x'')"
        )
    made = labels.issue(shop, "unit", product(shop), "P", "{yymmdd}-{n:03}", 2, ON, {})
    assert [each.code for each in made] == ["251119-001", "251119-003"]
    other = labels.issue(shop, "unit", product(shop), "P", "{yy}1119-{n:03}", 1, ON, {})
    assert [each.code for each in other] == ["251119-004"]  # another scope, the same look


def test_a_number_that_was_held_scrapped_read_or_measured_is_passed_over(shop: Store) -> None:
    """Also where no station ever took it for a thing: a torn label, or one that was refused."""
    now = shop.clock.now_ms()
    torn, back = Thing("unit", "251119-001"), Thing("unit", "251119-002")
    [hold, _other] = entries.say(shop, [Held(0, now, now, "torn", (torn,)), Held(0, now, now, "", (back,))], now, "Kim")
    entries.say(shop, [Disposed(0, now, now, hold, Disposition.SCRAP, (torn,))], now, "Kim")
    entries.say(shop, [Measured(0, now, now, 1, 0.5, "251119-003")], now, "Kim")
    scan = Event(1, EventKind.SCAN, now, word="251119-005", detail="unit")
    Journal(shop).commit(Batch(events=[scan]))
    made = labels.issue(shop, "unit", product(shop), "P", "{yymmdd}-{n:03}", 2, ON, {})
    assert [each.code for each in made] == ["251119-004", "251119-006"]


def test_two_processes_at_once_never_take_the_same_number(shop: Store, tmp_path: Path) -> None:
    """Each in a process of its own, as two windows are."""
    source = (
        "import sys; from datetime import date; from pathlib import Path; from desktop import control\n"
        "from desktop.store import database, labels\n"
        "store = database.open_writer(Path(sys.argv[1]))\n"
        "for _ in range(20):\n"
        "    made = control.patiently(lambda: labels.issue(store, 'unit', int(sys.argv[2]), 'P', '{yymmdd}-{n:04}',\n"
        "                             3, date(2025, 11, 19), {}), 30)\n"
        "    print(*(each.code for each in made), sep='\\n')\n"
        "store.close()\n"
    )
    words = [sys.executable, "-c", source, str(tmp_path), str(product(shop))]
    children = [subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    taken = [code for child in children for code in child.communicate(timeout=60)[0].split()]
    assert [child.returncode for child in children] == [0, 0]
    assert sorted(taken) == [f"251119-{n:04}" for n in range(1, 121)]


def test_what_was_issued_is_never_changed(shop: Store) -> None:
    labels.issue(shop, "unit", product(shop), "P", "{n}", 1, ON, {})
    for sql in (
        "UPDATE issued SET code = 'x'",
        "DELETE FROM issued",
        "INSERT OR REPLACE INTO issued SELECT * FROM issued",
    ):
        with pytest.raises(Exception, match="issued"), shop.transaction() as db:
            db.execute(sql)


def test_a_printer_that_does_not_answer_costs_no_number_twice(shop: Store, tray: PaperTray, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.set_printer(Printer(port=tray.port))
    tray.close()
    (made,) = desk.make(Wanted("unit", product(shop), 1))
    assert "No printer answers" in made.fault
    assert made.copies == 1  # a try: nobody knows what came out
    (again,) = desk.again(made.code, "did not come out")
    assert again.copies == 2
    (fresh,) = desk.make(Wanted("unit", product(shop), 1))
    assert fresh.code.endswith("0002")


def test_nothing_is_issued_where_nothing_can_be_printed(shop: Store, tray: PaperTray, tmp_path: Path) -> None:
    desk, key = Desk(tmp_path), product(shop)
    with pytest.raises(KnownError, match="No label printer"):
        desk.make(Wanted("unit", key, 1))
    desk.set_printer(Printer(port=tray.port, width_mm=15, height_mm=8, symbol=Symbol.CODE128))
    with pytest.raises(KnownError, match="too long for a bar code"):
        desk.make(Wanted("unit", key, 1))
    desk.set_printer(Printer(port=tray.port))
    for count in (0, 501):
        with pytest.raises(KnownError, match="500"):
            desk.make(Wanted("unit", key, count))
    with pytest.raises(KnownError, match="not in use"):
        desk.make(Wanted("unit", 999, 1))
    desk.set_pattern(key, "unit", "A-SERIAL-TOO-LONG-FOR-GS1-{n}")
    with pytest.raises(KnownError, match="GS1 DataMatrix"):
        desk.make(Wanted("unit", key, 1))
    assert labels.recent(shop) == ()
    assert tray.jobs == []


def test_a_port_of_the_line_is_never_written_to(shop: Store, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for bus in register.plant(shop).buses:
        with shop.transaction() as db:  # however it came into the file
            register.put_setting(db, labels.KEY, json.dumps({"port": bus.port}))
        for act in (desk.test, lambda: desk.make(Wanted("unit", product(shop), 1))):
            with pytest.raises(KnownError):
                act()
    with shop.transaction() as db:
        db.execute("UPDATE buses SET port = 'socket://127.0.0.1:4001'")
    with pytest.raises(KnownError, match="Nothing is ever written there"):
        desk.set_printer(Printer(port="socket://127.0.0.1:4001"))
    with pytest.raises(KnownError, match="no way to a label printer"):
        desk.set_printer(Printer(port="C:/report.pdf"))
    assert labels.recent(shop) == ()


def test_how_numbers_look_is_the_shops(shop: Store, tray: PaperTray, tmp_path: Path) -> None:
    desk, key = Desk(tmp_path), product(shop)
    desk.set_printer(Printer(port=tray.port, symbol=Symbol.QR, language=Language.TSPL))
    assert desk.set_pattern(key, "box", "BOX{n:05}", "Kim") == ""
    assert [each.code for each in desk.make(Wanted("box", key, 2, 24))] == ["BOX00001", "BOX00002"]
    assert tray.jobs[0].count(b"PRINT 1,1\r\n") == 2
    assert labels.recent(shop)[0].values["quantity"] == "24 EA"
    assert desk.set_pattern(key, "box", "") == "BOX{n:05}"
    for pattern, words in (("X", "counter"), ("{n}{x}", "braces"), ("{n} ", "letters"), ("A" * 60 + "{n}", "48")):
        with pytest.raises(KnownError, match=words):
            desk.set_pattern(key, "box", pattern)
    now = summaries.labels_now(summaries.Live(), shop, shop.clock.now_ms())
    (shown,) = (each for each in now.products if each.id == key)
    assert shown.patterns == {"unit": "{product}-{yymmdd}-{n:04}", "box": "BX-{product}-{yymmdd}-{n:03}"}
    assert shown.next == {"unit": 1, "box": 1}
    assert [each.code for each in now.recent] == ["BOX00002", "BOX00001"]


def test_a_label_changes_no_figure(shop: Store, tray: PaperTray, tmp_path: Path) -> None:
    before = register.version(shop), register.figures_version(shop)
    desk = Desk(tmp_path)
    desk.set_printer(Printer(port=tray.port))
    (made,) = desk.make(Wanted("unit", product(shop), 1))
    desk.again(made.code, "lost")
    desk.test()
    assert len(tray.jobs) == 3
    assert (register.version(shop), register.figures_version(shop)) == before


def test_boxes_of_a_shop_with_a_company_prefix_get_ssccs(shop: Store, tray: PaperTray, tmp_path: Path) -> None:
    desk, key = Desk(tmp_path), product(shop)
    desk.set_printer(Printer(port=tray.port))
    desk.set_pattern(key, "box", "BOX{n}")
    assert desk.set_contents(Contents(company_prefix="8801234"), who="Kim") == Contents()
    made = desk.make(Wanted("box", key, 2, 24))
    assert [each.code for each in made] == ["088012340000000017", "088012340000000024"]
    assert desk.find("]d200" + made[1].code + "0208801234567893" + "3724") == made[1]
    assert desk.find("BOX1") is None
    (unit,) = desk.make(Wanted("unit", key, 1))
    assert unit.code.startswith("P-")  # units keep their pattern
    desk.set_contents(Contents())
    assert desk.again(made[0].code, "lost")[0].copies == 2
    jobs = b"".join(tray.jobs).split(b"\r\n")
    assert jobs[0] == jobs[3]  # the same label again, though the shop has no prefix any more
    assert [each.code for each in desk.make(Wanted("box", key, 1))] == ["BOX1"]  # no prefix: its own pattern
    for wrong in ("880", "8801-234", "가나다라"):
        with pytest.raises(KnownError, match="4 to 12 digits"):
            desk.set_contents(Contents(company_prefix=wrong))
    desk.set_contents(Contents(company_prefix="880123456789"))
    with shop.transaction() as db:
        words = "INSERT INTO issued (kind, product_id, scope, n, code, at_ms, who, fields) VALUES"
        db.execute(f"{words} ('box', ?, '{{sscc:880123456789}}', 99999, 'x', 0, '', '{{}}')", (key,))
    with pytest.raises(KnownError, match="used up"):
        desk.make(Wanted("box", key, 1))


def test_what_stands_on_labels_is_the_shops(
    shop: Store, tray: PaperTray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, key = Desk(tmp_path), product(shop)
    desk.set_printer(Printer(port=tray.port))
    wanted = Contents((Line(("customer_part",), "P/N"),), customer_parts={"P": "55311-AB"})
    desk.set_contents(wanted, who="Kim")
    (made,) = desk.make(Wanted("unit", key, 1))
    assert made.values["customer_part"] == "55311-AB"
    other = drawn(Printer(), wanted.unit, "unit", {**made.values, "code": made.code, "customer_part": "55311-AC"})
    shown = drawn(Printer(), wanted.unit, "unit", {**made.values, "code": made.code})
    printed = read_zpl(tray.jobs[0])[3]
    assert printed == [(mark.x, mark.y, mark.bitmap.stride, mark.bitmap.rows) for mark in shown.marks]
    assert other.marks != shown.marks
    desk.set_printer(Printer(port=tray.port, language=Language.TSPL))
    desk.again(made.code, "lost")
    assert read_tspl(tray.jobs[1])[2] == printed
    pages: list[object] = []
    monkeypatch.setattr("desktop.reports.pdf.printing.send_labels", lambda sent, _name: pages.extend(sent))
    desk.set_printer(Printer(port="printer:Office"))
    desk.again(made.code, "lost")
    assert pages == [shown]
    newest = next(each for each in Trail().page(shop, Asked()).changes if '"unit"' in each.new)
    assert (newest.action, newest.who) == ("label settings", "Kim")
    told = trail_words.told(newest, Trail().page(shop, Asked()).names)
    words = "Unit label “P/N” · Customer's no., Customer's no. P 55311-AB"
    assert (told.old, told.new) == ("Unit label as usual", words)


def test_what_was_changed_meanwhile_stays(shop: Store, tmp_path: Path) -> None:
    desk, seen = Desk(tmp_path), Contents()
    desk.set_contents(Contents(company_prefix="8801234"), seen)
    lines = (Line(("lot",)),)
    assert desk.set_contents(Contents(unit=lines), seen).company_prefix == "8801234"
    assert labels.contents(shop) == Contents(unit=lines, company_prefix="8801234")


def test_the_lot_of_a_label_is_that_of_the_order_that_runs_now(shop: Store, tray: PaperTray, tmp_path: Path) -> None:
    key, now_ms = product(shop), shop.clock.now_ms()

    def shown() -> tuple[str, str]:
        (there,) = (each for each in labels_of(shop).products if each.id == key)
        return there.order, there.lot

    assert shown() == ("", "")
    with shop.transaction() as db:
        for code, lot in (("WO-1", "L-1"), ("WO-2", "L-2"), ("WO-3", "")):
            columns = {"code": code, "product_id": key, "quantity": 9, "lot": lot, "kind": "mass", "status": "open"}
            orders.put(db, {**columns, "shift": "", "place": 0}, now_ms)
    entries.say(shop, [Ordered(MACHINE, now_ms - 9000, OPEN_MS, "WO-1", key)], now_ms)
    assert shown() == ("WO-1", "L-1")
    entries.say(shop, [Ordered(COUNTING, now_ms - 5000, OPEN_MS, "WO-2", key)], now_ms)
    assert shown() == ("WO-2", "L-2")  # the one that was begun last
    desk = Desk(tmp_path)
    desk.set_printer(Printer(port=tray.port))
    (made,) = desk.make(Wanted("unit", key, 1))
    assert (made.values["order"], made.values["lot"]) == ("WO-2", "L-2")
    entries.say(shop, [Ordered(COUNTING, now_ms - 4000, OPEN_MS, "WO-9", key + 1)], now_ms)
    assert shown() == ("WO-1", "L-1")  # there another product is made now

    # an order without a lot: what was read at its machine, where that is one material
    entries.say(shop, [Ordered(COUNTING, now_ms - 3000, OPEN_MS, "WO-3", key)], now_ms)
    assert shown() == ("WO-3", "")
    with shop.transaction() as db:
        row = db.execute("SELECT * FROM signals WHERE device_id = 2 LIMIT 1").fetchone()
        columns = [column[1] for column in db.execute("PRAGMA table_info(signals)")]
        classes = json.dumps({"lot": "^(?P<kind>RM|SEAL)-"})
        words = dict(zip(columns, row, strict=True)) | {"id": 90, "key": "scan", "role": "scan", "classes": classes}
        db.execute(f"INSERT INTO signals VALUES ({', '.join('?' * len(words))})", tuple(words.values()))

    def scan(number: int, code: str) -> None:
        with shop.transaction() as db:
            db.execute(
                "INSERT INTO events (id, kind, device_id, signal_id, machine_id, at_ms, word, detail, flag, hash)"
                " VALUES (?, 'scan', 2, 90, ?, ?, ?, 'lot', '', x'')",
                (number, COUNTING, now_ms - 1000, code),
            )

    scan(1, "RM-1")
    scan(2, "RM-2")
    assert shown() == ("WO-3", "RM-2")
    scan(3, "SEAL-1")
    assert shown() == ("WO-3", "")  # which one would be a guess


def test_printers_that_can_be_chosen_and_no_port_of_the_line(
    shop: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shop.transaction() as db:
        db.execute("UPDATE buses SET port = 'COM3'")
    ports = [
        PortInfo("COM3", "Scale", "", ""), PortInfo("COM4", "n/a", "", ""),
        PortInfo("COM5", "USB Serial Port", "FTDI", "usb:0403:6001:A1"),
    ]  # fmt: skip
    monkeypatch.setattr("drivers.link.ports", lambda: ports)
    monkeypatch.setattr("drivers.printer.usb_printers", lambda: [PortInfo("/dev/usb/lp0", "ZD421", "Zebra", "")])
    monkeypatch.setattr("desktop.reports.pdf.printing.printers", lambda: ("Office",))
    assert Desk(tmp_path).places() == (
        PrinterPlace("/dev/usb/lp0", "Zebra ZD421"),
        PrinterPlace("printer:Office", "Office (installed)"),
        PrinterPlace("COM4", "COM4", "COM4"),
        PrinterPlace("usb:0403:6001:A1", "COM5 · USB Serial Port", "COM5"),
    )

    def broken() -> list[PortInfo]:
        raise OSError

    monkeypatch.setattr("drivers.link.ports", broken)
    assert len(Desk(tmp_path).places()) == 2
