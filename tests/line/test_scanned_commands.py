"""Commands of line scanners, from the wire to the figures: entered once whatever is killed, answered every time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desktop import configuration, control, summaries
from desktop.configuration import orders
from desktop.domain import entries as said
from desktop.domain.adjust import BookingKind
from desktop.domain.commands import Call, Command, Kind, Repair, write
from desktop.domain.dialogue import Said
from desktop.domain.entries import Entry
from desktop.domain.figures.stops import StopsNow
from desktop.domain.people import Person, PersonRole
from desktop.domain.spans import Span
from desktop.store import database, entries, people, scan_answers, upkeep
from desktop.store.database import Store
from drivers.simulated.port import WirePort

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="SIGKILL and ptys")

ROOT = Path(__file__).resolve().parents[2]
LINE = """
format = 1
plant = { name = "P", line = "L", timezone = "Asia/Seoul" }
machine = [
  { code = "PR-01", name = "Press", threshold_s = 1 },
  { code = "CN-01", name = "CNC", threshold_s = 1 },
]
shift = [{ name = "Day", start = "06:00", end = "05:59", weekdays = [1, 2, 3, 4, 5, 6, 7] }]
reason = [
  { code = "S02", name = "Tool change", kind = "unplanned" },
  { code = "M01", name = "No material", kind = "external" },
]
scrap_reason = [{ code = "D01", name = "Burr" }]
product = [{ code = "vh-204", name = "Valve housing" }]
standard = [
  { product = "vh-204", machine = "PR-01", ideal_cycle_s = 0.1, standard_cycle_s = 0.1 },
  { product = "vh-204", machine = "CN-01", ideal_cycle_s = 0.1, standard_cycle_s = 0.1 },
]
"""
BUS = """
[[bus]]
key = "{key}"
port = "{port}"
driver = "text_line"
[[bus.device]]
key = "{key}"
double_scan_ms = {double}
{pattern}
[[bus.device.signal]]
key = "{signal}"
field = "code"
{more}
"""


def bus(key: str, port: WirePort, role: str, machine: str = "", double: int = 0) -> str:
    more = {
        "scan": f'role = "scan"\nclasses = {{ unit = "{".*" if machine else "^SN"}" }}',
        "state": 'role = "state"\ncodes = { R = "run", S = "stop" }',
        "good": 'role = "good"\nnumber = true',
    }[role]
    if machine:
        more += f'\nmachine = "{machine}"'
    pattern = r"pattern = 'N(?P<code>\d+)'" if role == "good" else ""
    return BUS.format(pattern=pattern, key=key, port=port.url, double=double, signal=key, more=more)


def code(kind: Kind, subject: str = "") -> str:
    return write(Command(kind, subject))


TOOL, MATERIAL, BURR = code(Kind.REASON, "S02"), code(Kind.REASON, "M01"), code(Kind.SCRAP, "D01")
ENTER, UNDO, ORDER = code(Kind.ENTER), code(Kind.UNDO), code(Kind.ORDER_START, "2611-017")
ONE, TWO = code(Kind.DIGIT, "1"), code(Kind.DIGIT, "2")


class Shop:
    """A press with its scanner, a scanner that is carried about, and the collector as a process of its own."""

    def __init__(self, folder: Path, wires: dict[str, WirePort]) -> None:
        self.folder, self.wires = folder, wires
        self.reader: Store = database.open_reader(folder)

    def tells(self, wire: str, *lines: str) -> None:
        port = self.wires[wire]
        assert control.wait_for(lambda: port.listening, 15), wire
        port.write("".join(f"{line}\r\n" for line in lines).encode())

    def answers(self) -> list[Said]:
        found = scan_answers.since(self.reader, 0, 0)
        return [say.said for answer in found for say in answer.says]

    def scan(self, wire: str, *codes: str, answered: Said) -> None:
        """Scan, and wait for the last answer."""
        for each in codes:
            before = len(self.answers())
            self.tells(wire, each)
            assert control.wait_for(lambda before=before: len(self.answers()) > before, 10), (each, self.answers())  # type: ignore[misc]
        assert self.answers()[-1] is answered, self.answers()

    def entered(self) -> list[Entry]:
        return list(entries.standing(self.reader, Span(0, 1 << 52)))

    def stands(self, *, long: bool = True) -> None:
        """The press runs, makes twenty pieces and stands, `long` enough for a stop."""
        for wire, line, events in (("state", "R", 1), ("good", "N0", 2), ("good", "N20", 3), ("state", "S", 4)):
            self.tells(wire, line)
            sql = "SELECT count(*) FROM events WHERE kind IN ('state', 'count') AND word <> 'unknown'"
            assert control.wait_for(lambda sql=sql, events=events: self.reader.row(sql)[0] == events, 10), line  # type: ignore[misc]
        assert not long or control.wait_for(lambda: bool(self.stops().open), 10)

    def stops(self) -> StopsNow:
        return summaries.stops_now(summaries.Live(), self.reader, self.reader.clock.now_ms())


@contextmanager
def line(folder: Path, wires: dict[str, WirePort]) -> Iterator[Shop]:
    text = LINE + "".join(
        [
            bus("state", wires["state"], "state", "PR-01"),
            bus("good", wires["good"], "good", "PR-01"),
            bus("press", wires["press"], "scan", "PR-01"),
            bus("carried", wires["carried"], "scan", double=300),
        ]
    )
    (folder / "line.toml").write_text(text, encoding="utf-8")
    data = folder / "data"
    store = database.create(data)
    configuration.apply(store, configuration.read(folder / "line.toml"))
    orders.enter(store, [{"code": "2611-017", "product": "vh-204", "quantity": 100, "machine": "PR-01"}])
    people.put(store, Person(0, "김정호", "", PersonRole.OPERATOR, "EMP-7"), store.clock.now_ms())
    store.close()
    shop = Shop(data, wires)
    try:
        yield shop
    finally:
        shop.reader.close()
        control.stop_collector(data)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    wires = {key: WirePort() for key in ("state", "good", "press", "carried")}
    try:
        with line(tmp_path, wires) as made:
            control.ensure_collector(made.folder)
            yield made
    finally:
        for port in wires.values():
            port.close()


def test_a_shift_is_worked_with_scans_alone(shop: Shop) -> None:
    """Every entry that a scan makes, read back by the same figures as what is pressed on a screen."""
    shop.scan("press", "EMP-7", answered=Said.PERSON)
    shop.scan("press", ORDER, answered=Said.ENTERED)
    shop.stands()
    shop.scan("press", TOOL, answered=Said.ENTERED)
    stops = shop.stops()
    assert [(row.said.machine, row.reason, row.who) for row in stops.said] == [(1, "Tool change", "김정호")]
    assert not stops.open
    shop.scan("press", MATERIAL, answered=Said.ENTERED)  # a slip of the same hand is put right by the next scan
    shop.scan("press", UNDO, answered=Said.TAKEN_BACK)
    stops = shop.stops()
    assert [row.reason for row in stops.said] == ["Tool change"]
    shop.scan("press", BURR, ONE, TWO, ENTER, answered=Said.ENTERED)
    now_ms = shop.reader.clock.now_ms()
    day = summaries.machine_day(shop.reader, 1, now_ms)
    assert (day.machine.good, day.machine.reject) == (8, 12)
    work = summaries.work_now(summaries.Live(), shop.reader, now_ms, 1)
    assert work.running is not None
    assert (work.running.code, work.running.quantity, work.running.made) == ("2611-017", 100, 8)
    assert {row.who for row in work.entered} == {"김정호"}
    shop.scan("press", BURR, *[TWO, ONE], ENTER, answered=Said.NOT_MADE)
    assert summaries.machine_day(shop.reader, 1, shop.reader.clock.now_ms()).machine.reject == 12
    shop.scan("press", code(Kind.REWORK, "D01"), ENTER, answered=Said.ENTERED)
    shop.scan("press", code(Kind.CHANGEOVER), answered=Said.ENTERED)
    shop.scan("press", code(Kind.FIRST_PIECE), answered=Said.ENTERED)
    shop.scan("press", code(Kind.FIRST_PIECE), answered=Said.NO_CHANGEOVER)
    shop.scan("press", code(Kind.ORDER_FINISH, "2611-017"), answered=Said.ENTERED)
    shop.scan("press", code(Kind.ORDER_FINISH, "2611-017"), answered=Said.RUNS_NOT)
    shop.scan("press", code(Kind.REPAIR, Repair.BEGUN), answered=Said.NO_CALL)
    for each in (code(Kind.CALL, Call.MAINTENANCE), code(Kind.ARRIVED), code(Kind.REPAIR, Repair.BEGUN)):
        shop.scan("press", each, answered=Said.ENTERED)
    shop.scan("press", code(Kind.CALL, Call.MAINTENANCE), answered=Said.CALLED)
    shop.scan("press", code(Kind.REPAIR, Repair.FIXED), answered=Said.ENTERED)
    [call] = said.calls(shop.entered())
    assert None not in (call.seen_ms, call.begun_ms, call.over_ms)
    kinds = [entry.said.kind for entry in shop.entered() if isinstance(entry.said, said.Booked)]
    assert kinds == [BookingKind.LATE_REJECT, BookingKind.REWORK]
    placed = [entry.said for entry in shop.entered() if isinstance(entry.said, said.Placed)]
    assert [(each.machine, each.person) for each in placed] == [(1, 1)]
    assert {entry.who for entry in shop.entered()} == {"김정호"}
    assert upkeep.check(shop.reader) == [], "entries of two processes are one chain"
    units = shop.reader.row("SELECT count(*) FROM units")[0]
    assert units == 0, "a command is no serial number, whatever the shop's patterns take, and a badge is none either"


def test_what_cannot_be_entered_is_answered_and_the_scan_is_kept(shop: Shop) -> None:
    shop.scan("press", TOOL, answered=Said.NO_STOP)
    shop.scan("press", code(Kind.REASON, "X99"), answered=Said.NOT_KNOWN)
    shop.scan("carried", TOOL[:-1] + str((int(TOOL[-1]) + 1) % 10), answered=Said.DAMAGED)
    shop.scan("carried", TOOL, answered=Said.WHICH_MACHINE)
    shop.scan("carried", code(Kind.MACHINE, "PR-01"), answered=Said.NO_STOP)
    shop.scan("carried", UNDO, answered=Said.NOTHING_TO_UNDO)
    assert shop.entered() == []
    assert shop.reader.row("SELECT count(*) FROM events WHERE kind = 'scan'")[0] == 6


def test_one_pull_of_the_trigger_is_one_and_two_scanners_do_not_mix(shop: Shop) -> None:
    shop.stands(long=False)
    shop.scan("carried", code(Kind.MACHINE, "PR-01"), answered=Said.MACHINE)
    shop.tells("carried", BURR, BURR, BURR)  # within 0.3 s
    assert control.wait_for(lambda: shop.answers()[-1] is Said.HOW_MANY, 10)
    shop.scan("press", BURR, TWO, answered=Said.SO_FAR)
    shop.scan("carried", ONE, ENTER, answered=Said.ENTERED)
    shop.scan("press", ENTER, answered=Said.ENTERED)
    scans = "SELECT count(*), sum(flag = 'duplicate') FROM events WHERE kind = 'scan' AND word = ?"
    assert tuple(shop.reader.row(scans, BURR)) == (4, 2)
    assert shop.answers().count(Said.HOW_MANY) == 2
    booked = [entry.said for entry in shop.entered() if isinstance(entry.said, said.Booked)]
    assert [(each.pieces, each.reason) for each in booked] == [(1, 1), (2, 1)]


def test_the_reason_of_somebody_else_is_not_written_over(shop: Shop) -> None:
    shop.stands()
    stop = shop.stops().chosen
    assert stop is not None
    control.enter(shop.folder, [said.Labelled(1, stop.start_ms, said.OPEN_MS, stop.id, 1)], "이수민")
    shop.scan("press", MATERIAL, answered=Said.HAS_REASON)
    [answer] = scan_answers.since(shop.reader, 0, 0)
    assert (answer.says[0].name, answer.says[0].who, answer.well) == ("Tool change", "이수민", False)
    control.enter(shop.folder, [said.Closed(0, shop.reader.clock.now_ms(), shop.reader.clock.now_ms())])
    shop.scan("press", BURR, ENTER, answered=Said.CLOSED)


def test_while_somebody_else_writes_a_scan_waits_and_is_entered_once(shop: Shop) -> None:
    shop.stands(long=False)
    writer = database.open_writer(shop.folder)
    try:
        with writer.transaction() as db:
            db.execute("UPDATE meta SET value = value WHERE key = 'demo'")
            shop.tells("press", TOOL)
            time.sleep(0.6)  # longer than a commit takes, shorter than anybody waits
            assert shop.entered() == []
        assert control.wait_for(lambda: shop.answers() == [Said.ENTERED], 10)
        with writer.transaction():  # the scan is in the journal, and what it asks for has to wait
            shop.tells("press", UNDO)
            time.sleep(0.3)
        assert control.wait_for(lambda: shop.answers() == [Said.ENTERED, Said.TAKEN_BACK], 10)
    finally:
        writer.close()
    assert shop.reader.row("SELECT count(*) FROM entries")[0] == 2


KILLED = """
import os, signal, sys
from pathlib import Path
from desktop.collect import collector
from desktop import scanning
from desktop.store import scan_answers
die = lambda *_given, **_named: os.kill(os.getpid(), signal.SIGKILL)
phase = sys.argv[2]
if phase == "before":  # the scan is in the file, nobody has looked at it
    real = scan_answers.waiting
    scan_answers.waiting = lambda store: die() if real(store) else []
