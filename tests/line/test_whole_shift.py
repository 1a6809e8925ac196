"""A whole shift through the real window: machines and a scanner on real wires, the collector a process of its own.

The order is begun by scan, a stop gets its reason by scan, another is split by taps, the line is changed over, pieces
are scrapped, some only after the shift; it is handed over, signed and closed, and the report writes itself. Then every
figure of the paper stands in what the command line says.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, cast

import argon2
import pypdf
import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop import clock, configuration, control, summaries
from desktop.configuration import orders as sheet
from desktop.domain.commands import Command, Kind, write
from desktop.domain.figures.report import ShiftReport
from desktop.domain.people import Person, PersonRole
from desktop.store import database, people, records, register, reports_made
from desktop.views import application
from desktop.views.report import ReportPage
from desktop.views.stops import Stops
from desktop.views.window import Window
from desktop.views.work import Work
from drivers.simulated.port import WirePort
from drivers.simulated.wire_line import LineFace
from drivers.simulated.wire_modbus import ModbusFace

SPEED = 80.0  # an hour of the plant in 45 s
MINUTE = 60_000
START = 1_763_506_800_000  # 2025-11-19 08:00 in Seoul
END = START + 60 * MINUTE
PIN = "482917"
LINE = """
format = 1
[plant]
name = "P"
line = "L"
timezone = "Asia/Seoul"
constraint = "PR-01"
oee_target = 0.8
[[machine]]
code = "PR-01"
name = "Press"
threshold_s = 60
[[machine]]
code = "MC-01"
name = "Mill"
threshold_s = 60
[[product]]
code = "VH-204"
name = "Housing"
[[product]]
code = "VH-205"
name = "Cover"
[[standard]]
product = "VH-204"
machine = "PR-01"
ideal_cycle_s = 28.0
standard_cycle_s = 30.0
[[standard]]
product = "VH-205"
machine = "PR-01"
ideal_cycle_s = 38.0
standard_cycle_s = 40.0
[[shift]]
name = "Day"
start = "08:00"
end = "09:00"
weekdays = [1, 2, 3, 4, 5, 6, 7]
[[shift]]
name = "Late"
start = "09:00"
end = "10:00"
weekdays = [1, 2, 3, 4, 5, 6, 7]
[[reason]]
code = "B01"
name = "Breakdown"
kind = "unplanned"
failure = true
loss = "breakdown"
[[reason]]
code = "M01"
name = "No material"
kind = "unplanned"
failure = false
[[scrap_reason]]
code = "BURR"
name = "Burr"
[[scrap_reason]]
code = "DENT"
name = "Dent"
[[bus]]
key = "io"
port = "IO"
driver = "modbus_rtu"
baud = 115200
timeout_ms = 200
[[bus]]
key = "scanner"
port = "SCANNER"
driver = "text_line"
[[bus.device]]
key = "scanner-1"
[[bus.device.signal]]
key = "code"
machine = "PR-01"
role = "scan"
[report]
after_min = 1
formats = ["pdf", "json"]
"""
UNIT = """
[[bus.device]]
key = "{key}"
unit = {unit}
period_ms = 25
[[bus.device.signal]]
key = "{key}-good"
machine = "{machine}"
role = "good"
address = "ir:0"
modulus = 65536
[[bus.device.signal]]
key = "{key}-reject"
machine = "{machine}"
role = "reject"
address = "ir:1"
modulus = 65536
[[bus.device.signal]]
key = "{key}-state"
machine = "{machine}"
role = "state"
address = "ir:2"
codes = {{ "0" = "stop", "1" = "run" }}
"""


class Unit:
    """The registers of a machine, and what it has made."""

    def __init__(self) -> None:
        self.good = self.reject = self.state = 0

    def answer(self, _area: str, address: int, count: int) -> list[int]:
        return [self.good, self.reject, self.state, *[0] * 20][address : address + count]


class Floor:
    """The shop: wires, database and window. `go` lets the plant go on while the window is alive."""

    def __init__(self, qtbot: QtBot, folder: Path, wires: ExitStack) -> None:
        self.qtbot, self.folder = qtbot, folder
        self.press, self.mill = Unit(), Unit()
        io, scanner = wires.enter_context(WirePort()), wires.enter_context(WirePort())
        wires.enter_context(ModbusFace(io, {1: self.press.answer, 2: self.mill.answer}))
        self.scanner = LineFace(scanner)
        units = UNIT.format(key="press", unit=1, machine="PR-01") + UNIT.format(key="mill", unit=2, machine="MC-01")
        head, tail = LINE.split('[[bus]]\nkey = "scanner"')
        text = head + units + '[[bus]]\nkey = "scanner"' + tail
        store = database.create(folder, clock=clock.starting_at(START - 8 * MINUTE, SPEED))
        wanted = configuration.parse(text.replace('"IO"', f'"{io.url}"').replace('"SCANNER"', f'"{scanner.url}"'))
        configuration.apply(store, wanted)
        sheet.enter(store, [
            {"code": "WO-1", "product": "VH-204", "quantity": 60, "machine": "PR-01"},
            {"code": "WO-2", "product": "VH-205", "quantity": 20, "machine": "PR-01"},
        ])  # fmt: skip
        for name in ("김정호", "오재민"):
            key = people.put(store, Person(0, name, role=PersonRole.SUPERVISOR), 0)
            people.set_pin(store, key, PIN, 0)
        store.close()
        wires.callback(control.stop_collector, folder)
        control.ensure_collector(folder)
        self.store = database.open_reader(folder)
        wires.callback(self.store.close)
        settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
        self.window = Window(folder, settings, application.ways(folder))
        wires.callback(self.window.close)
        qtbot.addWidget(self.window)
        self.window.setWindowState(Qt.WindowState.WindowNoState)
        self.window.resize(1600, 900)
        self.window.appear()
        self.window.begin()
        self.made = 0.0

    @property
    def now_ms(self) -> int:
        return self.store.clock.now_ms()

    def until(self, met: Callable[[], object], seconds: float = 20.0) -> None:
        """Let the window live until something holds; the machines that run make pieces meanwhile."""
        end = time.monotonic() + seconds
        while not met():
            assert time.monotonic() < end, "waited in vain"
            self.qtbot.wait(10)
            if time.monotonic() - self.made > 0.35:  # 28 s of the plant
                self.made = time.monotonic()
                for unit in (self.press, self.mill):
                    unit.good += unit.state

    def go(self, minutes: float) -> None:
        """So many minutes of the plant."""
        end_ms = self.now_ms + minutes * MINUTE
        self.until(lambda: self.now_ms >= end_ms, 120)

    def scan(self, kind: Kind, subject: str = "") -> None:
        """Read a bar code of the sheet."""
        assert self.scanner.send(write(Command(kind, subject)))

    def report(self) -> ShiftReport:
        shift = summaries.find_shift(self.store, "2025-11-19/Day", self.now_ms)
        return summaries.shift_report(self.store, shift, self.now_ms)

    def stops(self) -> list[tuple[str, float]]:
        """The stops of the press: reason and minutes."""
        return [(stop.reason, stop.length_ms / MINUTE) for stop in self.report().stops if stop.machine_code == "PR-01"]

    def stand(self, minutes: float) -> None:
        """The press stands so long, and goes on."""
        self.press.state = 0
        self.go(minutes)
        self.press.state = 1
        self.go(0.5)

    def open(self, key: str) -> Any:
        self.window.go(key)
        page = self.window.screens[key]
        self.qtbot.wait(50)
        return page


@pytest.fixture
def floor(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Floor]:
    cheap = argon2.PasswordHasher(1, 8, 1)
    monkeypatch.setattr(people, "_hasher", lambda: cheap)
    with ExitStack() as wires:
        yield Floor(qtbot, tmp_path / "교대 data", wires)


def online(floor: Floor) -> bool:
    health, heard = records.health(floor.store), records.live(floor.store)
    plant = register.plant(floor.store)
    told = [signal.id for signal in plant.signals if signal.role.value in ("good", "reject", "state")]
    return all(d.id in health and health[d.id].status == "online" for d in plant.devices) and set(told) <= set(heard)


def test_a_whole_shift(floor: Floor) -> None:
    floor.until(lambda: online(floor))
    floor.until(lambda: floor.now_ms >= START)
    floor.press.state = floor.mill.state = 1

    # start: the order by scan, a stop with its reason by scan
    floor.scan(Kind.ORDER_START, "WO-1")
    work = cast(Work, floor.open("work"))
    floor.until(lambda: work._now is not None and work._now.running is not None)
    assert work._now is not None
    assert work._now.running is not None
    assert work._now.running.code == "WO-1"
    floor.go(3)
    floor.press.state = 0
    floor.go(2.5)
    floor.scan(Kind.REASON, "B01")
    floor.until(lambda: [reason for reason, _minutes in floor.stops()] == ["Breakdown"])
    floor.press.state = 1
    floor.go(1)

    # a stop is split by taps: half of it had another reason
    stops = cast(Stops, floor.open("stops"))
    floor.stand(4)
    floor.until(lambda: [row for row in stops.waiting_list.rows if row.isVisible() and row.shown])
    stops.waiting_list.rows[0].click()
    floor.until(lambda: (stop := stops.choice.stop()) is not None and stop.end_ms is not None)
    stops.split()
    press_reason(stops, "No material")
    floor.until(lambda: len(floor.stops()) == 3)
    floor.until(lambda: [row for row in stops.waiting_list.rows if row.isVisible() and row.shown])
    stops.waiting_list.rows[0].click()
    press_reason(stops, "Breakdown")
    floor.until(lambda: sorted(reason for reason, _minutes in floor.stops()) == ["Breakdown"] * 2 + ["No material"])

    # changeover by a tap, with its first piece
    work = cast(Work, floor.open("work"))
    floor.until(lambda: work.plan.rows and any(r.change.isVisible() for r in work.plan.rows))
    floor.press.state = 0
    next(row for row in work.plan.rows if row.change.isVisible()).change.click()
    floor.until(lambda: work.first_good.isVisible())
    floor.go(2)
    floor.press.state = 1
    floor.go(1)
    work.first_good.click()
    floor.until(lambda: not work.first_good.isVisible())

    # scrap by scan and by taps
    floor.scan(Kind.SCRAP, "BURR")
    floor.scan(Kind.DIGIT, "2")
    floor.scan(Kind.ENTER)
    floor.until(lambda: [(row.reason, row.pieces) for row in floor.report().scrap] == [("Burr", 2)])
    floor.press.reject += 1
    floor.until(lambda: [m.reject for m in floor.report().machines] == [3, 0])
    work.scraps.click()
    next(b for b in work.scrap.reasons if b.isVisible() and b.shown and b.shown.name == "Dent").click()
    floor.until(lambda: len(floor.report().scrap) == 2)

    # the shift ends; three pieces turn out bad afterwards
    floor.until(lambda: floor.now_ms >= END + MINUTE / 2, 90)
    floor.until(lambda: reports_made.since(floor.store, 0), 30)
    before = floor.report()
    assert before.provisional
    work.scrap.kinds[1].click()
    floor.until(lambda: any(m.isVisible() and "Day" in str(m.accessibleName()) for m in work.scrap.moments))
    next(m for m in work.scrap.moments if m.isVisible() and "Day" in m.accessibleName()).click()
    work.scrap.press_key("3")
    next(b for b in work.scrap.reasons if b.isVisible() and b.shown and b.shown.name == "Dent").click()
    floor.until(lambda: floor.report().machines[0].good == (before.machines[0].good or 0) - 3)

    # handed over, signed, closed
    page = cast(ReportPage, floor.open("report"))
    floor.until(lambda: len(page.list.shifts.rows) == 2)
    page.tools.before.click()
    side = page.handover
    floor.until(lambda: side.isVisible() and bool(side.checks.buttons))
    next(b for b in side.checks.buttons if b.isVisible() and b.text() == "Nothing happened").click()
    side.items.add.click()
    QTest.keyClicks(side.remark.text, "Replace the die spring")
    next(option for option in side.remark.owners if option.value == "오재민").click()
    side.remark.save.click()
    floor.until(lambda: floor.report().handover.open)
    for role in ("outgoing", "incoming"):
        side.signs[role].button.click()
        who = "김정호" if role == "outgoing" else "오재민"
        next(option for option in side.sign.names if option.text().startswith(who)).click()
        for digit in PIN:
            QTest.keyClick(side.sign.pad, digit)
        QTest.keyClick(side.sign.pad, Qt.Key.Key_Return)
        floor.until(lambda role=role: role in [s.role for s in floor.report().handover.signed])
    floor.until(lambda: side.closing.button.isVisible())
    side.closing.button.click()
    floor.until(lambda: not floor.report().provisional)

    # the report wrote itself, and says what the command line says
    def final() -> bool:
        return any(not r.provisional and r.state == "made" for r in reports_made.since(floor.store, 0))

    floor.until(final, 60)
    [made] = [row for row in reports_made.since(floor.store, 0) if not row.provisional]
    assert (made.shift, made.revision) == ("Day", 1)
    mine, text = written(floor.folder / "reports", "*Day*")
    told, printed = said_by_command_line(floor)
    assert without_moment(mine) == without_moment(told)
    moments = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?")
    assert moments.sub("", text) == moments.sub("", printed)
    for figure in figures(told):
        assert figure in text, figure
    signed = [(s.role, s.who) for s in floor.report().handover.signed]
    assert signed == [("outgoing", "김정호"), ("incoming", "오재민")]

    # two more rejects are found: on Work, and only with who and why
    good = floor.report().machines[0].good or 0
    work = cast(Work, floor.open("work"))
    floor.until(work.scrap.isVisible)
    work.scrap.kinds[1].click()
    floor.until(lambda: any(m.isVisible() and "Day" in str(m.accessibleName()) for m in work.scrap.moments))
    next(m for m in work.scrap.moments if m.isVisible() and "Day" in m.accessibleName()).click()
    work.scrap.press_key("2")
    next(b for b in work.scrap.reasons if b.isVisible() and b.shown and b.shown.name == "Dent").click()
    bar = floor.window.entering.closed_bar
    floor.until(bar.isVisible)
    assert floor.report().revision == 1
    QTest.keyClicks(bar.why, "found when packing")
    bar.name.setText("오재민")
    bar.save.click()
    floor.until(lambda: floor.report().revision == 2)
    assert floor.report().machines[0].good == good - 2
    last = floor.store.row("SELECT kind, who, why FROM entries ORDER BY id DESC LIMIT 1")
    assert tuple(last) == ("pieces", "오재민", "found when packing")


def press_reason(page: Stops, name: str) -> None:
    next(b for b in page.reasons if b.shown is not None and b.shown.name == name and b.isVisible()).click()


def said_by_command_line(floor: Floor) -> tuple[dict[str, Any], str]:
    """The report of the shift as the command line writes it: its JSON and the text of its paper."""
    out = floor.folder / "cli"
    words = ("report", "--shift", "2025-11-19/Day", "--format", "json,pdf", "--out", str(out))
    subprocess.run(control.command(floor.folder, *words), check=True, timeout=120, capture_output=True)
    return written(out, "*")


def written(folder: Path, name: str) -> tuple[dict[str, Any], str]:
    [paper], [file] = folder.glob(f"{name}.pdf"), folder.glob(f"{name}.json")
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(paper).pages)
    return json.loads(file.read_text(encoding="utf-8")), " ".join(text.split())


def without_moment(told: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if key not in ("made_at", "made_at_ms")}


def figures(told: dict[str, Any]) -> Iterator[str]:
    """What the paper must say, from the figures of the command line alone."""

    def rounded(figure: Decimal) -> str:
        """One decimal, a half away from zero: of the decimal digits in the file, as 84.55 has no exact float."""
        return str(figure.quantize(Decimal("0.1"), ROUND_HALF_UP))

    def percent(ratio: float | None) -> str:
        return "—" if ratio is None else "100" if ratio == 1 else rounded(Decimal(str(ratio)) * 100)

    yield f"{told['good']:,}"
    yield f"{told['target']:,}"
    yield percent(told["line_kpis"]["oee"])
    for machine in told["machines"]:
        yield f"{machine['name']} {machine['code']}"
        for key in ("availability", "performance", "quality", "oee"):
            yield percent(machine[key])
        for key in ("good", "reject"):
            yield f"{machine[key]:,}"
    for hour in told["hours"]:
        yield f"{hour['good']:,}"
    for stop in told["stops"]:
        yield rounded(Decimal(stop["length_ms"]) / 60_000)
    for order in told["orders"]:
        yield order["code"]
        yield f"{order['made']:,}"
    for row in told["scrap"]:
        yield f"{row['reason']}"
        yield f"{row['pieces']:,}"
    for item in told["handover"]["open"]:
        yield item["text"]
        yield item["owner"]
