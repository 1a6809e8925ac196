"""Units through eight stations of the demo line, on its wires: what the file tells of each equals the truth log."""

from __future__ import annotations

import json
import math
import shutil
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import zxingcpp

from desktop import control, demo, summaries
from desktop.demo import DemoOptions, DemoPlant
from desktop.domain import numbering
from desktop.domain.entries import Disposed, Disposition, Held
from desktop.domain.events import Thing
from desktop.domain.figures.trace import Stage
from desktop.domain.holding import Fate
from desktop.domain.identity import identify
from desktop.store import database, entries, holding, register, trace
from desktop.store.database import Store
from desktop.store.quality import quality
from desktop.summaries.labels import ProductsNow
from desktop.summaries.trace.history import trace_code
from desktop.summaries.trace.lists import made_before, recall, units_of
from drivers.simulated.demo_line import DemoLine
from drivers.simulated.machine import Story
from tests.domain.test_labels import read_zpl

RUN_S, SPEED, SEED = 24.0, 90.0, 26
ROUTE = ("PR-01", "MC-01", "WD-01", "WS-01", "AS-01", "LT-01", "VI-01", "PK-01")
EDGE_MS = (
    20_000  # so much later than it happened something may be read: 0.2 s on a computer that is busy, at this speed
)
AROUND = 2  # units before and behind a change of seals that carry both
MEASURED = {
    ("MC-01", "bore"), ("WD-01", "current"), ("AS-01", "torque"), ("LT-01", "leak"), ("PK-01", "weight"),
}  # fmt: skip


class Truth:
    """What the machines did, told by the rules of the line and by nothing of the collector."""

    def __init__(self, path: Path) -> None:
        self.visits: dict[str, list[str]] = defaultdict(list)
        self.values: dict[tuple[str, str, str], list[float]] = defaultdict(list)
        self.lots: dict[str, set[str]] = defaultdict(set)  # unit -> lots that it may hold
        self.boxes: dict[str, list[str]] = {}
        self.moves: dict[str, list[str]] = defaultdict(list)  # box -> STOCK and SHIP, as it was scanned there
        self.jobs: list[bytes] = []  # what the label printer got
        self.rejected: set[str] = set()
        self.last_rejected: set[str] = set()  # whose last value at the leak test was none
        self.seen: list[tuple[str, str, int]] = []  # unit, machine, when
        self.first_seals: list[str] = []
        in_use: dict[tuple[str, str], str] = {}
        mixed: dict[str, int] = {}  # a lot that is on its way out, and for how many units it may still be there
        assembled: list[str] = []
        waiting: list[str] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            record: dict[str, Any] = json.loads(line)
            machine, kind, signal = record["machine"], record["kind"], record.get("signal", "")
            unit, value = record.get("part", ""), record.get("value")
            assert record.get("taken", True), "somebody listens to every wire"
            if machine in ("STOCK", "SHIP"):
                self.moves[value].append(machine)
                continue
            if kind == "scan" and not unit:
                if value.startswith("BOX"):
                    self.boxes[value], waiting = waiting, []
                    continue
                self.first_seals += [value] if value.startswith("OR5521") else []
                former = in_use.get((machine, value.split("-")[0]))
                in_use[machine, value.split("-")[0]] = value
                if former is not None and value.startswith("OR5521"):
                    mixed[former] = AROUND
                    for each in list(dict.fromkeys(reversed(assembled)))[:AROUND]:
                        self.lots[each].add(value)
            elif kind == "scan" or signal == "part_id":
                self.visits[unit].append(machine)
                self.seen.append((unit, machine, record["at_ms"]))
                self.lots[unit] |= {lot for (place, _material), lot in in_use.items() if place == machine}
                if machine == "AS-01":
                    self.lots[unit] |= {lot for lot, left in mixed.items() if left}
                    mixed = {lot: left - 1 for lot, left in mixed.items() if left > 1}
                    assembled.append(unit)
                if machine == "PK-01":
                    waiting.append(unit)
            elif (machine, signal) in MEASURED:
                told = record["measure"] if kind == "judge" else value
                self.values[unit, machine, signal].append(told)
                if signal == "leak" and value != "RE":  # which is no last word
                    (self.last_rejected.discard if value == "OK" else self.last_rejected.add)(unit)
                if kind == "judge" and value in ("NG", "LO", "HI"):
                    self.rejected.add(unit)
                    waiting = [each for each in waiting if each != unit]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Truth, Store]]:
    """The line as it runs, with a lot of seals that leaks from the beginning."""
    folder = tmp_path_factory.mktemp("이력") / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            demo, "DemoLine", partial(DemoLine, story=Story(bad_lot=1, mend_s=60.0, ship_s=120.0, adjust_s=math.inf))
        )
        with DemoPlant(folder, DemoOptions(True, RUN_S, SPEED, SEED), lambda _words: None) as plant:
            plant.line._drop_at_s = math.inf  # the camera's link stays, so that every unit is seen there
            plant.begin()
            control.wait_for(lambda: bool(plant.send_back()), RUN_S)
            _now_ms, account = plant.drain(30)
            assert account.lost == 0, account.missing
            assert plant.line.gauge_good is False
            plant.tend()
            truth = Truth(folder / "truth.jsonl")
            truth.jobs += plant.line.printer.jobs
    store = database.open_reader(folder)
    yield truth, store
    store.close()


