"""Units, lots and boxes over the stations of a line: what is linked, what is bound, and what does not pass."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import asdict

from desktop import configuration
from desktop.clock import PlantClock
from desktop.collect.filed import Filed
from desktop.collect.interpret import Interpreter
from desktop.collect.linking import Linking
from desktop.collect.memory import Memory
from desktop.collect.past import Recent
from desktop.collect.recall import from_json, recall, to_json
from desktop.domain.entries import OPEN_MS, Calibrated, Disposed, Disposition, Held, Measured, Ordered, Replaced
from desktop.domain.events import Attribute, EventKind, Thing
from desktop.domain.figures.trace import Stage
from desktop.domain.gs1 import GS
from desktop.store import database, entries, register
from desktop.store.database import KnownError
from desktop.store.journal import Batch, Journal
from desktop.store.quality import quality
from desktop.summaries.trace import lists
from desktop.summaries.trace.history import trace_code
from drivers.base import Quality as Trust
from tests.collect.example import T0, reading

LINE = r"""
format = 1
[plant]
name = "공장"
line = "1"
[[machine]]
code = "MC"
name = "CNC"
[[machine]]
code = "AS"
name = "Assembly"
[[machine]]
code = "LT"
name = "Leak test"
[[machine]]
code = "PK"
name = "Packing"
[[product]]
code = "VH"
name = "Housing"
unit_pattern = '^VH\d+$'
[[product]]
code = "XX"
name = "Other"
unit_pattern = '^XX\d+$'
[[product]]
code = "BD"
name = "Board"
unit_pattern = '^BD\d+$'
[[station]]
code = "OP10"
name = "CNC"
machine = "MC"
[[station]]
code = "OP20"
name = "Assembly"
machine = "AS"
when_wrong = "refuse"
[[station]]
code = "OP30"
name = "Leak test"
machine = "LT"
kind = "inspect"
[[station]]
code = "OP40"
name = "Packing"
machine = "PK"
kind = "pack"
[[station]]
code = "STOCK"
name = "Stock"
kind = "stock"
[[station]]
code = "SHIP"
name = "Shipping"
kind = "ship"
[[route]]
product = "VH"
stations = ["OP10", "OP20", "OP30", "OP40"]
[[route]]
product = "BD"
stations = ["OP10"]
[[station_part]]
station = "OP20"
material = "OR"
around = 2
[[station_part]]
station = "OP20"
material = "CV"
required = false
[[station_part]]
station = "OP20"
material = "BD"
product = "VH"
serial = true
required = false
[[station_part]]
station = "OP20"
material = "MT"
serial = true
required = false
[[characteristic]]
code = "LEAK"
name = "Leak"
product = "VH"
machine = "LT"
signal = "leak/value"
sampling = "hourly"
per_hour = 1
retests = 1
[[limit]]
characteristic = "LEAK"
high = 0.1
[[characteristic]]
code = "BORE"
name = "Bore"
machine = "MC"
signal = "cnc/bore"
binding = "part"
sampling = "hourly"
per_hour = 1
[[characteristic]]
code = "TORQUE"
name = "Torque"
machine = "AS"
signal = "torque/value"
sampling = "hourly"
per_hour = 1
binding = "window"
window_s = 30.0
"""
WIRE = """
[[bus]]
key = "{bus}"
port = "socket://127.0.0.1:{port}"
driver = "{driver}"
[[bus.device]]
key = "{bus}"
{device}
{signals}
"""
SIGNAL = """
[[bus.device.signal]]
key = "{key}"
role = "{role}"
{more}
"""
UNIT, LOT = r"'^(?:VH|XX)\d+$'", r"'^(OR|CV|WX|MT)-'"
DEVICES = {
    "cnc": [
        ("part", "part", 'machine = "MC"'),
        ("bore", "measure", 'machine = "MC"\nper_piece = true'),
        ("good", "good", 'machine = "MC"\ncounter = "pulse"'),
    ],
    "scan": [("code", "scan", f'machine = "AS"\nclasses = {{ unit = {UNIT}, lot = {LOT} }}')],
    "torque": [("value", "measure", 'machine = "AS"\nper_piece = true')],
    "gate": [("code", "scan", f'machine = "LT"\nclasses = {{ unit = {UNIT} }}')],
    "leak": [("value", "measure", 'machine = "LT"\nper_piece = true')],
    "pack": [
        (
            "code",
            "scan",
            f'machine = "PK"\nseparator = "~"\n'
            f"classes = {{ unit = {UNIT}, pallet = '^PL|^009', box = '^BX|^00\\d{{18}}' }}",
        )
    ],
    "spare": [("code", "scan", f"machine = \"MC\"\nclasses = {{ unit = {UNIT}, box = '^B[MX]', pallet = '^PM' }}")],
    "hand": [("code", "scan", "machine = \"PK\"\nclasses = { box = '^BX', pallet = '^PL' }")],
    "store": [("code", "scan", f"station = \"STOCK\"\nclasses = {{ unit = {UNIT}, box = '^BX', pallet = '^PL' }}")],
    "dock": [("code", "scan", f"station = \"SHIP\"\nclasses = {{ unit = {UNIT}, box = '^BX', pallet = '^PL' }}")],
}


def line_text() -> str:
    text = LINE
    for port, (bus, signals) in enumerate(DEVICES.items(), 1):
        scans = signals[0][1] == "scan"
        where = "" if scans else '\naddress = "holding:{place}"'
        told = "".join(
            SIGNAL.format(key=key, role=role, more=more + where.format(place=place))
            for place, (key, role, more) in enumerate(signals)
        )
        driver, device = ("text_line", "") if scans else ("modbus_rtu", "unit = 1")
        text += WIRE.format(bus=bus, port=port, driver=driver, device=device, signals=told)
    return text


class Floor:
    """A file and the interpreter that writes it; each word is stored before the next."""

    def __init__(self, folder: Path) -> None:
        self.store = database.create(folder, clock=PlantClock(T0, 0, 0.0))
        configuration.apply(self.store, configuration.parse(line_text()))
        self.at_ms = T0
        self.seqs: dict[str, int] = {}
        self.begin(Memory())

    def begin(self, memory: Memory) -> None:
        plant, measured = register.plant(self.store), quality(self.store)
        self.journal = Journal(self.store)
        self.recent = Recent(Filed(self.store, plant))
        self.interpreter = Interpreter(plant, memory, self.journal.next_id, quality=measured, recent=self.recent)

    def restart(self) -> None:
        self.begin(recall(self.store, register.plant(self.store), quality(self.store)))

    def say(
        self,
        device: str,
        after_ms: int = 1000,
        aim: str = "",
        *,
        trust: Trust = Trust.GOOD,
        note: str = "",
        **values: Any,
    ) -> Batch:
        batch = self.hear(device, after_ms, aim, trust=trust, note=note, **values)
        self.store_batch(batch)
        return batch

    def hear(
        self,
        device: str,
        after_ms: int = 1000,
        aim: str = "",
        *,
        trust: Trust = Trust.GOOD,
        note: str = "",
        **values: Any,
    ) -> Batch:
        """As `say`, and nothing is stored yet."""
        self.at_ms += after_ms
        self.seqs[device] = seq = self.seqs.get(device, 0) + 1
        more = {"seq": seq, "aim": aim, "quality": trust, "note": note}
        return self.interpreter.read([reading(device, k, v, self.at_ms, **more) for k, v in values.items()])

    def store_batch(self, batch: Batch) -> None:
        self.journal.commit(batch)
        self.recent.stored()

    def scan(self, device: str, code: str, after_ms: int = 1000, aim: str = "") -> Batch:
        return self.say(device, after_ms, aim, code=code)

    def attribute(self, thing: Thing, key: str, value: str) -> None:
        batch = Batch(attributes=[Attribute(self.journal.next_id(self.at_ms), thing, key, value, self.at_ms, 0)])
        self.journal.commit(batch)


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    found = Floor(tmp_path / "shop")
    yield found
    found.store.close()


def wrong(batch: Batch) -> list[tuple[str, str, str]]:
    """What was wrong: the word, what it is about, and whether it was refused."""
    return [
        (event.word, json.loads(event.detail)["about"], event.flag)
        for event in batch.events
        if event.kind is EventKind.FINDING
    ]


def links(batch: Batch) -> list[tuple[str, str, str]]:
    return [(link.kind, link.parent.code, link.child.code) for link in batch.links]


def owners(batch: Batch) -> list[str | None]:
    return [None if result.unit is None else result.unit.code for result in batch.results]


def test_a_unit_passes_its_stations_in_their_order(floor: Floor) -> None:
    assert wrong(floor.scan("scan", "OR-1")) == []
    for code in ("VH1", "VH2"):
        assert wrong(floor.say("cnc", part=code)) == []
        assert links(floor.scan("scan", code)) == [("consumed", code, "OR-1")]
        assert wrong(floor.scan("gate", code)) == []
        assert wrong(floor.scan("pack", code)) == []
    assert links(floor.scan("pack", "BX1")) == [("packed", "BX1", "VH1"), ("packed", "BX1", "VH2")]
    assert links(floor.scan("pack", "PL1")) == [("packed", "PL1", "BX1")]
    [move] = floor.scan("store", "PL1").moves
    assert (move.thing, move.kind) == (Thing("pallet", "PL1"), "stock")
    [move] = floor.scan("dock", "PL1").moves
    assert (move.thing.code, move.kind) == ("PL1", "ship")
    told = floor.store.rows("SELECT u.code, m.kind FROM moves m JOIN units u ON u.id = m.unit_id ORDER BY m.id")
    assert told == [("PL1", "stock"), ("PL1", "ship")]


def made(floor: Floor, *codes: str, say: Callable[..., Batch] | None = None) -> None:
    """Units that passed the whole line and wait for a box."""
    say = say or floor.say
    say("scan", code="OR-1")
    for code in codes:
        say("cnc", part=code)
        for device in ("scan", "gate"):
            say(device, code=code)
        say("leak", value=0.05)
        assert wrong(say("pack", code=code)) == []


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("refuses", [False, True])
def test_what_is_put_away_is_judged_as_at_any_station(floor: Floor, refuses: bool, waits: bool) -> None:
    if refuses:
        with floor.store.transaction() as db:
            db.execute("UPDATE stations SET when_wrong = 'refuse' WHERE kind IN ('stock', 'ship')")
        floor.restart()
    say: Callable[..., Batch] = floor.hear if waits else floor.say
    flag = "refused" if refuses else ""
    made(floor, "VH1", "VH2", say=say)
    say("pack", code="BX1")
    say("cnc", part="VH4")
    for device in ("store", "dock"):
        for code in ("VH777", "XX777", "BX999", "PL999"):
            batch = say(device, code=code)
            assert (wrong(batch), len(batch.moves)) == ([("not_known", "", flag)], not refuses), (device, code)
            if not refuses:
                assert wrong(say(device, code=code))[0] == ("not_known", "", flag), "to be moved is not to be made"
        assert wrong(say(device, code="VH4"))[0] == ("skipped_step", "OP20, OP30, OP40", flag)
    assert wrong(say("pack", code="BX2")) == []
    assert wrong(say("dock", code="BX2")) == [("empty_box", "", flag)]
    assert wrong(say("store", code="BX1")) == []
    batch = say("dock", code="VH1")
    assert (wrong(batch), len(batch.moves), len(batch.link_ends)) == ([("shipped_alone", "BX1", "")], 1, 1)
    batch = say("dock", code="BX1")
    assert (wrong(batch), len(batch.moves)) == ([], 1)
    for code in ("BX1", "VH2", "VH1"):
        assert wrong(say("dock", code=code)) == [("shipped_before", "", flag)]
    assert wrong(say("store", code="BX1")) == []
    assert wrong(say("dock", code="BX1")) == [], "it came back"
    if not waits:
        day = datetime.fromtimestamp(T0 / 1000, ZoneInfo("Asia/Seoul")).date().isoformat()
        strange = [each.code for each in lists.recall(floor.store, "day", day, floor.at_ms + 1).doubts]
        assert strange == ([] if refuses else ["VH777", "XX777", "BX999", "PL999"])


def test_what_came_back_is_shipped_again(floor: Floor) -> None:
    """By a word of a hold, or as a station read it."""
    made(floor, "VH1", "VH2")
    floor.scan("pack", "BX1")
    assert wrong(floor.scan("dock", "BX1")) == []
    floor.at_ms += 1000
    held = Held(0, floor.at_ms, floor.at_ms, "claim", (Thing("box", "BX1"),))
    (number,) = entries.say(floor.store, [held], floor.at_ms)
    floor.at_ms += 1000
    entries.say(
        floor.store,
        [Disposed(0, floor.at_ms, floor.at_ms, number, Disposition.RELEASE, (Thing("box", "BX1"),))],
        floor.at_ms,
    )
    assert wrong(floor.scan("dock", "BX1")) == []
    assert wrong(floor.scan("dock", "BX1")) == [("shipped_before", "", "")]
    floor.scan("gate", "VH1")
    assert wrong(floor.scan("dock", "VH1")) == [("shipped_alone", "BX1", "")], "a station read it again"
    assert wrong(floor.scan("dock", "VH2")) == [("shipped_before", "", "")]


def test_where_nothing_is_read_before_whatever_is_put_away_is_known(floor: Floor) -> None:
    with floor.store.transaction() as db:
        db.execute("DELETE FROM route_steps")
        db.execute("UPDATE stations SET place = 9 WHERE machine_id IS NOT NULL")
    floor.restart()
    for code in ("VH777", "BX999", "PL999"):
        assert [wrong(floor.scan(device, code)) for device in ("store", "dock")] == [[], []]
    assert wrong(floor.scan("dock", "BX999")) == [("shipped_before", "", "")]


def test_what_is_read_at_a_shipping_station_with_a_machine_is_shipped(floor: Floor) -> None:
    with floor.store.transaction() as db:
        db.execute("UPDATE stations SET kind = 'ship' WHERE code = 'OP40'")
    floor.restart()
    floor.scan("scan", "OR-1")
    floor.say("cnc", part="VH1")
    floor.scan("scan", "VH1")
    floor.scan("gate", "VH1")
    shipped = [floor.scan("pack", code) for code in ("VH1", "BX1")]
    moved = [(move.thing.code, move.kind) for batch in shipped for move in batch.moves]
    assert moved == [("VH1", "ship"), ("BX1", "ship")]
    assert [len(batch.steps) for batch in shipped] == [1, 1]
    [unit] = lists.recall(floor.store, "lot", "OR-1", floor.at_ms + 1).units.units
    assert unit.stage is Stage.SHIPPED
    held = Held(0, floor.at_ms, floor.at_ms, "leaks", (Thing("unit", "VH1"),))
    entries.say(floor.store, [held], floor.at_ms)
    batch = floor.scan("pack", "VH1")
    assert (wrong(batch), batch.moves) == ([("on_hold", "leaks", "refused")], [])


@pytest.mark.parametrize("anew", [False, True])
def test_a_serial_that_begins_twice_is_refused(floor: Floor, anew: bool) -> None:
    floor.scan("scan", "OR-1")
    floor.say("cnc", part="VH1")
    assert wrong(floor.say("cnc", part="")) == []
    floor.say("cnc", part="VH2")
    if anew:
        floor.restart()
    batch = floor.say("cnc", part="VH1", bore=25.0)
    assert wrong(batch) == [("duplicate_serial", "", "refused")]
    assert (batch.steps, owners(batch)) == ([], [None]), "nothing of it is bound to the first one, nor to VH2"
    if anew:
        floor.restart()
    assert owners(floor.say("cnc", bore=25.0)) == [None]
    assert [e.word for e in batch.events if e.kind is EventKind.PART] == ["VH1"], "what was read is kept"


@pytest.mark.parametrize("anew", [False, True])
def test_a_part_id_that_is_gone_for_a_moment_is_the_same_unit(floor: Floor, anew: bool) -> None:
    floor.say("cnc", part="VH1")
    floor.say("cnc", part="")
    if anew:
        floor.restart()
    batch = floor.say("cnc", part="VH1", bore=25.0)
    assert (wrong(batch), owners(batch)) == ([], ["VH1"])
    floor.say("cnc", part="")
    floor.say("cnc", part="VH2")
    floor.say("cnc", part="")
    floor.say("cnc", part="VH1")  # refused, as VH2 was there in between
    floor.say("cnc", part="")
    if anew:
        floor.restart()
    assert wrong(floor.say("cnc", part="VH2")) == [("duplicate_serial", "", "refused")], "VH1 was there in between"


@pytest.mark.parametrize("anew", [False, True])
def test_a_serial_that_is_marked_on_piece_after_piece_is_refused(floor: Floor, anew: bool) -> None:
    """A marker that does not go on: each piece is counted, and each has the number of the one before."""
    said = []
    floor.say("cnc", good=0)
    for part in ("VH1", "", "VH1", "", "VH1", "", "VH2"):
        said.append(wrong(floor.say("cnc", part=part)))
        if part and len(said) > 1:  # the first time it was but gone for a moment
            floor.say("cnc", good=1)
            floor.say("cnc", good=0)
        if anew:
            floor.restart()
    assert said == [[], [], [], [], [("duplicate_serial", "", "refused")], [], []]


def test_a_serial_that_is_scanned_behind_two_pieces_is_refused_where_units_begin(floor: Floor) -> None:
    with floor.store.transaction() as db:
        db.execute("UPDATE signals SET machine_id = (SELECT id FROM machines WHERE code = 'AS') WHERE key = 'good'")
        db.execute("DELETE FROM route_steps WHERE station_id = (SELECT id FROM stations WHERE code = 'OP10')")
    floor.restart()
    floor.scan("scan", "OR-1")
    floor.say("cnc", good=0)
    said = []
    for _piece in range(3):
        said.append(wrong(floor.scan("scan", "VH1")))
        floor.say("cnc", good=1)
        floor.say("cnc", good=0)
    assert said == [[], [], [("duplicate_serial", "", "refused")]]


def test_a_skipped_step_is_refused_where_the_station_says_so(floor: Floor) -> None:
    floor.scan("scan", "OR-1")
    floor.say("cnc", part="VH1")
    batch = floor.scan("scan", "VH9")
    assert wrong(batch) == [("skipped_step", "OP10", "refused")]
    assert (batch.steps, batch.links) == ([], [])
    batch = floor.scan("gate", "VH1")  # flagged there, and goes on
    assert wrong(batch) == [("skipped_step", "OP20", "")]
    assert len(batch.steps) == 1
    assert wrong(floor.scan("pack", "XX1")) == [], "a product without a route is not judged by one"


def test_a_unit_that_comes_again_is_flagged_but_not_one_that_is_read_twice(floor: Floor) -> None:
    floor.scan("scan", "OR-1")
    for code in ("VH1", "VH2"):
        floor.say("cnc", part=code)
        floor.scan("scan", code)
    assert wrong(floor.scan("scan", "VH2")) == []
    assert wrong(floor.scan("scan", "VH1")) == [("passed_before", "", "")]


def test_lots_that_must_not_be_there(floor: Floor) -> None:
    assert wrong(floor.scan("scan", "WX-1")) == [("wrong_part", "WX", "refused")]
    floor.attribute(Thing("lot", "OR-1"), "expiry", "2025-11-18")  # plant time is the 19th
    floor.attribute(Thing("lot", "OR-2"), "expiry", "2025-11-19")
    assert wrong(floor.scan("scan", "OR-1")) == [("expired_lot", "2025-11-18", "refused")]
    floor.say("cnc", part="VH1")
    batch = floor.scan("scan", "VH1")
    assert wrong(batch) == [("no_part", "OR", "")]
    assert batch.links == []
    assert wrong(floor.scan("scan", "OR-2")) == [], "its last day"
    floor.say("cnc", 24 * 3_600_000, part="VH2")
    assert wrong(floor.scan("scan", "VH2")) == [("expired_lot", "2025-11-19", "refused")], "it ran out in the hopper"


def test_units_around_a_change_of_lot_carry_both(floor: Floor) -> None:
    found = []
    floor.scan("scan", "OR-1")
    for n in range(1, 8):
        floor.say("cnc", part=f"VH{n}")
        if n == 4:
            found += links(floor.scan("scan", "OR-2"))
        found += links(floor.scan("scan", f"VH{n}"))
    consumed = {unit: lot for kind, unit, lot in found if kind == "consumed"}
    assert consumed == {
        **dict.fromkeys(("VH1", "VH2", "VH3"), "OR-1"),
        **dict.fromkeys(("VH4", "VH5", "VH6", "VH7"), "OR-2"),
    }
    around = [(unit, lot) for kind, unit, lot in found if kind == "around"]
    assert around == [("VH2", "OR-2"), ("VH3", "OR-2"), ("VH4", "OR-1"), ("VH5", "OR-1")]


@pytest.mark.parametrize("anew", [False, True])
def test_two_changes_of_lot_close_together_leave_three_in_the_hopper(floor: Floor, anew: bool) -> None:
    found = []
    for n, lot in ((1, "OR-1"), (2, ""), (3, "OR-2"), (4, "OR-3"), (5, ""), (6, "")):
        floor.say("cnc", part=f"VH{n}")
        if lot:
            found += links(floor.scan("scan", lot))
        if anew:
            floor.restart()
        found += links(floor.scan("scan", f"VH{n}"))
    carries = {f"VH{n}": {lot for _kind, unit, lot in found if unit == f"VH{n}"} for n in range(1, 7)}
    assert carries == {
        "VH1": {"OR-1", "OR-2"}, "VH2": {"OR-1", "OR-2", "OR-3"}, "VH3": {"OR-2", "OR-1", "OR-3"},
        "VH4": {"OR-3", "OR-1", "OR-2"}, "VH5": {"OR-3", "OR-2"}, "VH6": {"OR-3"},
    }  # fmt: skip


@pytest.mark.parametrize("anew", [False, True])
def test_a_lot_of_which_no_piece_was_made_takes_nothing_away(floor: Floor, anew: bool) -> None:
    floor.scan("scan", "OR-1")
    floor.scan("scan", "OR-2")
    floor.scan("scan", "OR-3")
    found = []
    for n in range(1, 4):
        if anew:
            floor.restart()
        floor.say("cnc", part=f"VH{n}")
        found.append({lot for _kind, _unit, lot in links(floor.scan("scan", f"VH{n}"))})
    assert found == [{"OR-1", "OR-2", "OR-3"}, {"OR-1", "OR-2", "OR-3"}, {"OR-3"}]
    floor.scan("scan", "OR-2")
    floor.scan("scan", "OR-3")  # back again: it is not what was there before
    floor.say("cnc", part="VH4")
    told = links(floor.scan("scan", "VH4"))
    assert [each for each in told if each[2] == "OR-3"] == [("consumed", "VH4", "OR-3")]


def boards(floor: Floor, *codes: str, asked: bool = True) -> None:
    """Boards and housings that are through with their first station; whether housings need a board."""
    with floor.store.transaction() as db:
        db.execute("UPDATE station_parts SET required = ? WHERE material = 'BD'", (asked,))
        db.execute("UPDATE station_parts SET required = 0 WHERE material = 'OR'")
    floor.restart()
    for code in codes:
        floor.say("cnc", part=code)


@pytest.mark.parametrize("anew", [False, True])
def test_a_board_goes_into_the_housing_that_is_read_behind_it_and_into_no_other(floor: Floor, anew: bool) -> None:
    boards(floor, "BD1", "VH1", "VH2", "VH3")
    batch = floor.scan("scan", "BD1")
    assert (wrong(batch), batch.links, batch.steps) == ([], [], [])
    if anew:
        floor.restart()
    batch = floor.scan("scan", "VH1")
    assert (wrong(batch), links(batch)) == ([], [("consumed", "VH1", "BD1")])
    [link] = batch.links
    assert (link.parent.kind, link.child.kind) == ("unit", "unit")
    if anew:
        floor.restart()
    batch = floor.scan("scan", "VH1")
    assert (wrong(batch), links(batch)) == ([], []), "read once more it has its board"
    assert wrong(floor.scan("scan", "BD1")) == [], "nor is the board another one that is read once more"
    batch = floor.scan("scan", "VH2")
    assert (wrong(batch), links(batch)) == ([("no_part", "BD", "")], [])
    batch = floor.scan("scan", "BD1")
    assert wrong(batch) == [("used_part", "VH1", "refused")]
    if anew:
        floor.restart()
    batch = floor.scan("scan", "VH3")
    assert (wrong(batch), links(batch)) == ([("no_part", "BD", "")], [])
    assert owners(floor.say("torque", value=1.0)) == ["VH3"]


@pytest.mark.parametrize("anew", [False, True])
def test_a_board_that_is_read_behind_its_housing_goes_into_it(floor: Floor, anew: bool) -> None:
    boards(floor, "BD1", "BD2", "VH1", "VH2")
    told = []
    for code in ("VH1", "BD1", "BD2", "VH2"):
        batch = floor.scan("scan", code)
        told.append((wrong(batch), links(batch)))
        if anew:
            floor.restart()
    assert told == [
        ([("no_part", "BD", "")], []),
        ([], [("consumed", "VH1", "BD1")]),
        ([], []),  # it waits for the next one, as that one has its board
        ([], [("consumed", "VH2", "BD2")]),
    ]


@pytest.mark.parametrize("anew", [False, True])
def test_a_board_that_is_always_read_behind_its_housing_is_missed_when_the_next_comes(floor: Floor, anew: bool) -> None:
    with floor.store.transaction() as db:
        db.execute("UPDATE station_parts SET scanned = 'after' WHERE material = 'BD'")
    boards(floor, "BD1", "BD2", "BD3", "VH1", "VH2", "VH3", "VH4")
    told = []
    for code in ("VH1", "BD1", "VH2", "VH2", "VH3", "BD2", "BD3", "VH4"):
        batch = floor.scan("scan", code)
        of = [json.loads(event.detail)["code"] for event in batch.events if event.kind is EventKind.FINDING]
        told.append((list(zip(of, wrong(batch), strict=True)), links(batch)))
        if anew:
            floor.restart()
    assert told == [
        ([], []),
        ([], [("consumed", "VH1", "BD1")]),
        ([], []),
        ([], []),
        ([("VH2", ("no_part", "BD", ""))], []),
        ([], [("consumed", "VH3", "BD2")]),
        ([], []),
        ([], [("consumed", "VH4", "BD3")]),
    ]


@pytest.mark.parametrize("anew", [False, True])
def test_a_board_waits_for_the_next_unit_alone_and_the_last_one_that_was_read_does(floor: Floor, anew: bool) -> None:
    boards(floor, "BD1", "BD2", "BD3", "VH1", "VH2", "XX1", "VH3")
    told = []
    for code in ("BD1", "BD2", "VH1", "BD3", "XX1", "VH2", "BD1"):
        told.append(links(floor.scan("scan", code)))
        if anew:
            floor.restart()
    assert told == [[], [], [("consumed", "VH1", "BD2")], [], [], [], [("consumed", "VH2", "BD1")]]
    assert wrong(floor.scan("scan", "BD3")) == [], "it is in none yet"


@pytest.mark.parametrize("anew", [False, True])
def test_a_housing_that_is_refused_leaves_the_board_where_it_is(floor: Floor, anew: bool) -> None:
    boards(floor, "BD1", "VH1")
    floor.scan("scan", "BD1")
    batch = floor.scan("scan", "VH9")
    assert (wrong(batch), batch.links) == ([("skipped_step", "OP10", "refused")], [])
    if anew:
        floor.restart()
    assert links(floor.scan("scan", "VH1")) == [("consumed", "VH1", "BD1")]


def test_a_board_that_must_not_be_built_in_is_refused(floor: Floor) -> None:
    boards(floor, "BD1", "BD3", "VH1", asked=False)
    floor.scan("scan", "VH1")
    held = Held(0, floor.at_ms, floor.at_ms, "cold joint", (Thing("unit", "BD1"),))
    entries.say(floor.store, [held], floor.at_ms)
    assert wrong(floor.scan("scan", "BD1")) == [("on_hold", "cold joint", "refused")]
    assert wrong(floor.scan("scan", "BD2")) == [("skipped_step", "OP10", "refused")]
    floor.attribute(Thing("unit", "MT-1"), "expiry", "2025-11-18")
    assert wrong(floor.scan("scan", "MT-1")) == [("expired_lot", "2025-11-18", "refused")]
    assert owners(floor.say("torque", value=1.0)) == ["VH1"], "the housing is still there"
    assert links(floor.scan("scan", "BD3")) == [("consumed", "VH1", "BD3")]


def test_a_board_that_was_found_bad_is_not_built_in(floor: Floor) -> None:
    with floor.store.transaction() as db:
        db.execute(
            "INSERT INTO characteristic_limits (characteristic_id, valid_from_ms, low, high)"
            " SELECT id, 0, 20, 24 FROM characteristics WHERE code = 'BORE'"
        )
    boards(floor, "VH1", "BD1", asked=False)
    floor.say("cnc", bore=25.0)
    assert wrong(floor.scan("scan", "BD1")) == [("failed_before", "OP10", "refused")]


def test_a_board_that_is_refused_where_boxes_are_filled_is_in_none_of_them(floor: Floor) -> None:
    with floor.store.transaction() as db:
        db.execute("UPDATE station_parts SET station_id = (SELECT id FROM stations WHERE code = 'OP40')")
        db.execute("UPDATE stations SET when_wrong = iif(code = 'OP40', 'refuse', 'flag')")
    boards(floor, "BD1", "VH1", asked=False)
    entries.say(floor.store, [Held(0, floor.at_ms, floor.at_ms, "cold", (Thing("unit", "BD1"),))], floor.at_ms)
    for device in ("scan", "gate", "pack"):
        floor.scan(device, "VH1")
    assert wrong(floor.scan("pack", "BD1")) == [("on_hold", "cold", "refused")]
    assert links(floor.scan("pack", "BX1")) == [("packed", "BX1", "VH1")]
    assert trace_code(floor.store, "BX1", floor.at_ms + 1).doubts == ()


@pytest.mark.parametrize("material", ["BD", "08801234567893"])
@pytest.mark.parametrize("anew", [False, True])
def test_a_part_is_known_by_the_gtin_of_its_label(floor: Floor, material: str, anew: bool) -> None:
    """The material is the item no. of the part, or its GTIN where the register has no such product."""
    with floor.store.transaction() as db:
        db.execute("UPDATE products SET gtin = ? WHERE code = ?", (GTIN, material))
        db.execute("UPDATE station_parts SET material = ? WHERE material = 'BD'", (material,))
        db.execute("DELETE FROM route_steps WHERE product_id = (SELECT id FROM products WHERE code = 'BD')")
    boards(floor, "VH1", "VH2", asked=False)
    told = []
    for aim, code in (("]d2", f"01{GTIN}21S1"), ("", "VH1"), ("", "VH2"), ("]d2", f"01{GTIN}21S2")):
        told.append(links(floor.scan("scan", code, aim=aim)))
        if anew:
            floor.restart()
    assert told == [[], [("consumed", "VH1", "S1")], [], [("consumed", "VH2", "S2")]]


@pytest.mark.parametrize("code", ["8801234567893", "(01)08801234567893(10)L7"])
def test_a_label_without_a_serial_is_no_part_of_its_own(floor: Floor, code: str) -> None:
    """It names the product of the boards and no piece: every board would be the same one."""
    with floor.store.transaction() as db:
        db.execute("UPDATE products SET gtin = '08801234567893' WHERE code = 'BD'")
        db.execute("UPDATE signals SET classes = json_set(classes, '$.lot', '^(OR)-|^88')")
    boards(floor, "VH1", "VH2")
    aim, body = ("]d2", code.replace("(01)", "01").replace("(10)", "10")) if "(" in code else ("", code)
    batch = floor.scan("scan", body, aim=aim)
    assert [(word, flag) for word, _about, flag in wrong(batch)] == [("wrong_part", "refused")]
    assert [event.detail for event in batch.events if event.kind is EventKind.SCAN] == ["lot"]
    assert [wrong(floor.scan("scan", each)) for each in ("VH1", "VH2")] == [[("no_part", "BD", "")]] * 2


def test_a_board_that_is_held_while_it_waits_holds_its_housing_back(floor: Floor) -> None:
    boards(floor, "BD1", "VH1")
    floor.scan("scan", "BD1")
    entries.say(floor.store, [Held(0, floor.at_ms, floor.at_ms, "cold", (Thing("unit", "BD1"),))], floor.at_ms)
    batch = floor.scan("scan", "VH1")
    assert (wrong(batch), batch.links) == ([("on_hold", "BD1 · cold", "refused")], [])


@pytest.mark.parametrize("anew", [False, True])
def test_a_part_bought_in_is_a_unit_by_what_its_scanner_names(floor: Floor, anew: bool) -> None:
    """No product of the register, no station that it passed: the pattern of the scanner says that it is a motor."""
    boards(floor, "VH1", "VH2", asked=False)
    floor.scan("scan", "MT-1")
    if anew:
        floor.restart()
    assert links(floor.scan("scan", "VH1")) == [("consumed", "VH1", "MT-1")]
    if anew:
        floor.restart()
    assert links(floor.scan("scan", "VH2")) == []
    assert floor.store.rows("SELECT kind FROM units WHERE code = 'MT-1'") == [("unit",)]


@pytest.mark.parametrize("waits", [False, True])
def test_a_board_in_another_unit_is_flagged_and_then_in_the_new_one_alone(floor: Floor, waits: bool) -> None:
    boards(floor, "BD1", "VH1", "VH2")
    with floor.store.transaction() as db:
        db.execute("UPDATE stations SET when_wrong = 'flag'")
    floor.restart()
    told = []
    batches = []
    for code in ("BD1", "VH1", "VH2", "BD1"):
        batches.append(floor.hear("scan", code=code))
        told.append(wrong(batches[-1]))
        if not waits:
            floor.store_batch(batches.pop())
    for batch in batches:
        floor.store_batch(batch)
    assert told == [[], [], [("no_part", "BD", "")], [("used_part", "VH1", "")]]
    sql = (
        "SELECT p.code, EXISTS (SELECT 1 FROM link_ends WHERE link_id = l.id) FROM links l JOIN units p"
        " ON p.id = l.parent_id JOIN units c ON c.id = l.child_id WHERE c.code = 'BD1' ORDER BY l.id"
    )
    assert floor.store.rows(sql) == [("VH1", 1), ("VH2", 0)]


def test_a_board_that_was_taken_out_by_hand_may_go_into_another_unit(floor: Floor) -> None:
    boards(floor, "BD1", "BD2", "BD3", "VH1", "VH2")
    for code in ("BD1", "VH1"):
        floor.scan("scan", code)
    unit, old, new = (Thing("unit", code) for code in ("VH1", "BD1", "BD2"))
    entries.say(floor.store, [Replaced(0, floor.at_ms, floor.at_ms, unit, old, new)], floor.at_ms)
    assert Linking(floor.store, floor.journal).step()
    floor.scan("scan", "VH2")
    assert wrong(floor.scan("scan", "BD2")) == [("used_part", "VH1", "refused")]
    batch = floor.scan("scan", "BD1")
    assert (wrong(batch), links(batch)) == ([], [("consumed", "VH2", "BD1")])


def test_what_a_board_is_made_of_is_found_in_its_housing_and_holds_it(floor: Floor) -> None:
    with floor.store.transaction() as db:
        db.execute(
            "UPDATE signals SET classes = json_object('lot', '^(CAP)-')"
            " WHERE device_id = (SELECT id FROM devices WHERE key = 'spare')"
        )
    floor.restart()
    floor.scan("spare", "CAP-BAD")
    boards(floor, "BD1")
    floor.scan("spare", "CAP-2")
    boards(floor, "VH1", "BD2", "VH2")
    for code in ("BD1", "VH1", "VH2", "BD2"):
        floor.scan("scan", code)
    for code in ("VH1", "BX1"):
        floor.scan("pack", code)
    floor.scan("dock", "BX1")
    found = lists.recall(floor.store, "lot", "CAP-BAD", floor.at_ms + 1)
    assert [(row.code, row.stage) for row in found.units.units] == [("VH1", Stage.SHIPPED)]
    board = trace_code(floor.store, "BD1", floor.at_ms + 1)
    assert (board.stage, [node.code for node in board.now.ahead]) == (Stage.SHIPPED, ["VH1", "BX1"])
    assert trace_code(floor.store, "BD2", floor.at_ms + 1).stage is Stage.LINE
    entries.say(floor.store, [Held(0, floor.at_ms, floor.at_ms, "crack", (Thing("lot", "CAP-BAD"),))], floor.at_ms)
    assert wrong(floor.scan("gate", "VH1")) == [("on_hold", "CAP-BAD · crack", "")]
    assert wrong(floor.scan("gate", "VH2")) == []


@pytest.mark.parametrize("anew", [False, True])
def test_pieces_and_boxes_may_be_read_by_two_readers(floor: Floor, anew: bool) -> None:
    with floor.store.transaction() as db:
        db.execute(
            "UPDATE signals SET classes = json_object('unit', '^VH')"
            " WHERE device_id = (SELECT id FROM devices WHERE key = 'pack')"
        )
    floor.restart()
    for code in ("VH1", "VH2"):
        floor.scan("pack", code)
        if anew:
            floor.restart()
    assert links(floor.scan("hand", "BX1")) == [("packed", "BX1", "VH1"), ("packed", "BX1", "VH2")]
    if anew:
        floor.restart()
    assert links(floor.scan("hand", "PL1")) == [("packed", "PL1", "BX1")]


@pytest.mark.parametrize("anew", [False, True])
def test_a_piece_that_was_taken_back_from_the_packing_place_goes_into_no_box(floor: Floor, anew: bool) -> None:
    for code in ("VH1", "VH2", "VH3"):
        floor.scan("pack", code)
    floor.scan("gate", "VH1")
    if anew:
        floor.restart()
    floor.scan("gate", "VH2")
    floor.scan("pack", "VH2")
    if anew:
        floor.restart()
    assert links(floor.scan("pack", "BX1")) == [("packed", "BX1", "VH3"), ("packed", "BX1", "VH2")]


@pytest.mark.parametrize("anew", [False, True])
def test_what_was_packed_at_one_place_waits_at_no_other(floor: Floor, anew: bool) -> None:
    with floor.store.transaction() as db:
        db.execute("UPDATE signals SET classes = json_object('unit', '^VH', 'box', '^BX') WHERE key = 'code'")
    floor.restart()
    for device in ("gate", "pack"):
        for code in ("VH1", "VH2"):
            floor.scan(device, code)
        floor.scan("gate", "VH3")
    assert [code for _kind, _box, code in links(floor.scan("pack", "BX1"))] == ["VH1", "VH2"]
    if anew:
        floor.restart()
    batch = floor.scan("gate", "BX2")
    assert (wrong(batch), links(batch)) == ([], [("packed", "BX2", "VH3")])


@pytest.mark.parametrize("anew", [False, True])
def test_a_code_that_is_nothing_is_told_and_what_is_measured_then_belongs_to_nothing(floor: Floor, anew: bool) -> None:
    floor.say("cnc", part="VH1")
    for device in ("scan", "gate"):
        floor.scan(device, "VH1")
    assert wrong(floor.scan("gate", "VH2#?")) == [("unknown_code", "", "")]
    if anew:
        floor.restart()
    assert owners(floor.say("leak", value=0.05)) == [None], "it may be that of the next piece, whose label is damaged"
    assert wrong(floor.scan("gate", "VH1")) == [], "the piece that was there is no other one"
    if anew:
        floor.restart()
    assert owners(floor.say("leak", value=0.05)) == ["VH1"]
    assert wrong(floor.scan("scan", "ZZ-4711")) == [("unknown_code", "", "refused")]
    with pytest.raises(KnownError, match=r'"VH2#\?" was read at Leak test on .*, but it is no unit, lot or box'):
        trace_code(floor.store, "VH2#?", floor.at_ms)


def test_one_scan_binds_one_value(floor: Floor) -> None:
    floor.say("cnc", part="VH1")
    floor.scan("gate", "VH1")
    batch = floor.say("leak", value=0.05)
    assert owners(batch) == ["VH1"]
    assert batch.results[0].judgement == "good"
    assert owners(floor.say("leak", value=0.05)) == [None], "whose it is nobody said"
    floor.restart()
    assert owners(floor.say("leak", value=0.05)) == [None]
    floor.scan("gate", "VH1")
    batch = floor.say("leak", value=0.2)
    assert (owners(batch), batch.results[0].judgement, wrong(batch)) == (["VH1"], "reject", [])
    floor.scan("gate", "VH1")
    batch = floor.say("leak", value=0.05)
    assert owners(batch) == ["VH1"]
    assert wrong(batch) == [("too_many_tests", "3", "")], "retest until it is good does not pass unseen"


@pytest.mark.parametrize("anew", [False, True])
@pytest.mark.parametrize(
    ("value", "trust", "note", "told"),
    [
        ("OL", Trust.GOOD, "", "OL"),
        (None, Trust.BAD, "overload", "overload"),
        (0.02, Trust.UNCERTAIN, "unstable", "0.02 (unstable)"),
        (0.9453, Trust.UNCERTAIN, "unit", "0.9453 (unit)"),
        (0.02, Trust.UNCERTAIN, "", "0.02 (uncertain)"),
        (-1, Trust.GOOD, "", ""),
        (9999, Trust.GOOD, "", ""),
    ],
)
def test_what_is_no_value_is_kept_and_the_value_to_come_is_the_units(
    floor: Floor, value: Any, trust: Trust, note: str, told: str, anew: bool
) -> None:
    floor.say("cnc", part="VH1")
    for device in ("scan", "gate"):
        floor.scan(device, "VH1")
    for _time in range(3):
        batch = floor.say("leak", trust=trust, note=note, value=value)
        [result] = batch.results
        assert (owners(batch), result.judgement, result.word, wrong(batch)) == (["VH1"], "", told, [])
        assert (result.value is None) == bool(told)
        if anew:
            floor.restart()
    batch = floor.say("leak", value=0.05)
    assert (owners(batch), batch.results[0].judgement, wrong(batch)) == (["VH1"], "good", [])
    assert owners(floor.say("leak", value=0.05)) == [None], "one scan binds one value"
    assert wrong(floor.scan("pack", "VH1")) == []
    found = trace_code(floor.store, "VH1", floor.at_ms)
    assert (found.judgement, found.passages[2].judgement, found.retests) == ("good", "good", 0)


def test_a_retest_too_many_is_refused_where_the_station_refuses_and_not_of_what_was_mended(floor: Floor) -> None:
    with floor.store.transaction() as db:
        db.execute("UPDATE stations SET when_wrong = 'refuse' WHERE code = 'OP30'")
        db.execute("DELETE FROM route_steps")
    floor.restart()
    said = []
    for _try in range(3):
        floor.scan("gate", "VH1")
        said += wrong(floor.say("leak", value=0.2))
    assert said == [("too_many_tests", "3", "refused")]
    hold = Held(0, floor.at_ms, floor.at_ms, "leak", (Thing("unit", "VH1"),))
    (number,) = entries.say(floor.store, [hold], floor.at_ms)
    back = Disposed(0, floor.at_ms, floor.at_ms, number, Disposition.REWORK, (Thing("unit", "VH1"),))
    entries.say(floor.store, [back], floor.at_ms)
    floor.scan("gate", "VH1")
    assert wrong(floor.say("leak", value=0.05)) == [], "it has to be inspected again"


def test_a_part_id_binds_every_value_while_it_is_told(floor: Floor) -> None:
    floor.say("cnc", part="VH1")
    assert owners(floor.say("cnc", bore=25.0)) == owners(floor.say("cnc", bore=25.1)) == ["VH1"]
    floor.say("cnc", part="")
    assert owners(floor.say("cnc", bore=25.0)) == [None]


@pytest.mark.parametrize("anew", [False, True])
def test_a_gauge_that_is_overdue_refuses_values_and_not_the_unit(floor: Floor, anew: bool) -> None:
    gauge = {"name": "Bore gauge", "interval_days": 365, "when_due": "refuse", "place": 1}
    with floor.store.transaction() as db:
        register.upsert(db, "gauges", {"code": "G1"}, gauge)
        db.execute("UPDATE characteristics SET gauge_id = (SELECT id FROM gauges) WHERE code = 'BORE'")
    failed = Calibrated(0, floor.at_ms - 1, OPEN_MS, quality(floor.store).gauges[0].id, good=False)
    entries.say(floor.store, [failed], floor.at_ms)
    floor.restart()
    floor.say("cnc", part="VH1")
    batch = floor.say("cnc", bore=25.0)
    assert [(word, flag) for word, _since, flag in wrong(batch)] == [("gauge_due", "refused")]
    if anew:
        floor.restart()
    assert owners(floor.say("cnc", bore=25.1)) == ["VH1"]


@pytest.mark.parametrize("anew", [False, True])
def test_what_a_refused_gauge_measures_counts_for_nothing(floor: Floor, anew: bool) -> None:
    gauge = {"name": "Leak gauge", "interval_days": 365, "when_due": "refuse", "place": 1}
    with floor.store.transaction() as db:
        register.upsert(db, "gauges", {"code": "G1"}, gauge)
        db.execute("UPDATE characteristics SET gauge_id = (SELECT id FROM gauges) WHERE code = 'LEAK'")
    floor.restart()
    floor.say("cnc", part="VH1")
    for device in ("scan", "gate"):
        floor.scan(device, "VH1")
    for _time in range(3):
        batch = floor.say("leak", value=0.5)
        assert wrong(batch) == [("gauge_unknown", "", "refused")]
        assert (owners(batch), batch.results[0].judgement) == (["VH1"], "")
        if anew:
            floor.restart()
    assert trace_code(floor.store, "VH1", floor.at_ms).judgement == ""
    floor.at_ms += 1000
    calibrated = Calibrated(0, floor.at_ms, floor.at_ms + 10**10, quality(floor.store).gauges[0].id, good=True)
    entries.say(floor.store, [calibrated], floor.at_ms)
    batch = floor.say("leak", value=0.05)
    assert (owners(batch), wrong(batch), batch.results[0].judgement) == (["VH1"], [], "good")
    assert wrong(floor.scan("pack", "VH1")) == []


def test_a_scan_that_is_too_old_binds_nothing(floor: Floor) -> None:
    floor.scan("scan", "OR-1")
    floor.say("cnc", part="VH1")
    floor.scan("scan", "VH1")
    assert owners(floor.say("torque", 31_000, value=12.0)) == [None]
    floor.scan("scan", "VH1")
    assert owners(floor.say("torque", 30_000, value=12.0)) == ["VH1"]


def test_which_product_follows_from_the_order_where_the_serial_does_not_tell(floor: Floor) -> None:
    seen = [wrong(floor.scan("pack", "XX5"))]
    plant = register.plant(floor.store)
    ordered = Ordered(4, floor.at_ms, OPEN_MS, "WO-1", plant.products[0].id, 10)
    entries.say(floor.store, [ordered], floor.at_ms)
    with floor.store.transaction() as db:
        register.upsert(db, "products", {"code": "XX"}, {"name": "Other", "unit_pattern": "", "retired_at_ms": None})
    floor.restart()
    seen.append(wrong(floor.scan("pack", "XX6")))
    assert seen == [[], [("skipped_step", "OP10, OP20, OP30", "")]]


@pytest.mark.parametrize("anew", [False, True])
def test_a_unit_stays_the_product_of_its_first_order(floor: Floor, anew: bool) -> None:
    with floor.store.transaction() as db:
        db.execute("UPDATE products SET unit_pattern = ''")
    floor.restart()
    products = {product.code: product.id for product in register.plant(floor.store).products}
    for code, at_ms in (("VH", floor.at_ms), ("XX", floor.at_ms + 10_000)):
        runs = [Ordered(machine, at_ms, OPEN_MS, code, products[code]) for machine in (1, 2, 3)]
        entries.say(floor.store, runs, at_ms)
    [told] = floor.say("cnc", part="VH1").attributes
    assert (told.thing, told.key, told.value) == (Thing("unit", "VH1"), "product", "VH")
    floor.at_ms += 20_000
    if anew:
        floor.restart()
    batch = floor.scan("gate", "VH1")
    assert (wrong(batch), batch.attributes) == ([("skipped_step", "OP20", "")], []), "by the route of VH"
    assert floor.say("leak", value=0.2).results[0].judgement == "reject", "by the limits of VH"
    assert trace_code(floor.store, "VH1", floor.at_ms).product_code == "VH"


GTIN, OTHER = "08801234567893", "08801234567008"  # both with a right check digit


@pytest.mark.parametrize("machine", ["AS", ""])
def test_an_order_is_of_the_step_at_which_it_ran(floor: Floor, machine: str) -> None:
    """Also where the piece came first to a machine at which it did not run, and one after the other."""
    plant = register.plant(floor.store)
    numbers = {each.code: each.id for each in plant.machines}
    housing = next(each.id for each in plant.products if each.code == "VH")

    def order(code: str, at: str) -> None:
        floor.at_ms += 1000
        said = Ordered(numbers.get(at, 0), floor.at_ms, OPEN_MS, code, housing, 10)
        entries.say(floor.store, [said], floor.at_ms)

    floor.say("cnc", part="VH1")
    order("WO-1", machine)
    floor.scan("scan", "VH1")
    order("WO-2", "LT")
    floor.say("cnc", part="VH2")
    floor.scan("gate", "VH1")
    order("WO-3", machine)
    floor.say("cnc", part="VH3")
    floor.scan("scan", "VH3")
    found = [
        [unit.code for unit in lists.recall(floor.store, "order", code, floor.at_ms + 1).units.units]
        for code in ("WO-1", "WO-2", "WO-3")
    ]
    assert found == [["VH1"] if machine else ["VH1", "VH2"], ["VH1"], ["VH3"]]
    assert trace_code(floor.store, "VH1", floor.at_ms + 1).orders == ("WO-1", "WO-2")
    [unit] = lists.recall(floor.store, "order", "WO-2", floor.at_ms + 1).units.units
    assert unit.order == "WO-1, WO-2"


def test_a_gs1_label_tells_serial_product_lot_and_expiry(floor: Floor) -> None:
    with floor.store.transaction() as db:
        register.upsert(db, "products", {"code": "VH"}, {"name": "Housing", "gtin": GTIN})
    floor.restart()
    batch = floor.say("gate", code=f"01{GTIN}21S1")
    assert [(s.thing, s.machine) for s in batch.steps] == [(Thing("unit", "S1"), 3)]
    assert wrong(batch) == [("skipped_step", "OP10, OP20", "")], "the product is that of the GTIN"
    assert [(a.key, a.value) for a in batch.attributes] == [("gtin", GTIN)]
    assert floor.scan("gate", f"01{GTIN}21S1").attributes == [], "said once"
    batch = floor.say("pack", code="00003456789012345670")
    assert [s.thing for s in batch.steps] == [Thing("box", "003456789012345670")]
    seal = "01" + GTIN + "17251118" + "10OR-55"  # what it is by its own pattern, and its date
    batch = floor.scan("scan", seal)
    assert wrong(batch) == [("expired_lot", "2025-11-18", "refused")]
    assert ("expiry", "2025-11-18") in [(a.key, a.value) for a in batch.attributes], "kept all the same"


def test_a_box_and_a_pallet_have_one_name_at_a_scanner_with_aim_and_without(floor: Floor) -> None:
    box, pallet = ("003456789012345670", "988012345600000019")
    for aim in ("", "]C1", "]C0"):
        scans = [floor.scan("pack", f"00{each}", aim=aim).events[0] for each in (box, pallet)]
        assert [(event.word, event.detail) for event in scans] == [(box, "box"), (pallet, "pallet")]
    assert [trace_code(floor.store, f"{aim}00{pallet}", T0).kind for aim in ("", "]C1")] == ["pallet", "pallet"]
    batch = floor.scan("pack", f"00{box}XX")
    assert (batch.events[0].word, wrong(batch)[0]) == (box, ("gs1_unknown_ai", "", ""))


@pytest.mark.parametrize(("sent", "said"), [("~", []), (GS, []), ("", [("gs1_separator_missing", "", "")])])
def test_the_separator_of_a_scanner_is_its_own_and_a_missing_one_is_said(floor: Floor, sent: str, said: Any) -> None:
    batch = floor.scan("pack", f"0000345678901234567002{GTIN}3700000024{sent}10L-77")
    assert [s.thing for s in batch.steps] == [Thing("box", "003456789012345670")]
    told = {(each.key, each.value) for each in batch.attributes}
    assert (told, wrong(batch)) == ({("gtin", GTIN), ("quantity", "24"), ("lot", "L-77")}, said)


@pytest.mark.parametrize("anew", [False, True])
def test_equal_numbers_of_two_gtins_are_two_things(floor: Floor, anew: bool) -> None:
    """GS1 makes a serial or lot unique within its GTIN alone: two makers count from 1."""
    others = f"(01){OTHER}(21)S1"
    assert [s.thing.code for s in floor.scan("gate", f"01{GTIN}21S1").steps] == ["S1"]
    if anew:
        floor.restart()
    batch = floor.scan("gate", f"01{OTHER}21S1")
    assert [s.thing for s in batch.steps] == [Thing("unit", others)]
    assert [(a.key, a.value) for a in batch.attributes] == [("gtin", OTHER), ("serial", "S1")]
    assert [e.word for e in batch.events if e.kind is EventKind.SCAN] == [others]
    if anew:
        floor.restart()
    assert [s.thing.code for s in floor.scan("gate", f"01{GTIN}21S1").steps] == ["S1"]
    assert [s.thing.code for s in floor.scan("gate", f"01{OTHER}21S1").steps] == [others]
    for gtin in (GTIN, OTHER):
        floor.scan("scan", f"01{gtin}10L7")
    floor.scan("scan", "VH1")
    assert {code for (code,) in floor.store.rows("SELECT code FROM units WHERE kind = 'lot'")} == {
        "L7", f"(01){OTHER}(10)L7"}  # fmt: skip
    # both are found by the number, and each by its label
    assert (trace_code(floor.store, "S1", T0).code, trace_code(floor.store, "S1", T0).others) == (
        "S1", (("unit", others),))  # fmt: skip
    assert trace_code(floor.store, f"01{OTHER}21S1", T0).code == others
    assert trace_code(floor.store, f"]d201{GTIN}21S1", T0).code == "S1"
    assert trace_code(floor.store, others, T0).others == ()


def test_a_number_that_came_without_a_gtin_is_that_of_the_first_label(floor: Floor) -> None:
    """A part id or a plain code tells none: the same piece may be read with its label at the next station."""
    floor.scan("gate", "VH1")
    assert [s.thing.code for s in floor.scan("gate", f"01{GTIN}21VH1").steps] == ["VH1"]
    assert [s.thing.code for s in floor.scan("gate", f"01{OTHER}21VH1").steps] == [f"(01){OTHER}(21)VH1"]


def test_a_label_that_looks_wrong_is_remarked_and_kept(floor: Floor) -> None:
    batch = floor.say("gate", code="0108801234567894" + "21S1")
    assert [s.thing for s in batch.steps] == []
    batch = floor.say("gate", aim="]d2", code="010880123456789421S1")
    assert ("gs1_check_digit", "", "") in wrong(batch)
    assert [s.thing.code for s in batch.steps] == ["S1"]


HOSTILE = ("x'); drop table t;--", "=1+1", "한글" * 40, "A" * 10_000, "\x00\x01VH7", "%s%n", '","', "]d201")


@pytest.mark.parametrize("code", HOSTILE)
def test_whatever_is_read_is_kept_and_breaks_nothing(floor: Floor, code: str) -> None:
    [event, *_more] = floor.scan("gate", code).events
    [(word, raw)] = floor.store.rows("SELECT word, raw FROM events WHERE kind = 'scan'")
    assert word == event.word
    assert len(word) <= 512
    assert "\x00" not in word
    assert raw == code.encode()


def known(memory: Memory) -> dict[str, Any]:
    return {name: {key: value for key, value in of.items() if value} for name, of in asdict(memory).items()}


Word = tuple[str, int, str, Any]  # device, after so many ms, signal, value


def story(rng: random.Random, steps: int) -> Iterator[Word]:
    """What the devices of a floor say where little is done in its order: every tenth unit comes through."""
    for step in range(steps):
        if step % 10 == 0:
            code = f"VH{100 + step}"
            for device, key in (("scan", "OR-1"), ("cnc", code), ("scan", code), ("gate", code)):
                yield device, 1000, "part" if device == "cnc" else "code", key
            yield "leak", 1000, "value", (0.2, 9999.0, 0.05)[step // 10 % 3]
            yield "pack", 1000, "code", code
        device, what = rng.choice(
            (
                ("cnc", "part"),
                ("scan", "code"),
                ("gate", "code"),
                ("pack", "code"),
                ("leak", "value"),
                ("torque", "value"),
                ("cnc", "bore"),
                ("cnc", "good"),
                ("scan", "lot"),
                ("pack", "box"),
                ("hand", "box"),
                ("dock", "box"),
                ("gate", "other"),
                ("cnc", "board"),
                ("scan", "board"),
                ("scan", "board"),
                ("scan", "motor"),
            )
        )
        code = f"VH{rng.randrange(9)}" if rng.random() < 0.9 else "XX1"
        if what == "part" and rng.random() < 0.3:
            code = ""
        value: Any = {
            "value": rng.choice((0.05, 0.05, 0.2)),
            "bore": 25.0,
            "good": rng.randrange(2),
            "lot": rng.choice(("OR-", "CV-", "WX-", f"01{GTIN}10L", f"01{OTHER}10L")) + str(rng.randrange(3)),
            "box": rng.choice(("BX", "PL")) + str(rng.randrange(3)),
            "other": "?",
            "board": f"BD{rng.randrange(4)}",
            "motor": f"MT-{rng.randrange(3)}",
        }.get(what, code)
        key = {"board": "part"}.get(what, what) if device in ("cnc", "leak", "torque") else "code"
        yield device, rng.choice((1000, 20_000)), key, value


def facts_of(batch: Batch) -> list[tuple[str, dict[str, Any]]]:
    """The facts of a batch without what differs from run to run."""
    return [
        (type(fact).__name__, {k: v for k, v in asdict(fact).items() if k not in ("id", "event", "detail", "link")})
        for rows in batch.rows()
        for fact in rows
    ]


@pytest.mark.parametrize("seed", range(6))
def test_a_restart_anywhere_changes_nothing(tmp_path: Path, seed: int) -> None:
    told = []
    for kills in (False, True):
        rng, floor = random.Random(seed), Floor(tmp_path / f"{kills}")
        if seed % 2:
            with floor.store.transaction() as db:
                db.execute("UPDATE stations SET when_wrong = 'flag'")
                db.execute("UPDATE station_parts SET required = 1")
                db.execute("UPDATE station_parts SET scanned = 'after' WHERE material = 'BD'")
            floor.restart()
        facts: list[Any] = []
        for device, after_ms, key, value in story(random.Random(seed), 100):
            facts += facts_of(floor.say(device, after_ms, **{key: value}))
            if rng.random() < 0.2 and kills:
                assert from_json(to_json(floor.interpreter.memory)) == floor.interpreter.memory
                was = known(floor.interpreter.memory)
                floor.restart()
                assert known(floor.interpreter.memory) == was
        told.append(facts)
        floor.store.close()
    assert told[0] == told[1]


@pytest.mark.parametrize("refuses", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_what_waits_to_be_stored_counts_as_if_it_were(tmp_path: Path, seed: int, refuses: bool) -> None:
    """Several codes may be read before one is in the file, and while it cannot be written many."""
    told, ended = [], []
    for most in (1, 5, 40):
        rng, floor = random.Random(seed), Floor(tmp_path / f"{most}")
        measure_each(floor)
        if refuses:
            with floor.store.transaction() as db:
                db.execute("UPDATE stations SET when_wrong = 'refuse'")
                db.execute("UPDATE station_parts SET required = 1, scanned = iif(material = 'BD', 'after', 'before')")
            floor.restart()
        facts: list[Any] = []
        waiting: list[Batch] = []
        for device, after_ms, key, value in story(random.Random(seed), 80):
            waiting.append(floor.hear(device, after_ms, **{key: value}))
            facts += facts_of(waiting[-1])
            if len(waiting) >= rng.randint(1, most):
                for batch in waiting:
                    floor.journal.commit(batch)
                floor.recent.stored()
                waiting.clear()
        for batch in waiting:
            floor.journal.commit(batch)
        told.append(facts)
        sql = "SELECT p.code, c.code FROM link_ends e JOIN links l ON l.id = e.link_id JOIN units p ON p.id ="
        ended.append(floor.store.rows(f"{sql} l.parent_id JOIN units c ON c.id = l.child_id ORDER BY e.id"))
        floor.store.close()
    assert told[0] == told[1] == told[2]
    assert ended[0] == ended[1] == ended[2]
    words = [fact["word"] for kind, fact in told[0] if kind == "Event" and fact["kind"] == EventKind.FINDING]
    assert {"failed_before", "skipped_step", "not_measured"} <= set(words)


def test_two_boxes_in_one_telegram_do_not_take_one_unit(floor: Floor) -> None:
    floor.at_ms += 1000
    codes = ("XX1", "BX1", "XX1", "BX2")
    batch = floor.interpreter.read([reading("pack", "code", each, floor.at_ms, seq=n) for n, each in enumerate(codes)])
    floor.store_batch(batch)
    assert wrong(batch) == [("packed_before", "BX1", "")]
    assert links(batch) == [("packed", "BX1", "XX1"), ("packed", "BX2", "XX1")]
    assert [each.link for each in batch.link_ends] == [batch.links[0].id]


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("refuses", [False, True])
def test_what_was_found_bad_is_told_at_the_stations_behind(floor: Floor, refuses: bool, waits: bool) -> None:
    """Until it is good by as many values as it may have: measured again until it is good it stays bad."""
    if refuses:
        with floor.store.transaction() as db:
            db.execute("UPDATE stations SET when_wrong = 'refuse' WHERE code = 'OP40'")
        floor.restart()
    say: Callable[..., Batch] = floor.hear if waits else floor.say
    say("scan", code="OR-1")
    say("cnc", part="VH1")
    for device in ("scan", "gate"):
        say(device, code="VH1")
    found = []
    for value in (0.5, 0.05, 0.05):
        say("leak", value=value)
        found.append(wrong(say("pack", code="VH1")))
        say("gate", code="VH1")
    bad = ("failed_before", "OP30", "refused" if refuses else "")
    assert found == [[bad], [], []], "a third good one changes nothing"
    say("cnc", part="VH2")
    say("scan", code="VH2")
    for value in (0.5, 0.5, 0.05):
        say("gate", code="VH2")
        say("leak", value=value)
    assert wrong(say("pack", code="VH2")) == [bad], "the third one is not allowed"
    if not waits:
        found = [trace_code(floor.store, code, floor.at_ms) for code in ("VH1", "VH2")]
        assert [each.judgement for each in found] == ["good", "reject"], "its history says the same"
        assert [value.judgement for p in found[1].passages for value in p.values] == ["reject"]


def test_a_station_that_is_put_on_a_route_is_not_missed_of_what_passed_a_later_one_before(floor: Floor) -> None:
    """But of what comes to a later one from then on."""
    made(floor, "VH1")
    floor.say("cnc", part="VH2")
    for device in ("scan", "gate"):
        floor.scan(device, "VH2")
    floor.at_ms += 1000
    vision = '[[station]]\ncode = "OP35"\nname = "Vision"\nmachine = "VI"\n[[station]]\ncode = "OP40"'
    scanner = SIGNAL.format(key="code", role="scan", more=f'machine = "VI"\nclasses = {{ unit = {UNIT} }}')
    text = line_text() + WIRE.format(bus="vision", port=99, driver="text_line", device="", signals=scanner)
    text = text.replace(
        '[[machine]]\ncode = "PK"', '[[machine]]\ncode = "VI"\nname = "Vision"\n[[machine]]\ncode = "PK"'
    )
    text = text.replace('[[station]]\ncode = "OP40"', vision).replace('"OP30", "OP40"]', '"OP30", "OP35", "OP40"]')
    for _imported in range(2):  # again it changes nothing
        floor.store.clock = PlantClock(floor.at_ms, 0, 0.0)
        configuration.apply(floor.store, configuration.parse(text))
        floor.restart()
        floor.at_ms += 1000
        assert wrong(floor.scan("dock", "VH1")) == ([("shipped_before", "", "")] if _imported else [])
        assert trace_code(floor.store, "VH1", floor.at_ms).gaps == ()
    assert wrong(floor.scan("pack", "VH2")) == [("skipped_step", "OP35", "")]
    assert [each.code for each in trace_code(floor.store, "VH2", floor.at_ms).gaps] == ["OP35"]
    assert wrong(floor.scan("vision", "VH1")) == [], "it may go there all the same"


def test_what_was_scrapped_is_let_through_nowhere(floor: Floor) -> None:
    """Also a serial that was never read, and where the station only flags."""
    for code in ("VH1", "VH2"):
        floor.say("cnc", part=code)
    floor.scan("scan", "OR-1")
    floor.scan("scan", "VH2")
    things = (Thing("unit", "VH1"), Thing("unit", "VH50"), Thing("lot", "CV-9"), Thing("box", "BX9"))
    floor.at_ms += 1000
    other = Held(0, floor.at_ms, floor.at_ms, "claim", (things[1],))
    scrap = Held(0, floor.at_ms, floor.at_ms, "torn", things)
    [_number, number] = entries.say(floor.store, [other, scrap], floor.at_ms)
    entries.say(
        floor.store, [Disposed(0, floor.at_ms, floor.at_ms, number, Disposition.SCRAP, things)], floor.at_ms, "Kim"
    )
    for device, code in (("gate", "VH1"), ("cnc", "VH50"), ("scan", "CV-9"), ("pack", "BX9"), ("store", "VH50")):
        batch = floor.say(device, **{"part" if device == "cnc" else "code": code})
        assert wrong(batch)[0] == ("scrapped", "torn", "refused"), code
        assert (batch.steps, batch.moves, batch.links) == ([], [], [])
    floor.scan("pack", "VH2")
    [number] = entries.say(
        floor.store, [Held(0, floor.at_ms, floor.at_ms, "fell", (Thing("unit", "VH2"),))], floor.at_ms
    )
    entries.say(floor.store, [Disposed(0, floor.at_ms, floor.at_ms, number, Disposition.SCRAP)], floor.at_ms, "Kim")
    batch = floor.scan("pack", "BX2")
    assert (wrong(batch), batch.links) == ([("scrapped", "fell", "refused")], []), "it stays out of the box"


def test_what_was_found_bad_is_free_by_a_word_of_what_becomes_of_it(floor: Floor) -> None:
    for what in (Disposition.RELEASE, Disposition.CONCESSION, Disposition.REWORK):
        unit = Thing("unit", f"VH{[*Disposition].index(what)}")
        floor.say("cnc", part=unit.code)
        for device in ("scan", "gate"):
            floor.scan(device, unit.code)
        floor.say("leak", value=0.5)
        floor.at_ms += 1000
        hold = Held(0, floor.at_ms, floor.at_ms, "leak", (unit,))
        (number,) = entries.say(floor.store, [hold], floor.at_ms)
        words = [word for word, _about, _flag in wrong(floor.scan("pack", unit.code))]
        assert words == ["on_hold", "failed_before"]
        floor.at_ms += 1000
        entries.say(floor.store, [Disposed(0, floor.at_ms, floor.at_ms, number, what, (unit,))], floor.at_ms)
        if what is Disposition.REWORK:
            floor.scan("gate", unit.code)
            floor.say("leak", value=0.5)
            words = [word for word, _about, _flag in wrong(floor.scan("pack", unit.code))]
            assert words == ["on_hold", "failed_before"], "it was not mended"
            floor.scan("gate", unit.code)
            floor.say("leak", value=0.05)
        assert wrong(floor.scan("pack", unit.code)) == []


def test_a_station_that_mends_begins_a_new_count(floor: Floor) -> None:
    with floor.store.transaction() as db:
        db.execute("UPDATE stations SET kind = 'rework' WHERE code = 'OP20'")
        db.execute("DELETE FROM route_steps WHERE station_id = (SELECT id FROM stations WHERE code = 'OP20')")
    floor.restart()
    floor.say("cnc", part="VH1")
    for value in (0.5, 0.5):
        floor.scan("gate", "VH1")
        floor.say("leak", value=value)
    assert [word for word, *_ in wrong(floor.scan("pack", "VH1"))] == ["failed_before"]
    floor.scan("scan", "VH1")
    floor.scan("gate", "VH1")
    assert wrong(floor.say("leak", value=0.05)) == [], "the first one since"
    assert wrong(floor.scan("pack", "VH1")) == []


def measure_each(floor: Floor) -> None:
    """Let each piece be tested for leaks."""
    with floor.store.transaction() as db:
        db.execute("UPDATE characteristics SET sampling = 'each', per_hour = 0 WHERE code = 'LEAK'")
    floor.restart()


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("refuses", [False, True])
def test_what_was_not_measured_is_told_at_the_stations_behind(floor: Floor, refuses: bool, waits: bool) -> None:
    """Of what is measured of each piece: what a device says in place of a value is none."""
    if refuses:
        with floor.store.transaction() as db:
            db.execute("UPDATE stations SET when_wrong = 'refuse' WHERE code IN ('OP40', 'SHIP')")
    measure_each(floor)
    say: Callable[..., Batch] = floor.hear if waits else floor.say
    flag = "refused" if refuses else ""
    say("scan", code="OR-1")
    for code in ("VH1", "VH2"):
        assert wrong(say("cnc", part=code)) == []
        for device in ("scan", "gate"):
            assert wrong(say(device, code=code)) == []
        if code == "VH2":
            say("leak", value=9999)
        assert wrong(say("pack", code=code)) == [("not_measured", "Leak", flag)]
        assert ("not_measured", "Leak", flag) in wrong(say("dock", code=code))
    say("gate", code="VH1")
    say("leak", value=0.05)
    assert "not_measured" not in [word for word, *_ in wrong(say("pack", code="VH1"))]
    if not waits:
        gaps = [(each.code, each.unmeasured) for each in trace_code(floor.store, "VH2", floor.at_ms).gaps]
        assert gaps == ([] if refuses else [("OP30", ("Leak",))]), "where it was last it may still be measured"
        assert trace_code(floor.store, "VH1", floor.at_ms).gaps == ()


def test_a_recall_says_what_was_shipped_bad_or_not_measured(floor: Floor) -> None:
    measure_each(floor)
    floor.scan("scan", "OR-1")
    values = {"VH1": (0.5,), "VH2": (), "VH3": (0.05,), "VH4": (0.5, 0.05), "VH5": (0.5,)}
    for code, told in values.items():
        floor.say("cnc", part=code)
        floor.scan("scan", code)
        floor.scan("gate", code)
        for value in told:
            floor.scan("gate", code)
            floor.say("leak", value=value)
        floor.scan("pack", code)
    held = Held(0, floor.at_ms, floor.at_ms, "leak", (Thing("unit", "VH5"),))
    (number,) = entries.say(floor.store, [held], floor.at_ms)
    floor.at_ms += 1000
    freed = Disposed(0, floor.at_ms, floor.at_ms, number, Disposition.RELEASE)
    entries.say(floor.store, [freed], floor.at_ms)
    floor.scan("pack", "BX1")
    assert lists.recall(floor.store, "lot", "OR-1", floor.at_ms + 1).reconciles, "nothing is shipped"
    floor.scan("dock", "BX1")
    found = lists.recall(floor.store, "lot", "OR-1", floor.at_ms + 1).doubts
    assert [(each.kind.value, each.code, each.detail) for each in found] == [
        ("rejected_and_shipped", "VH1", ""),
        ("unmeasured_and_shipped", "VH2", "Leak"),
    ]


def test_what_is_measured_from_today_on_is_not_missed_of_what_passed_before(floor: Floor) -> None:
    floor.say("cnc", part="VH1")
    for device in ("scan", "gate"):
        floor.scan(device, "VH1")
    floor.at_ms += 1000
    floor.store.clock = PlantClock(floor.at_ms, 0, 0.0)
    text = line_text().replace('"leak/value"\nsampling = "hourly"\nper_hour = 1\n', '"leak/value"\n')
    for _imported in range(2):  # again it changes nothing
        configuration.apply(floor.store, configuration.parse(text))
        floor.store.clock = PlantClock(floor.at_ms + 60_000, 0, 0.0)
    floor.restart()
    floor.say("cnc", part="VH2")
    for device in ("scan", "gate"):
        floor.scan(device, "VH2")
    assert wrong(floor.scan("pack", "VH1")) == []
    assert wrong(floor.scan("pack", "VH2")) == [("not_measured", "Leak", "")]
    assert [len(trace_code(floor.store, code, floor.at_ms).gaps) for code in ("VH1", "VH2")] == [0, 1]


def test_a_value_by_hand_counts_and_a_sentinel_does_not(floor: Floor) -> None:
    floor.say("cnc", part="VH1")
    for device in ("scan", "gate"):
        floor.scan(device, "VH1")
    assert wrong(floor.say("leak", value=9999)) == []
    assert [word for word, *_ in wrong(floor.scan("pack", "VH1"))] == [], "that is no value"
    leak = next(each.id for each in quality(floor.store).characteristics if each.code == "LEAK")
    floor.at_ms += 1000
    entries.say(floor.store, [Measured(3, floor.at_ms, floor.at_ms, leak, 0.5, "VH1")], floor.at_ms, "Kim")
    assert wrong(floor.scan("pack", "VH1")) == [("failed_before", "OP30", "")]
