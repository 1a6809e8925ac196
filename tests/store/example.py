"""A small shop to test with: two machines, three devices, one signal of each kind; and batches of facts."""

from __future__ import annotations

from pathlib import Path

from sqlite_utils import Database

from desktop.clock import PlantClock
from desktop.domain.events import Event, EventKind, Measurement
from desktop.store import database, migrations, register
from desktop.store.database import Store
from desktop.store.journal import Batch, Journal
from desktop.store.schema import CURRENT

T0 = 1_763_510_400_000  # 2025-11-19 00:00:00 UTC
MINUTE, HOUR = 60_000, 3_600_000
MACHINE, COUNTING = 1, 2
GOOD, REJECT, STATE, FORCE, TEXT, SCAN = 1, 2, 3, 4, 5, 6

_SIGNALS = (
    # key, device, machine, role
    ("good", 1, MACHINE, "good"),
    ("reject", 1, MACHINE, "reject"),
    ("state", 1, MACHINE, "state"),
    ("force", 1, MACHINE, "measure"),
    ("text", 2, None, "product"),
    ("scan", 3, COUNTING, "scan"),
)

LAST = "calendar_and_rules"  # the change that found most to carry over; it and all newer ones are made
RETIRED_AT_MS = T0 - 86_400_000 + 3_600_000  # 2025-11-18 10:00 in Seoul

_OLDER = f"""
INSERT INTO meta VALUES ('site_uuid', 'u'), ('created_at_ms', '{T0}'), ('demo', '0'), ('clock_plant_ms', '{T0}'),
  ('clock_real_ms', '0'), ('clock_speed', '0.0');
INSERT INTO settings VALUES ('plant', '공장'), ('line', '1'), ('timezone', 'Asia/Seoul'), ('constraint', 'WD');
INSERT INTO machines VALUES (1, 'PR', 'Press', 0, 60000, NULL), (2, 'WD', 'Weld', 1, 120000, NULL);
INSERT INTO products VALUES (1, 'P-1', 'Housing', NULL);
INSERT INTO standards VALUES (1, 1, 2, 30000.0, 32000.0, 0);
INSERT INTO shift_patterns VALUES
  (1, '주간', '08:00', '20:00', '[1, 2, 3, 4, 5]', '[{{"name": "식사", "start": "12:00", "end": "13:00"}}]', 'A', NULL),
  (2, '심야', '22:00', '06:00', '[1, 2, 3]', '[]', '', {RETIRED_AT_MS});
INSERT INTO reasons VALUES (1, 'R1', '고장', 'unplanned', 1, 0, NULL);
INSERT INTO clock_segments VALUES (1, {T0 * 1000 + 10_000}, 7_000_123);
INSERT INTO measurements VALUES ({T0 * 1000}, 1, NULL, 1.5, 0), ({T0 * 1000 + 1}, 1, 5_001, NULL, 2),
  ({T0 * 1000 + 2}, 1, -59_999_998, 2.5, 1), ({T0 * 1000 + 10_000}, 1, 877, 3.5, 0);
INSERT INTO shift_sums VALUES ({T0}, 1, {T0 + 3_600_000}, 0, 'TPM 1', '{{"times":{{}},"outputs":[]}}');
"""


def open_shop(folder: Path, clock: PlantClock | None = None) -> Store:
    """A new database in `folder` with the small shop in its register."""
    store = database.create(folder, clock=clock)
    with store.transaction() as db:
        for place, code in enumerate(("PR-01", "WS-01")):
            register.upsert(db, "machines", {"code": code}, {"name": code, "place": place, "threshold_ms": 120_000})
        for key in ("one", "two", "three"):
            register.upsert(db, "buses", {"key": key}, {"port": f"/dev/{key}", "driver": "text_line", "settings": "{}"})
            bus = int(db.execute("SELECT id FROM buses WHERE key = ?", (key,)).fetchone()[0])
            register.upsert(db, "devices", {"key": key}, {"bus_id": bus, "name": key, "settings": "{}"})
        for key, device, machine, role in _SIGNALS:
            register.upsert(
                db,
                "signals",
                {"device_id": device, "key": key},
                {
                    "name": key,
                    "machine_id": machine,
                    "role": role,
                    "unit": "",
                    "factor": 1.0,
                    "offset_value": 0.0,
                    "dead_band": 0.0,
                    "modulus": None,
                    "pieces_per_step": 1,
                    "limit_low": None,
                    "limit_high": None,
                    "per_piece": 0,
                    "codes": "{}",
                    "classes": "{}",
                    "settings": "{}",
                },
            )
    return store


def value(journal: Journal, at_ms: int, number: float | None, signal: int = FORCE, quality: int = 0) -> Measurement:
    """A measured value with a fresh id."""
    return Measurement(journal.next_id(at_ms), signal, number, quality=quality)


def count(
    journal: Journal, at_ms: int, pieces: int, *, word: str = "good", flag: str = "", from_ms: int | None = None
) -> Event:
    """A count with a fresh id."""
    signal = GOOD if word == "good" else REJECT
    return Event(
        journal.next_id(at_ms), EventKind.COUNT, at_ms, MACHINE, 1, signal, word, "", pieces,
        at_ms if from_ms is None else from_ms, 100, flag,
    )  # fmt: skip


def state(journal: Journal, at_ms: int, word: str) -> Event:
    """A state change with a fresh id."""
    return Event(journal.next_id(at_ms), EventKind.STATE, at_ms, MACHINE, 1, STATE, word, "7")


def store_values(journal: Journal, *values: tuple[int, float]) -> None:
    """Commit values of FORCE."""
    journal.commit(Batch(measurements=[value(journal, at_ms, number) for at_ms, number in values]))


def make_older(folder: Path) -> None:
    """A folder with a database of two machines that only the earlier changes made; its clock stands still."""
    folder.mkdir(exist_ok=True)
    connection = database.sqlite3.connect(str(folder / database.DATABASE), isolation_level=None)
    connection.execute(f"PRAGMA application_id = {database.APPLICATION_ID}")
    migrations._changes.apply(Database(connection), stop_before=LAST)
    connection.execute(f"PRAGMA user_version = {CURRENT - 1}")
    for statement in _OLDER.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    register.audit(connection, T0, "kim", "edit", "limit", "1", "2")
    connection.close()