def thing(store: Store, kind: str, code: str) -> int:
    return next(known.id for known in trace.find(store, code) if known.kind == kind)


def test_there_is_something_to_trace(ran: tuple[Truth, Store]) -> None:
    truth, _store = ran
    whole = [unit for unit, visits in truth.visits.items() if visits[: len(ROUTE)] == list(ROUTE)]
    assert len(whole) >= 8
    assert {tuple(truth.moves[box]) for box in truth.boxes} >= {("STOCK",), ("STOCK", "SHIP")}
    assert any(visits.count("AS-01") == 2 for visits in truth.visits.values()), "one unit was mended"
    assert len({lot for lots in truth.lots.values() for lot in lots if lot.startswith("OR5521")}) >= 2
    assert len(truth.rejected) > 5


def test_every_unit_was_where_the_truth_has_it(ran: tuple[Truth, Store]) -> None:
    truth, store = ran
    codes = {m.id: m.code for m in register.plant(store).machines}
    for unit, visits in truth.visits.items():
        told = [codes[visit.machine] for visit in trace.visits(store, thing(store, "unit", unit))]
        assert told == visits, unit
    assert store.row("SELECT count(*) FROM units WHERE kind = 'unit'")[0] == len(truth.visits)


def test_every_value_belongs_to_its_unit(ran: tuple[Truth, Store]) -> None:
    truth, store = ran
    plant = register.plant(store)
    codes, keys = {m.id: m.code for m in plant.machines}, {s.id: s.key for s in plant.signals}
    found: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for unit in truth.visits:
        for value in trace.values(store, thing(store, "unit", unit)):
            assert value.value is not None
            found[unit, codes[value.machine or 0], keys[value.signal]].append(value.value)
    assert found.keys() == truth.values.keys()
    for key, values in truth.values.items():
        assert found[key] == pytest.approx(values, abs=1e-9), key
    assert store.row("SELECT count(*) FROM results WHERE unit_id IS NULL")[0] == 0


def test_every_lot_and_box_holds_its_units(ran: tuple[Truth, Store]) -> None:
    truth, store = ran
    for unit, lots in truth.lots.items():
        told = {edge.code for edge in trace.made_of(store, thing(store, "unit", unit)) if edge.what == "lot"}
        assert told == lots, unit
    for lot in {lot for lots in truth.lots.values() for lot in lots}:
        told = {edge.code for edge in trace.went_into(store, thing(store, "lot", lot)) if edge.what == "unit"}
        assert told == {unit for unit, lots in truth.lots.items() if lot in lots}, lot
    for box, units in truth.boxes.items():
        told = {edge.code for edge in trace.made_of(store, thing(store, "box", box)) if edge.what == "unit"}
        assert told == set(units), box


def test_printed_labels_are_those_that_were_issued_and_scanned(ran: tuple[Truth, Store]) -> None:
    """Another reader reads the dots that the printer got."""
    truth, store = ran
    printed = [scanned(label) for job in truth.jobs for label in job.splitlines(keepends=True)]
    issued = [str(code) for (code,) in store.rows("SELECT code FROM issued WHERE kind = 'box' ORDER BY id")]
    assert printed == issued
    assert store.rows("SELECT count(*), max(copy), max(fault) FROM label_prints") == [(len(issued), 1, "")]
    assert issued[: len(truth.boxes)] == list(truth.boxes), "each was stuck to a box, which was scanned"


def test_what_is_printed_for_a_unit_or_a_box_is_one_to_each_scanner_that_reads_such(ran: tuple[Truth, Store]) -> None:
    _truth, store = ran
    there = ProductsNow(store, store.clock.now_ms())
    product = there.product(there.plant.products[0])
    for kind, least in (("unit", 5), ("box", 3)):
        code = numbering.number(product.patterns[kind], product.code, there.on, product.next[kind])
        readers = [signal.classes for signal in there.plant.signals if kind in signal.classes]
        told = [identify(code, "", None, classes, there.plant, at_ms=store.clock.now_ms()) for classes in readers]
        assert len(told) >= least
        assert {(each.kind, each.code) for each in told} == {(kind, code)}
        assert kind == "box" or {each.product for each in told} == {product.id}
        assert not trace.find(store, code), "no piece was marked so"


