"""A shop that makes serialised valve housings over eight stations, as the journal holds what happened there."""

from __future__ import annotations

import json
from pathlib import Path

from desktop import configuration
from desktop.clock import PlantClock
from desktop.domain.entries import OPEN_MS, Labelled, Ordered, Placed
from desktop.domain.events import (
    Attribute,
    Event,
    EventKind,
    Link,
    LinkEnd,
    Move,
    Result,
    Step,
    Thing,
)
from desktop.store import database, entries, register
from desktop.store.database import Store
from desktop.store.journal import Batch, Journal
from desktop.store.records import Beat

DAY = 1_795_042_800_000  # 2026-11-19 08:00 in Seoul, when the day shift begins
MINUTE = 60_000
NOW = DAY + 6 * 60 * MINUTE + 32 * MINUTE

MACHINES = (
    ("PR-01", "프레스"), ("MC-01", "CNC 가공"), ("WD-01", "용접"), ("WS-01", "세척"), ("AS-01", "조립"),
    ("LT-01", "기밀시험"), ("VI-01", "비전검사"), ("PK-01", "포장"),
)  # fmt: skip
MEASURED = (
    # key, machine, name, unit, limits
    ("force", "PR-01", "성형하중", "kN", (170.0, 195.0)),
    ("bore", "MC-01", "내경", "mm", (23.99, 24.03)),
    ("current", "WD-01", "전류", "A", (190.0, 210.0)),
    ("torque", "AS-01", "체결 토크", "N·m", (11.5, 13.0)),
    ("leak", "LT-01", "누설", "cc/min", (None, 0.5)),
    ("weight", "PK-01", "중량", "g", (410.0, 415.0)),
)


def configuration_text() -> str:
    """The shop as a configuration file."""
    head = (
        'format = 1\n[plant]\nname = "성진정밀"\nline = "A라인"\ntimezone = "Asia/Seoul"\n'
        '[[product]]\ncode = "VH-204"\nname = "밸브 하우징"\n'
        '[[shift]]\nname = "주간"\nstart = "08:00"\nend = "20:00"\nweekdays = [1,2,3,4,5,6,7]\ncrew = "A조"\n'
        '[[reason]]\ncode = "JAM"\nname = "걸림"\nkind = "unplanned"\nfailure = true\n'
        '[[scrap_reason]]\ncode = "DIM"\nname = "치수 불량"\n'
        '[[person]]\nname = "이민수"\n[[person]]\nname = "최은지"\n'
    )
    parts = [head]
    for code, name in MACHINES:
        parts.append(f'[[machine]]\ncode = "{code}"\nname = "{name}"\nthreshold_s = 120\n')
        parts.append(f'[[standard]]\nproduct = "VH-204"\nmachine = "{code}"\nideal_cycle_s = 30.0\n')
    for place, (code, name) in enumerate(MACHINES, 1):
        parts.append(f'[[station]]\ncode = "OP{place}0"\nname = "{name}"\nmachine = "{code}"\n')
    parts.append('[[station]]\ncode = "STORE"\nname = "완제품 창고"\nkind = "stock"\n')
    parts.append('[[station]]\ncode = "SHIP"\nname = "출하장"\nkind = "ship"\n')
    route = ", ".join([*(f'"OP{place}0"' for place in range(1, 9)), '"STORE"', '"SHIP"'])
    parts.append(f'[[route]]\nproduct = "VH-204"\nstations = [{route}]\n')
    parts.append('[[gauge]]\ncode = "A-03"\nname = "에어마이크로"\nresolution = 0.001\ninterval_days = 365\n')
    for code, _name in MACHINES:
        parts.append(f'[[bus]]\nkey = "b-{code}"\nport = "opc.tcp://127.0.0.1:9/{code}"\ndriver = "opc_ua"\n')
        parts.append(f'[[bus.device]]\nkey = "d-{code}"\n')
        parts.append(f'[[bus.device.signal]]\nkey = "scan"\nnode = "ns=2;s=scan"\nmachine = "{code}"\nrole = "scan"\n')
        parts.append(f'[[bus.device.signal]]\nkey = "good"\nnode = "ns=2;s=good"\nmachine = "{code}"\nrole = "good"\n')
        parts.append(
            f'[[bus.device.signal]]\nkey = "state"\nnode = "ns=2;s=state"\nmachine = "{code}"\nrole = "state"\n'
            'codes = { "1" = "run", "2" = "fault", "3" = "setup" }\n'
        )
        for key, machine, name, unit, _limits in MEASURED:
            if machine == code:
                parts.append(f'[[bus.device.signal]]\nkey = "{key}"\nnode = "ns=2;s={key}"\nname = "{name}"\n')
                parts.append(f'machine = "{code}"\nrole = "measure"\nunit = "{unit}"\nper_piece = true\n')
    for key, machine, name, unit, limits in MEASURED:
        gauge = 'gauge = "A-03"\n' if key == "bore" else ""
        parts.append(
            f'[[characteristic]]\ncode = "{key}"\nname = "{name}"\nproduct = "VH-204"\nmachine = "{machine}"\n'
            f'signal = "d-{machine}/{key}"\nunit = "{unit}"\nretests = 2\n{gauge}'
        )
        edges = [f"{word} = {edge}" for word, edge in zip(("low", "high"), limits, strict=True) if edge is not None]
        parts.append(f'[[limit]]\ncharacteristic = "{key}"\n' + "\n".join(edges) + "\n")
    return "".join(parts)