elif phase == "within":  # the entry is written, the transaction is not over
    scan_answers.put = die
else:  # all of it is in the file
    carried = scanning.Hearing._carried
    scanning.Hearing._carried = lambda self, scan, dialogue, done: die() if done.entries else carried(
        self, scan, dialogue, done)
collector.collect(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("phase", ["before", "within", "after"])
def test_killed_between_the_scan_and_its_entry_it_is_entered_once(tmp_path: Path, phase: str) -> None:
    wires = {key: WirePort() for key in ("state", "good", "press", "carried")}
    try:
        with line(tmp_path, wires) as shop:
            child = subprocess.Popen([sys.executable, "-c", KILLED, str(shop.folder), phase], cwd=ROOT)
            try:
                shop.tells("press", ORDER)
                assert child.wait(20) == -signal.SIGKILL
            finally:
                if child.poll() is None:
                    os.kill(child.pid, signal.SIGKILL)
                    child.wait(10)
            assert shop.reader.row("SELECT count(*) FROM events WHERE kind = 'scan'")[0] == 1
            assert len(shop.entered()) == (phase == "after")
            control.ensure_collector(shop.folder)
            assert control.wait_for(lambda: len(shop.answers()) == 1, 15)
            shop.scan("press", UNDO, answered=Said.TAKEN_BACK)  # the dialogue has outlived it too
            assert shop.entered() == []
            whole = shop.reader.row("SELECT count(*) FROM entries")[0]
            assert whole == 2, "what was scanned once was entered once and taken back once"
    finally:
        for port in wires.values():
            port.close()