def test_the_scanners_of_stock_and_shipping_tell_their_station(ran: tuple[Truth, Store]) -> None:
    _truth, store = ran
    found = {each.key: each for each in summaries.Live().line_now(store, store.clock.now_ms()).devices}
    told = [(each.machines, each.stations) for each in (found["stock-scanner"], found["shipping-scanner"])]
    names = {station.code: station.name for station in register.plant(store).stations}
    assert told == [((), (names["STOCK"],)), ((), (names["SHIP"],))]
    assert found["packing-scanner"].stations == ()


def scanned(label: bytes) -> str:
    """What a scanner tells of a label in ZPL."""
    width, height, _copies, marks = read_zpl(label)
    paper = np.full((height, width), 255, np.uint8)
    for x, y, stride, rows in marks:
        dots = np.unpackbits(np.frombuffer(rows, np.uint8)).reshape(-1, stride * 8)
        room = paper[y : y + len(dots), x : x + stride * 8]
        room[dots[: len(room), : room.shape[1]] == 1] = 0
    (found,) = zxingcpp.read_barcodes(paper)
    return found.text


def test_every_box_was_moved_as_the_truth_has_it(ran: tuple[Truth, Store]) -> None:
    truth, store = ran
    codes = {station.id: station.code for station in register.plant(store).stations}
    for box, units in truth.boxes.items():
        for kind, code in (("box", box), *(("unit", unit) for unit in units)):
            told = [codes[move.station] for move in trace.moves(store, thing(store, kind, code))]
            assert told == truth.moves[box], (box, code)


def test_what_was_wrong_at_a_scan_is_told(ran: tuple[Truth, Store]) -> None:
    """A unit that leaked was held, sent back, mended and found good: it was expected, and nothing else was wrong."""
    truth, store = ran
    [mended] = [unit for unit, visits in truth.visits.items() if visits.count("AS-01") == 2]
    assert store.rows("SELECT word, detail FROM events WHERE kind = 'finding'") == []
    assert mended in truth.rejected
    assert mended not in truth.last_rejected
    (hold,) = [each for each in holding.standing_holds(store) if each.said.things == (Thing("unit", mended),)]
    assert [said.what for _number, said in hold.disposals] == [Disposition.REWORK]
    told = holding.touching(store, Thing("unit", mended), store.clock.now_ms())
    assert [each.fate for each in told if each.hold == hold] == [Fate.REWORKED]


# -- drills --


def test_given_a_serial_everything(ran: tuple[Truth, Store]) -> None:
    """Its stations in their order, its values with the limits of then, and how it came out."""
    truth, store = ran
    now_ms = store.clock.now_ms()
    keys = {s.name: s.key for s in register.plant(store).signals}
    named = {c.name: keys[s.name] for c in quality(store).characteristics for s in register.plant(store).signals
             if s.id == c.signal}  # fmt: skip
    for unit, visits in truth.visits.items():
        told = trace_code(store, unit, now_ms)
        seen = [passage for passage in told.passages if passage.at_ms is not None]
        assert {passage.machine_code for passage in seen} == set(visits), unit
        assert not told.gaps, unit
        flat: dict[tuple[str, str], list[float | None]] = defaultdict(list)
        for passage in seen:
            for value in passage.values:
                flat[passage.machine_code, named.get(value.name, keys.get(value.name, ""))] += value.values
        wanted: dict[tuple[str, str], list[float]] = defaultdict(list)
        for (part, machine, key), values in truth.values.items():
            if part == unit:
                wanted[machine, key] += values
        assert {k: sorted(v) for k, v in flat.items()} == {k: sorted(v) for k, v in wanted.items()}, unit  # type: ignore[type-var]
        limited = [value for passage in seen for value in passage.values if value.name in named]
        assert all(value.limits is not None for value in limited)
        if visits[-1] == "LT-01":
            assert (told.judgement == "reject") is (unit in truth.last_rejected), unit
        assert told.product_code == "VH-204"
        assert {node.code for node in told.built.back if node.kind == "lot"} == truth.lots[unit]


def test_given_a_lot_every_unit_with_its_place(ran: tuple[Truth, Store]) -> None:
    truth, store = ran
    now_ms = store.clock.now_ms()
    box_of = {unit: box for box, units in truth.boxes.items() for unit in units}
    names = {f"{m.name} {m.code}": m.code for m in register.plant(store).machines}
    for lot in {lot for lots in truth.lots.values() for lot in lots}:
        found = units_of(store, lot, now_ms)
        assert {row.code for row in found.units} == {unit for unit, lots in truth.lots.items() if lot in lots}
        for row in found.units:
            assert row.box == box_of.get(row.code, ""), row
            moves = truth.moves.get(row.box, [])
            if not moves:
                assert (row.stage, names[row.at]) == (Stage.LINE, truth.visits[row.code][-1]), row
            else:
                assert row.stage is (Stage.SHIPPED if moves[-1] == "SHIP" else Stage.STOCK), row