class Shop:
    """The file of the shop, and what happens in it."""

    def __init__(self, folder: Path, now_ms: int = NOW) -> None:
        self.store: Store = database.create(folder, clock=PlantClock(now_ms, 0, 0.0))
        configuration.apply(self.store, configuration.parse(configuration_text()))
        self.plant = register.plant(self.store)
        self.book = Journal(self.store)
        self.machines = {machine.code: machine.id for machine in self.plant.machines}
        self.stations = {station.code: station.id for station in self.plant.stations}
        self.signals = {(s.machine, s.key): s.id for s in self.plant.signals}
        self.batch = Batch()
        for device in self.plant.devices:
            online = Event(self.book.next_id(DAY), EventKind.DEVICE, DAY, device=device.id, word="online")
            self.batch.events.append(online)

    def commit(self) -> None:
        """What happened is in the file."""
        self.book.commit(self.batch, Beat(1, "0", 0, self.store.clock.real_ms(), NOW, "", 0, 0))
        self.batch = Batch()

    def scan(self, code: str, machine: str, at_ms: int, kind: str = "unit", result: str = "") -> int:
        """A code is read at a machine; the id of its event."""
        number = self.machines[machine]
        event = self.book.next_id(at_ms)
        self.batch.events.append(
            Event(event, EventKind.SCAN, at_ms, number, signal=self.signals[number, "scan"], word=code, detail=kind)
        )
        self.batch.steps.append(Step(self.book.next_id(at_ms), Thing(kind, code), number, at_ms, event, result))
        return event

    def count(self, machine: str, at_ms: int, pieces: int = 1) -> None:
        """A machine counted good pieces."""
        number = self.machines[machine]
        signal = self.signals[number, "good"]
        self.batch.events.append(
            Event(self.book.next_id(at_ms), EventKind.COUNT, at_ms, number, signal=signal, word="good", pieces=pieces)
        )

    def link(self, kind: str, parent: tuple[str, str], child: tuple[str, str], machine: str, at_ms: int) -> int:
        """One thing goes into another; the id of the link."""
        number = self.book.next_id(at_ms)
        self.batch.links.append(
            Link(number, kind, Thing(*parent), Thing(*child), self.machines[machine], at_ms, number)
        )
        return number

    def unlink(self, link: int, at_ms: int) -> None:
        """It is taken out again."""
        number = self.book.next_id(at_ms)
        self.batch.link_ends.append(LinkEnd(number, link, at_ms, number))

    def measure(self, code: str, machine: str, key: str, at_ms: int, value: float, judgement: str = "good") -> None:
        """A value of a unit."""
        number = self.machines[machine]
        self.batch.results.append(
            Result(
                self.book.next_id(at_ms), Thing("unit", code), self.signals[number, key], number, at_ms, value, "",
                judgement,
            )
        )  # fmt: skip

    def move(self, kind: str, code: str, station: str, what: str, at_ms: int) -> None:
        """A thing is put somewhere."""
        number = self.book.next_id(at_ms)
        self.batch.moves.append(Move(number, Thing(kind, code), self.stations[station], what, at_ms, number))

    def say_of(self, kind: str, code: str, key: str, value: str, at_ms: int) -> None:
        """A label says something."""
        number = self.book.next_id(at_ms)
        self.batch.attributes.append(Attribute(number, Thing(kind, code), key, value, at_ms, number))

    def state(self, machine: str, at_ms: int, word: str) -> int:
        """A machine changes its state; the id of the event."""
        number, event = self.machines[machine], self.book.next_id(at_ms)
        self.batch.events.append(
            Event(
                event, EventKind.STATE, at_ms, number, signal=self.signals[number, "state"],
                word=word,
            )
        )  # fmt: skip
        return event

    def finding(
        self,
        place: str,
        at_ms: int,
        word: str,
        code: str,
        *,
        about: str = "",
        refused: bool = False,
        kind: str = "unit",
    ) -> None:
        """Something is wrong at a scan at a machine, or at a station without one."""
        told = {"kind": kind, "code": code, "station": place, "about": about, "by": 0}
        self.batch.events.append(
            Event(
                self.book.next_id(at_ms), EventKind.FINDING, at_ms, self.machines.get(place), word=word,
                detail=json.dumps(told), flag="refused" if refused else "",
            )
        )  # fmt: skip


