"""A line of four machines to interpret: every role once, on devices of every manner; and a voice for its devices."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

from desktop.clock import PlantClock
from desktop.collect.interpret import Health, Interpreter
from desktop.collect.memory import Memory
from desktop.domain.events import Event
from desktop.domain.plant import Plant
from desktop.store import database, register
from desktop.store.database import Store
from desktop.store.journal import Batch
from drivers.base import Quality, Reading

T0 = 1_763_510_400_000
PRESS, ASSEMBLY, CNC, PACKING = 1, 2, 3, 4
UNIT = r"^SN\d+$"
EXAMPLE: dict[str, list[tuple[str, int, str, dict[str, Any]]]] = {
    "plc": [
        ("good", PRESS, "good", {"modulus": 65536}),
        ("reject", PRESS, "reject", {}),
        ("state", PRESS, "state", {"codes": {"1": "run", "2": "stop", "3": "fault"}}),
        ("alarm", PRESS, "alarm", {}),
        ("force", PRESS, "measure", {"factor": 0.1, "offset": 5.0, "dead_band": 0.5}),
    ],
    "scanner": [("code", ASSEMBLY, "scan", {"classes": {"unit": UNIT, "lot": r"^LOT-([A-Z]+)-"}})],
    "torque": [
        ("value", ASSEMBLY, "measure", {}),
        ("verdict", ASSEMBLY, "judge", {"codes": {"OK": "good", "NG": "reject", "RE": "retest", "1": "good"}}),
    ],
    "cnc": [
        ("strokes", CNC, "total", {"pieces_per_step": 4}),
        ("part", CNC, "part", {}),
        ("bore", CNC, "measure", {"per_piece": 1, "limit_low": 9.9, "limit_high": 10.1}),
        ("item", CNC, "product", {}),
    ],
    "packer": [
        ("code", PACKING, "scan", {"classes": {"unit": UNIT, "box": "^BX"}}),
        ("verdict", PACKING, "judge", {"codes": {"OK": "good", "NG": "reject"}}),
    ],
}


def open_line(folder: Path, clock: PlantClock | None = None) -> Store:
    """A new database with the line in its register."""
    store = database.create(folder, clock=clock)
    with store.transaction() as db:
        for place, code in enumerate(("PR", "AS", "MC", "PK")):
            register.upsert(db, "machines", {"code": code}, {"name": code, "place": place, "threshold_ms": 120_000})
        product = register.upsert(db, "products", {"code": "P"}, {"name": "P"})
        register.upsert(
            db,
            "standards",
            {"product_id": product, "machine_id": PRESS, "valid_from_ms": 0},
            {"ideal_cycle_ms": 1000.0, "standard_cycle_ms": 1000.0},
        )
        for device, signals in EXAMPLE.items():
            words = {"port": f"test:{device}", "driver": "text_line", "settings": "{}"}
            bus = register.upsert(db, "buses", {"key": device}, words)
            device_id = register.upsert(
                db, "devices", {"key": device}, {"bus_id": bus, "name": device, "settings": "{}"}
            )
            for key, machine, role, more in signals:
                row = {
                    "name": key, "machine_id": machine, "role": role, "unit": "", "factor": more.get("factor", 1.0),
                    "offset_value": more.get("offset", 0.0), "dead_band": more.get("dead_band", 0.0),
                    "modulus": more.get("modulus"), "pieces_per_step": more.get("pieces_per_step", 1),
                    "limit_low": more.get("limit_low"), "limit_high": more.get("limit_high"),
                    "per_piece": more.get("per_piece", 0), "codes": json.dumps(more.get("codes", {})),
                    "classes": json.dumps(more.get("classes", {})), "settings": "{}",
                }  # fmt: skip
                register.upsert(db, "signals", {"device_id": device_id, "key": key}, row)
    return store


def reading(device: str, signal: str, value: Any, at_ms: int, *, seq: int = 0, **more: Any) -> Reading:
    """One reading of good quality."""
    fields = {"quality": Quality.GOOD, **more}
    return Reading(device, signal, value, at_ms=at_ms, mono_ns=at_ms * 1_000_000, seq=seq, **fields)


class Talk:
    """An interpreter and the devices that speak to it, one second after the other."""

    def __init__(self, plant: Plant, memory: Memory | None = None) -> None:
        ids = count(1)
        self.at_ms = T0
        self.interpreter = Interpreter(plant, memory or Memory(), lambda _at_ms: next(ids))
        self._seqs: dict[str, int] = {}  # device -> its last frame

    def say(self, device: str, *, after_ms: int = 1000, more: dict[str, Any] | None = None, **values: Any) -> Batch:
        """One frame of a device: values by signal."""
        self.at_ms += after_ms
        self._seqs[device] = seq = self._seqs.get(device, 0) + 1
        frame = [reading(device, key, value, self.at_ms, seq=seq, **(more or {})) for key, value in values.items()]
        return self.interpreter.read(frame)

    def health(self, device: str, status: str, *, after_ms: int = 1000, fault: str = "link_lost") -> Batch:
        """A device begins or ceases to answer."""
        self.at_ms += after_ms
        return self.interpreter.health(Health(device, status, self.at_ms, "" if status == "online" else fault))


def told(batch: Batch) -> list[tuple[str, str, int | None, str]]:
    """The events of a batch as (kind, word, pieces, flag)."""
    return [(e.kind.value, e.word, e.pieces, e.flag) for e in batch.events]


def only(batch: Batch) -> Event:
    """The one event of a batch."""
    assert len(batch.events) == 1, batch.events
    return batch.events[0]