def test_a_mock_recall_of_the_bad_lot_reconciles(ran: tuple[Truth, Store], tmp_path: Path) -> None:
    """Built is shipped and stock and scrap and in the line; what failed for its seal is thrown away before."""
    truth, reader = ran
    folder = tmp_path / "copy"
    shutil.copytree(reader.folder, folder, ignore=shutil.ignore_patterns("wires", "*.lock"))
    store = database.open_writer(folder)
    try:
        now_ms, bad = store.clock.now_ms(), truth.first_seals[0]
        built = {unit for unit, lots in truth.lots.items() if bad in lots}
        scrap = built & truth.last_rejected
        (held,) = entries.say(store, [Held(0, now_ms, now_ms, "leak", (Thing("lot", bad),))], now_ms, "kim")
        thrown = tuple(Thing("unit", unit) for unit in sorted(scrap))
        entries.say(store, [Disposed(0, now_ms, now_ms, held, Disposition.SCRAP, thrown)], now_ms, "kim")
        found = recall(store, "lot", bad, now_ms)
    finally:
        store.close()
    inside = {unit: truth.moves[box] for box, units in truth.boxes.items() for unit in units}
    shipped = {unit for unit in built if inside.get(unit, [])[-1:] == ["SHIP"]}
    stock = {unit for unit in built if inside.get(unit, [])[-1:] == ["STOCK"]}
    told = {stage: {row.code for row in found.units.units if row.stage is stage} for stage in Stage}
    assert told == {
        Stage.SHIPPED: shipped, Stage.STOCK: stock, Stage.SCRAP: scrap, Stage.LINE: built - shipped - stock - scrap,
    }  # fmt: skip
    assert found.doubts == ()
    assert shipped
    assert scrap


def test_a_day_reconciles(ran: tuple[Truth, Store]) -> None:
    truth, store = ran
    plant = register.plant(store)
    begun_ms = store.row("SELECT min(at_ms) FROM steps")[0]
    day = datetime.fromtimestamp(begun_ms / 1000, ZoneInfo(plant.timezone)).date().isoformat()
    found = recall(store, "day", day, store.clock.now_ms())
    assert {row.code for row in found.units.units} == set(truth.visits)
    assert sum(found.units.count(stage) for stage in Stage) == len(truth.visits)
    assert found.doubts == (), "what was read is what the last machine counted"


def test_what_was_made_before_the_last_stop(ran: tuple[Truth, Store]) -> None:
    """Of each machine, with what was measured there; the simulated line stands when it is over."""
    truth, store = ran
    now_ms, pieces = store.clock.now_ms(), 0
    for machine in register.plant(store).machines:
        found = made_before(store, machine.id, now_ms, now_ms)
        first_ms, last_ms = found.stop_ms - 1_200_000, found.stop_ms
        own = [(unit, at_ms) for unit, code, at_ms in truth.seen if code == machine.code]
        sure = {unit for unit, at_ms in own if first_ms + EDGE_MS <= at_ms < last_ms - EDGE_MS}
        near = {unit for unit, at_ms in own if first_ms - EDGE_MS <= at_ms < last_ms + EDGE_MS}
        told = {row.code for row in found.rows}
        assert sure <= told <= near, machine.code
        for row in found.rows:
            wanted = [values for (unit, code, _key), values in truth.values.items()
                      if (unit, code) == (row.code, machine.code)]  # fmt: skip
            assert sorted(v for value in row.values for v in value.values if v is not None) == sorted(
                chain.from_iterable(wanted)
            )
        pieces += len(told)
    assert pieces > 10


def test_a_gauge_that_failed_holds_what_it_measured(ran: tuple[Truth, Store], tmp_path: Path) -> None:
    """And a lot that is held holds every unit that carries it, until somebody decides."""
    truth, reader = ran
    now_ms = reader.clock.now_ms()
    leaked = {unit for unit, _machine, key in truth.values if key == "leak"}
    [hold] = [each for each in holding.standing_holds(reader) if each.is_rule]
    covered = {each.thing.code for each in holding.covers(reader, hold, now_ms) if each.thing.kind == "unit"}
    assert covered == leaked
    folder = tmp_path / "copy"
    shutil.copytree(reader.folder, folder, ignore=shutil.ignore_patterns("wires", "*.lock"))
    store = database.open_writer(folder)
    try:
        bad = truth.first_seals[0]
        entries.say(store, [Held(0, now_ms, now_ms, "leak", (Thing("lot", bad),))], now_ms, "kim")
        for unit, lots in truth.lots.items():
            held = holding.on_hold(store, Thing("unit", unit), now_ms)
            assert (held is not None) is (bad in lots or unit in leaked), unit
    finally:
        store.close()