_VALUES = {"force": 182.0, "bore": 24.012, "current": 201.0, "torque": 12.4, "leak": 0.3, "weight": 412.6}
PREFIX = "VH204-261119-"


def serial(number: int) -> str:
    """The number of a unit."""
    return f"{PREFIX}{number:04d}"


def one_morning(folder: Path, units: int = 30, now_ms: int = NOW) -> Shop:
    """A morning: a unit a minute from 08:30 on, through eight stations ten minutes apart.

    Unit 5 has no scan at the washing machine and failed its first leak test; WD-01 broke down before unit 8 came;
    unit 7 had its O-ring lot exchanged; the last ten lie in no box, of the others ten in a box, the first box is
    shipped on a pallet, the second in stock.
    """
    shop = Shop(folder, now_ms)
    begin = DAY + 30 * MINUTE
    lots = (("AL-26-1107", "AS-01"), ("ER4043-W-8812", "WD-01"), ("OR-5521", "AS-01"), ("OR-5522", "AS-01"))
    for machine, _name in MACHINES:
        shop.state(machine, DAY, "run")
    stop = shop.state("WD-01", begin + 24 * MINUTE, "fault")
    shop.state("WD-01", begin + 27 * MINUTE, "run")
    for code, machine in lots:
        shop.scan(code, machine, DAY + MINUTE, "lot")
    shop.say_of("lot", "OR-5521", "material", "O-링", DAY + MINUTE)
    shop.say_of("lot", "OR-5521", "quantity", "20", DAY + MINUTE)
    moments = []
    for number in range(1, units + 1):
        moments += [
            (begin + (number + 10 * place) * MINUTE, number, machine) for place, (machine, _n) in enumerate(MACHINES)
        ]
    for at_ms, number, machine in sorted(moments):
        code = serial(number)
        if number == 5 and machine == "WS-01":
            continue
        shop.scan(code, machine, at_ms)
        for key, where, _name, _unit, _limits in MEASURED:
            if where != machine:
                continue
            if key == "leak" and number == 5:
                shop.measure(code, machine, key, at_ms + 5_000, 0.8, "reject")
                shop.measure(code, machine, key, at_ms + 20_000, 0.3)
            else:
                shop.measure(code, machine, key, at_ms + 5_000, round(_VALUES[key] + (number % 7) * 0.001, 3))
        if machine == "PR-01":
            shop.link("consumed", ("unit", code), ("lot", "AL-26-1107"), machine, at_ms)
        if machine == "WD-01":
            shop.link("consumed", ("unit", code), ("lot", "ER4043-W-8812"), machine, at_ms)
        if machine == "AS-01":
            link = shop.link("consumed", ("unit", code), ("lot", "OR-5521"), machine, at_ms)
            if number == 7:
                shop.unlink(link, at_ms + 30_000)
                shop.link("consumed", ("unit", code), ("lot", "OR-5522"), machine, at_ms + 31_000)
        if machine == "PK-01" and number <= units - 10:
            box = f"BOX-{(number - 1) // 10 + 1:04d}"
            shop.link("packed", ("box", box), ("unit", code), machine, at_ms + 30_000)
    end = begin + (units + 85) * MINUTE
    shop.say_of("box", "BOX-0001", "quantity", "10", end)
    shop.link("packed", ("pallet", "PLT-118"), ("box", "BOX-0001"), "PK-01", end)
    shop.move("pallet", "PLT-118", "SHIP", "ship", end + MINUTE)
    shop.move("box", "BOX-0002", "STORE", "stock", end + 2 * MINUTE)
    shop.finding("AS-01", begin + 44 * MINUTE, "skipped_step", serial(5), about="OP40")
    shop.commit()
    people = {name: n for n, name in shop.store.rows("SELECT id, name FROM people")}
    product = shop.plant.products[0].id
    told = [Ordered(0, DAY, OPEN_MS, "WO-2611-038", product, 500)]
    told += [Ordered(number, DAY, OPEN_MS, "WO-2611-038", product, 500) for number in shop.machines.values()]
    told += [
        Placed(number, DAY, OPEN_MS, people["이민수" if place < 4 else "최은지"])
        for place, number in enumerate(shop.machines.values())
    ]
    entries.say(shop.store, told, DAY + MINUTE, "김반장")
    jam = next(r.id for r in shop.plant.reasons if r.code == "JAM")
    weld = shop.machines["WD-01"]
    label = Labelled(weld, begin + 24 * MINUTE, begin + 27 * MINUTE, stop, jam)
    entries.say(shop.store, [label], begin + 30 * MINUTE, "김반장")
    return shop
