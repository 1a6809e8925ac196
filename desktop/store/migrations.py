"""The schema. One function a change, in order, never edited after release: add another at the end.

Times are UTC milliseconds (`_at_ms`); ids of facts are the arrival time in microseconds, made strictly
rising. Facts, trace and audit tables are append-only by trigger and carry a SHA-256 chain (`hash`); caches
(`live`, `minutes`, `hours`, `shift_sums`, `shift_causes`, `shift_hours`, `device_status`, `chain_heads`, `heartbeat`)
change in place and can be rebuilt. Every table has exactly one writing process: the collector, or the desktop (window
and command line).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database, Migrations

from desktop.store import open_data as views
from desktop.store.schema import CURRENT, GUARDED, guards
from desktop.text import _

_changes = Migrations("gadong")


@_changes()
def first(db: Database) -> None:
    """The first release."""
    for statement in _FIRST.split(";\n"):
        if statement.strip():
            db.execute(statement)
    for table in ("events", "units", "links", "steps", "results", "corrections", "audit"):
        _guard(db, table)


@_changes()
def shift_sums(db: Database) -> None:
    """What is kept of every machine in every shift that ended: a cache of the collector."""
    db.execute(
        "CREATE TABLE shift_sums (start_ms INTEGER NOT NULL, machine_id INTEGER NOT NULL, end_ms INTEGER NOT NULL,"
        " version INTEGER NOT NULL, rules TEXT NOT NULL, sums TEXT NOT NULL,"
        " PRIMARY KEY (machine_id, start_ms)) STRICT, WITHOUT ROWID"
    )


@_changes()
def calendar_and_rules(db: Database) -> None:
    """What holds from a date on keeps its versions: shifts, standard capacity, constraint, rules, open cavities."""
    from zoneinfo import ZoneInfo

    zone = dict(db.execute("SELECT key, value FROM settings").fetchall()).get("timezone", "Asia/Seoul")
    retired = db.execute("SELECT * FROM shift_patterns WHERE retired_at_ms IS NOT NULL").fetchall()
    for statement in _CALENDAR_AND_RULES.split(";\n"):
        if statement.strip():
            db.execute(statement)
    for _id, name, start, end, _weekdays, breaks, crew, at_ms in retired:
        ends_on = datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)).date().isoformat()
        db.execute(
            "INSERT INTO shift_patterns (name, valid_from, start, end, weekdays, breaks, crew)"
            " VALUES (?, ?, ?, ?, '[]', ?, ?)",
            (name, ends_on, start, end, breaks, crew),
        )


@_changes()
def acknowledgements(db: Database) -> None:
    """Alarms that somebody has seen, with the level that they had then."""
    db.execute(
        "CREATE TABLE acknowledgements (id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL,"
        " subject TEXT NOT NULL, level INTEGER NOT NULL) STRICT"
    )
    db.execute("CREATE INDEX acknowledgements_at ON acknowledgements (at_ms)")


@_changes()
def shift_losses(db: Database) -> None:
    """What is kept of every shift besides its sums: standstill by cause, and hours of the week. Caches of the
    collector; what was kept without them is made anew."""
    for statement in _SHIFT_LOSSES.split(";\n"):
        db.execute(statement)


@_changes()
def signal_meanings(db: Database) -> None:
    """How a signal counts, its thresholds as a state, and the texts of its alarms: JSON, only what is set."""
    db.execute("ALTER TABLE signals ADD COLUMN meaning TEXT NOT NULL DEFAULT '{}'")


@_changes()
def wire_details(db: Database) -> None:
    """What devices tell besides values, and what became of their answers.

    Of a measured value the whole OPC UA status (part 4, 7.39; elsewhere only its two highest bits, the quality), and
    the time of the server beside the device's own. `source_age_ms`: arrival less source time. `server_lag_ms`: server
    time less source time, or less arrival where the device tells no time. NULL: that clock told nothing.

    Of a device how many answers were ever damaged, missing or refusals, and how many frames were lost."""
    for statement in (
        "ALTER TABLE measurements RENAME COLUMN quality TO status",
        "ALTER TABLE measurements RENAME COLUMN source_offset_us TO source_age_ms",
        "ALTER TABLE measurements ADD COLUMN server_lag_ms INTEGER",
        # from microseconds, rounded down: what is beyond a millisecond told values of the same one apart
        "UPDATE measurements SET status = status << 30, source_age_ms ="
        " CASE WHEN source_age_ms < 0 THEN (source_age_ms - 999) / 1000 ELSE source_age_ms / 1000 END"
        " WHERE status <> 0 OR source_age_ms IS NOT NULL",
    ):
        db.execute(statement)
    for name in ("damaged", "missing", "refused", "lost"):
        db.execute(f"ALTER TABLE device_status ADD COLUMN {name} INTEGER NOT NULL DEFAULT 0")


@_changes()
def entries(db: Database) -> None:
    """What people say: reasons of stops and whatever else is entered. `body` is the entry as JSON (`domain.entries`),
    `machine_id` 0 is the line, `takes_back` the id of the entry that this one takes back, 0 for none. It takes the
    place of `corrections`, into which nothing was ever written. `swept`: up to which entry the collector has dropped
    what was kept of shifts that an entry speaks of."""
    for name in ("update", "delete", "replace"):
        db.execute(f"DROP TRIGGER IF EXISTS corrections_no_{name}")
    for statement in _ENTRIES.split(";\n"):
        db.execute(statement)
    _guard(db, "entries")


@_changes()
def people(db: Database) -> None:
    """Who works here, and what is kept of a PIN: its hash, wrong ones, locks. Times of PINs are the computer's own."""
    db.execute(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, crew TEXT NOT NULL,"
        " role TEXT NOT NULL CHECK (role IN ('operator', 'supervisor', 'admin')), badge TEXT NOT NULL,"
        " place INTEGER NOT NULL, retired_at_ms INTEGER) STRICT"
    )
    db.execute(
        "CREATE UNIQUE INDEX people_badge ON people (badge COLLATE NOCASE) WHERE badge <> '' AND retired_at_ms IS NULL"
    )
    db.execute(
        "CREATE TABLE pins (person_id INTEGER PRIMARY KEY REFERENCES people, hash TEXT NOT NULL,"
        " wrong INTEGER NOT NULL, locks INTEGER NOT NULL, locked_at_real_ms INTEGER) STRICT"
    )


@_changes()
def reports_made(db: Database) -> None:
    """What the automatic report made: one row a revision of a shift's report. Of the collector."""
    db.execute(
        "CREATE TABLE reports_made (business_on TEXT NOT NULL, shift TEXT NOT NULL, revision INTEGER NOT NULL,"
        " start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL,"
        " state TEXT NOT NULL CHECK (state IN ('writing', 'made', 'failed')), provisional INTEGER NOT NULL,"
        " digest TEXT NOT NULL, chain TEXT NOT NULL, at_ms INTEGER NOT NULL, folder TEXT NOT NULL, files TEXT NOT NULL,"
        " hashes TEXT NOT NULL, printed INTEGER NOT NULL, fault TEXT NOT NULL, failed_ms INTEGER,"
        " tries INTEGER NOT NULL, PRIMARY KEY (business_on, shift, revision)) STRICT"
    )
    db.execute("CREATE INDEX reports_made_start ON reports_made (start_ms)")
    db.execute("CREATE INDEX reports_made_failed ON reports_made (start_ms) WHERE state = 'failed'")


@_changes()
def reason_tree(db: Database) -> None:
    """Reasons lie in groups of up to two levels and have an icon; kinds of rejects (scrap reasons) beside them."""
    for name in ("group_name", "subgroup_name", "icon"):
        db.execute(f"ALTER TABLE reasons ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")
    db.execute(
        "CREATE TABLE scrap_reasons (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
        " group_name TEXT NOT NULL, icon TEXT NOT NULL, place INTEGER NOT NULL, retired_at_ms INTEGER) STRICT"
    )


@_changes()
def orders(db: Database) -> None:
    """The plan: orders as they stand, and every version of each, so that it is known what was planned when a shift
    began. `machine_id` NULL: the whole line; `fields` is an order as JSON (`domain.orders.Order`)."""
    for statement in _ORDERS.split(";\n"):
        db.execute(statement)


@_changes()
def scan_answers(db: Database) -> None:
    """What scanned commands came to, the dialogue of every scanner, and up to which scan they are carried out."""
    for statement in _SCAN_ANSWERS.split(";\n"):
        db.execute(statement)


@_changes()
def calendar_edits(db: Database) -> None:
    """People change the calendar on screen: how many usually work in a shift, who asked for a planned stop and who
    approved it, and which times a change spoke of (`calendar_touched`; `edit` is the id of its row in the audit,
    `former` marks shifts as they were before), so that what is kept of those shifts is made anew."""
    db.execute("ALTER TABLE shift_patterns ADD COLUMN people INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE planned_stops ADD COLUMN asked_by TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE planned_stops ADD COLUMN asked_at_ms INTEGER")
    db.execute("ALTER TABLE planned_stops ADD COLUMN approved_by TEXT NOT NULL DEFAULT ''")
    db.execute(
        "CREATE TABLE calendar_touched (id INTEGER PRIMARY KEY, edit INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
        " start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, former INTEGER NOT NULL) STRICT"
    )
    db.execute("ALTER TABLE swept ADD COLUMN touched INTEGER NOT NULL DEFAULT 0")


@_changes()
def check_items(db: Database) -> None:
    """What is to be checked in a shift. `machine_id` NULL: at every machine; `product_id` NULL: whatever is made."""
    db.execute(
        "CREATE TABLE check_items (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
        " machine_id INTEGER REFERENCES machines, product_id INTEGER REFERENCES products, kind TEXT NOT NULL,"
        " every TEXT NOT NULL, low REAL, high REAL, unit TEXT NOT NULL, hours REAL NOT NULL, place INTEGER NOT NULL,"
        " retired_at_ms INTEGER) STRICT"
    )


@_changes()
def stations_and_routes(db: Database) -> None:
    """The stations of the line, in the order of the work, and by which of them a product goes."""
    db.execute(
        "CREATE TABLE stations (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
        " machine_id INTEGER REFERENCES machines, place INTEGER NOT NULL, retired_at_ms INTEGER) STRICT"
    )
    db.execute(
        "CREATE TABLE route_steps (id INTEGER PRIMARY KEY, product_id INTEGER NOT NULL REFERENCES products,"
        " place INTEGER NOT NULL, station_id INTEGER NOT NULL REFERENCES stations, UNIQUE (product_id, place)) STRICT"
    )


@_changes()
def entries_by_kind(db: Database) -> None:
    """Entries are found by what they are and by who said them, so that no screen goes through those of a year."""
    db.execute("CREATE INDEX entries_kind ON entries (kind, start_ms)")
    db.execute("CREATE INDEX entries_who ON entries (who)")
    db.execute("CREATE INDEX entries_pieces ON entries (json_extract(body, '$.kind'), start_ms) WHERE kind = 'pieces'")


@_changes()
def touched_after(db: Database) -> None:
    """After which entry (`newest`) a change of the calendar was made: a clock that was set back tells nothing of it."""
    db.execute("ALTER TABLE calendar_touched ADD COLUMN newest INTEGER NOT NULL DEFAULT 0")
    db.execute(
        "UPDATE calendar_touched SET newest ="
        " coalesce((SELECT max(e.id) FROM entries e WHERE e.at_ms <= calendar_touched.at_ms), 0)"
    )


@_changes()
def quality(db: Database) -> None:
    """What is measured and with what, what stations take, and what is known of units besides: their attributes (lot
    expiry, product), where they were put (`moves`: into stock, shipped) and links that hold no more (`link_ends`)."""
    for statement in _QUALITY.split(";\n"):
        db.execute(statement)
    for table in ("attributes", "link_ends", "moves"):
        _guard(db, table)


@_changes()
def open_data(db: Database) -> None:
    """Views for a shop's own SQL, and an index by which the last change of a limit is found.

    From here on facts keep 8 bytes of their hash, each made over the whole of the one before, and units are numbered
    one by one: what an older program would take for damage."""
    zone = dict(db.execute("SELECT key, value FROM settings").fetchall()).get("timezone", "Asia/Seoul")
    views.make_views(db, zone)
    db.execute("CREATE INDEX audit_limits ON audit (subject) WHERE action = 'limit'")
    _guard(db, "units")  # also against a second row with the code of a unit, which would replace the first


@_changes()
def labels(db: Database) -> None:
    """Numbers that were issued, how they look, and each time that a label was sent to the printer. Of the desktop."""
    for statement in _LABELS.split(";\n"):
        db.execute(statement)
    for table in GUARDED:
        _guard(db, table)


@_changes()
def links_said(db: Database) -> None:
    """Up to which entry the collector has written links of what people said (replaced, joined, parted); and holds by
    the entry that made them."""
    db.execute("CREATE TABLE links_said (id INTEGER PRIMARY KEY CHECK (id = 1), entry INTEGER NOT NULL) STRICT")
    db.execute("INSERT INTO links_said SELECT 1, coalesce(max(id), 0) FROM entries")
    db.execute("CREATE INDEX entries_because ON entries (json_extract(body, '$.because')) WHERE kind = 'held'")


@_changes()
def measured_by_unit(db: Database) -> None:
    """What was entered by hand of a unit: asked for at every scan of one."""
    db.execute("CREATE INDEX entries_measured ON entries (json_extract(body, '$.unit')) WHERE kind = 'measured'")


@_changes()
def serial_parts(db: Database) -> None:
    """Whether a material comes to a station piece by piece, each with a serial of its own, and when it is read: before
    its unit or after it."""
    db.execute("ALTER TABLE station_parts ADD COLUMN serial INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE station_parts ADD COLUMN scanned TEXT NOT NULL DEFAULT 'before'")


@_changes()
def results_by_hand(db: Database) -> None:
    """The view of results has what people entered by hand, too."""
    zone = dict(db.execute("SELECT key, value FROM settings").fetchall()).get("timezone", "Asia/Seoul")
    views.make_views(db, zone)


@_changes()
def since_when(db: Database) -> None:
    """Since when a station stands on a product's route, and a characteristic is measured as it is: what passed before
    is not asked for it. What stood on routes before this change always did; a characteristic is what it is at the
    latest since something was last changed."""
    db.execute(
        "CREATE TABLE route_since (product_id INTEGER NOT NULL REFERENCES products, station_id INTEGER NOT NULL"
        " REFERENCES stations, since_ms INTEGER NOT NULL, PRIMARY KEY (product_id, station_id)) STRICT, WITHOUT ROWID"
    )
    db.execute("INSERT INTO route_since SELECT DISTINCT product_id, station_id, 0 FROM route_steps")
    db.execute("ALTER TABLE characteristics ADD COLUMN since_ms INTEGER NOT NULL DEFAULT 0")
    db.execute("UPDATE characteristics SET since_ms = (SELECT coalesce(max(at_ms), 0) FROM audit)")


def _guard(db: Database, table: str) -> None:
    """Put the guards of a table in place; `transform` drops triggers, so call this again after one."""
    for name, sql in guards(table).items():
        db.execute(f"DROP TRIGGER IF EXISTS {name}")
        db.execute(sql)


_FIRST = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE machines (
  id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, place INTEGER NOT NULL,
  threshold_ms INTEGER NOT NULL CHECK (threshold_ms >= 0), retired_at_ms INTEGER) STRICT;
CREATE TABLE buses (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, port TEXT NOT NULL, driver TEXT NOT NULL,
  settings TEXT NOT NULL, retired_at_ms INTEGER) STRICT;
CREATE TABLE devices (
  id INTEGER PRIMARY KEY, bus_id INTEGER NOT NULL REFERENCES buses, key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL, settings TEXT NOT NULL, retired_at_ms INTEGER) STRICT;
CREATE TABLE signals (
  id INTEGER PRIMARY KEY, device_id INTEGER NOT NULL REFERENCES devices, key TEXT NOT NULL, name TEXT NOT NULL,
  machine_id INTEGER REFERENCES machines, role TEXT NOT NULL, unit TEXT NOT NULL,
  factor REAL NOT NULL, offset_value REAL NOT NULL, dead_band REAL NOT NULL, modulus INTEGER,
  pieces_per_step INTEGER NOT NULL, limit_low REAL, limit_high REAL, per_piece INTEGER NOT NULL,
  codes TEXT NOT NULL, classes TEXT NOT NULL, settings TEXT NOT NULL, retired_at_ms INTEGER,
  UNIQUE (device_id, key)) STRICT;
CREATE TABLE products (
  id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, retired_at_ms INTEGER) STRICT;
CREATE TABLE standards (
  id INTEGER PRIMARY KEY, product_id INTEGER NOT NULL REFERENCES products,
  machine_id INTEGER NOT NULL REFERENCES machines, ideal_cycle_ms REAL NOT NULL CHECK (ideal_cycle_ms > 0),
  standard_cycle_ms REAL NOT NULL CHECK (standard_cycle_ms > 0), valid_from_ms INTEGER NOT NULL,
  UNIQUE (product_id, machine_id, valid_from_ms)) STRICT;
CREATE TABLE shift_patterns (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, start TEXT NOT NULL, end TEXT NOT NULL,
  weekdays TEXT NOT NULL, breaks TEXT NOT NULL, crew TEXT NOT NULL, retired_at_ms INTEGER) STRICT;
CREATE TABLE reasons (
  id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('unplanned', 'planned', 'external')), failure INTEGER NOT NULL,
  place INTEGER NOT NULL, retired_at_ms INTEGER) STRICT;
CREATE TABLE corrections (
  id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, event_id INTEGER NOT NULL, kind TEXT NOT NULL,
  old TEXT NOT NULL, new TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE INDEX corrections_event ON corrections (event_id);
CREATE TABLE audit (
  id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
  old TEXT NOT NULL, new TEXT NOT NULL, why TEXT NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE TABLE requests (
  id INTEGER PRIMARY KEY, at_real_ms INTEGER NOT NULL, kind TEXT NOT NULL, params TEXT NOT NULL,
  expires_real_ms INTEGER NOT NULL, cancelled INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE answers (
  id INTEGER PRIMARY KEY, request_id INTEGER NOT NULL UNIQUE, at_real_ms INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('done', 'working', 'failed')), result TEXT NOT NULL) STRICT;
CREATE TABLE raw_tail (
  id INTEGER PRIMARY KEY, bus_id INTEGER NOT NULL, at_ms INTEGER NOT NULL, way TEXT NOT NULL,
  bytes BLOB NOT NULL) STRICT;
CREATE TABLE heartbeat (
  id INTEGER PRIMARY KEY CHECK (id = 1), pid INTEGER NOT NULL, version TEXT NOT NULL,
  started_real_ms INTEGER NOT NULL, at_real_ms INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  note TEXT NOT NULL, backlog INTEGER NOT NULL, lost INTEGER NOT NULL) STRICT;
CREATE TABLE clock_segments (
  id INTEGER PRIMARY KEY, first_id INTEGER NOT NULL, offset_us INTEGER NOT NULL) STRICT;
CREATE TABLE events (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, at_ms INTEGER NOT NULL,
  machine_id INTEGER REFERENCES machines, device_id INTEGER REFERENCES devices, signal_id INTEGER REFERENCES signals,
  word TEXT NOT NULL, detail TEXT NOT NULL, pieces INTEGER, from_ms INTEGER, reading INTEGER,
  flag TEXT NOT NULL, raw BLOB, hash BLOB NOT NULL) STRICT;
CREATE INDEX events_machine ON events (machine_id, kind, at_ms);
CREATE INDEX events_device ON events (device_id, kind, at_ms);
CREATE INDEX events_signal ON events (signal_id, kind);
CREATE INDEX events_scan ON events (word) WHERE kind = 'scan';
CREATE INDEX events_scan_time ON events (at_ms) WHERE kind = 'scan';
CREATE INDEX events_material ON events (machine_id, detail) WHERE kind = 'scan' AND detail IN ('lot', 'box');
CREATE INDEX events_gap ON events (machine_id, at_ms) WHERE flag = 'gap';
CREATE TABLE measurements (
  id INTEGER PRIMARY KEY, signal_id INTEGER NOT NULL, source_offset_us INTEGER, value REAL,
  quality INTEGER NOT NULL) STRICT;
CREATE TABLE measurement_texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
CREATE TABLE minutes (
  bucket_ms INTEGER NOT NULL, signal_id INTEGER NOT NULL, n INTEGER NOT NULL,
  low REAL, high REAL, total REAL, last REAL,
  PRIMARY KEY (bucket_ms, signal_id)) STRICT, WITHOUT ROWID;
CREATE TABLE hours (
  bucket_ms INTEGER NOT NULL, signal_id INTEGER NOT NULL, n INTEGER NOT NULL,
  low REAL, high REAL, total REAL, last REAL,
  PRIMARY KEY (bucket_ms, signal_id)) STRICT, WITHOUT ROWID;
CREATE TABLE live (
  signal_id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, value REAL, text TEXT, quality INTEGER NOT NULL) STRICT;
CREATE TABLE device_status (
  device_id INTEGER PRIMARY KEY, status TEXT NOT NULL, since_ms INTEGER NOT NULL, fault TEXT NOT NULL,
  detail TEXT NOT NULL, last_at_ms INTEGER, frames INTEGER NOT NULL, reconnects INTEGER NOT NULL) STRICT;
CREATE TABLE chain_heads (
  name TEXT PRIMARY KEY, rows INTEGER NOT NULL, last_id INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE TABLE units (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, code TEXT NOT NULL, at_ms INTEGER NOT NULL, event_id INTEGER NOT NULL,
  hash BLOB NOT NULL, UNIQUE (code, kind)) STRICT;
CREATE TABLE links (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, parent_id INTEGER NOT NULL REFERENCES units,
  child_id INTEGER NOT NULL REFERENCES units, machine_id INTEGER REFERENCES machines, at_ms INTEGER NOT NULL,
  event_id INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE INDEX links_parent ON links (parent_id);
CREATE INDEX links_child ON links (child_id);
CREATE TABLE steps (
  id INTEGER PRIMARY KEY, unit_id INTEGER NOT NULL REFERENCES units, machine_id INTEGER NOT NULL REFERENCES machines,
  at_ms INTEGER NOT NULL, result TEXT NOT NULL, event_id INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE INDEX steps_unit ON steps (unit_id);
CREATE INDEX steps_machine ON steps (machine_id);
CREATE TABLE results (
  id INTEGER PRIMARY KEY, unit_id INTEGER REFERENCES units, signal_id INTEGER NOT NULL REFERENCES signals,
  machine_id INTEGER REFERENCES machines, at_ms INTEGER NOT NULL, value REAL, word TEXT NOT NULL,
  judgement TEXT NOT NULL, raw BLOB, hash BLOB NOT NULL) STRICT;
CREATE INDEX results_unit ON results (unit_id);
CREATE INDEX results_signal ON results (signal_id, at_ms);

CREATE VIEW state_changes AS
  SELECT id, machine_id, at_ms, word AS state, detail AS code, flag AS note FROM events WHERE kind = 'state';
CREATE VIEW counts AS
  SELECT id, machine_id, signal_id, at_ms, word AS role, pieces, from_ms, reading, flag
  FROM events WHERE kind = 'count';
CREATE VIEW scans AS
  SELECT id, machine_id, device_id, at_ms, word AS code, detail AS what, flag FROM events WHERE kind = 'scan';
"""

#: Dates are local (ISO, 1970-01-01: always). Shifts are named by their name. A version of a shift without weekdays
#: ends it; a declaration of machine 0 says that no machine is the constraint; a planned stop of machine 0 is for all.
_CALENDAR_AND_RULES = """
ALTER TABLE shift_patterns RENAME TO former_patterns;
CREATE TABLE shift_patterns (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, valid_from TEXT NOT NULL, start TEXT NOT NULL, end TEXT NOT NULL,
  weekdays TEXT NOT NULL, breaks TEXT NOT NULL, crew TEXT NOT NULL, business_days INTEGER NOT NULL DEFAULT 0,
  UNIQUE (name, valid_from)) STRICT;
INSERT INTO shift_patterns (id, name, valid_from, start, end, weekdays, breaks, crew)
  SELECT id, name, '1970-01-01', start, end, weekdays, breaks, crew FROM former_patterns ORDER BY id;
DROP TABLE former_patterns;
CREATE TABLE crew_rotations (
  id INTEGER PRIMARY KEY, anchor TEXT NOT NULL, shifts TEXT NOT NULL, crews TEXT NOT NULL,
  days INTEGER NOT NULL CHECK (days > 0), UNIQUE (anchor, shifts)) STRICT;
CREATE TABLE day_exceptions (
  id INTEGER PRIMARY KEY, on_date TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('holiday', 'cancelled', 'extra', 'moved', 'overtime', 'half')),
  shift TEXT NOT NULL, start TEXT, end TEXT, name TEXT NOT NULL, entered_at_ms INTEGER NOT NULL,
  UNIQUE (on_date, kind, shift, entered_at_ms)) STRICT;
CREATE TABLE planned_stops (
  id INTEGER PRIMARY KEY, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL CHECK (end_ms > start_ms),
  machine_id INTEGER NOT NULL, reason_id INTEGER REFERENCES reasons, approved_at_ms INTEGER,
  no_order INTEGER NOT NULL, UNIQUE (start_ms, end_ms, machine_id)) STRICT;
CREATE TABLE capacity_calendars (
  id INTEGER PRIMARY KEY, valid_from TEXT NOT NULL UNIQUE, shifts TEXT NOT NULL, holidays TEXT NOT NULL) STRICT;
CREATE TABLE line_constraints (
  id INTEGER PRIMARY KEY, valid_from_ms INTEGER NOT NULL UNIQUE, machine_id INTEGER NOT NULL,
  parallel INTEGER NOT NULL CHECK (parallel > 0)) STRICT;
INSERT INTO line_constraints (valid_from_ms, machine_id, parallel)
  SELECT 0, m.id, 1 FROM machines m JOIN settings s ON s.key = 'constraint' AND s.value = m.code;
DELETE FROM settings WHERE key = 'constraint';
CREATE TABLE open_cavities (
  id INTEGER PRIMARY KEY, product_id INTEGER NOT NULL REFERENCES products,
  machine_id INTEGER NOT NULL REFERENCES machines, valid_from_ms INTEGER NOT NULL,
  open INTEGER NOT NULL CHECK (open >= 0), UNIQUE (product_id, machine_id, valid_from_ms)) STRICT;
CREATE TABLE rule_sets (
  version INTEGER PRIMARY KEY, valid_from_ms INTEGER NOT NULL, fields TEXT NOT NULL) STRICT;
ALTER TABLE machines ADD COLUMN unattended INTEGER NOT NULL DEFAULT 0;
ALTER TABLE standards ADD COLUMN cavities INTEGER NOT NULL DEFAULT 1 CHECK (cavities > 0);
ALTER TABLE standards ADD COLUMN family_cavities INTEGER NOT NULL DEFAULT 0 CHECK (family_cavities >= 0);
ALTER TABLE reasons ADD COLUMN loss TEXT NOT NULL DEFAULT '';
"""


#: `reason_id` 0: no reason was given. `hour` 0 is Monday 00:00 of plant time, 167 Sunday 23:00.
_SHIFT_LOSSES = """
DELETE FROM shift_sums;
CREATE TABLE shift_causes (
  machine_id INTEGER NOT NULL, start_ms INTEGER NOT NULL, category TEXT NOT NULL, state TEXT NOT NULL,
  reason_id INTEGER NOT NULL, labelled INTEGER NOT NULL, length_ms INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (machine_id, start_ms, category, state, reason_id, labelled)) STRICT, WITHOUT ROWID;
CREATE TABLE shift_hours (
  machine_id INTEGER NOT NULL, start_ms INTEGER NOT NULL, hour INTEGER NOT NULL,
  busy_ms INTEGER NOT NULL, no_data_ms INTEGER NOT NULL, lost_ms INTEGER NOT NULL,
  PRIMARY KEY (machine_id, start_ms, hour)) STRICT, WITHOUT ROWID
"""


_ENTRIES = """
DROP TABLE corrections;
CREATE TABLE entries (
  id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, machine_id INTEGER NOT NULL,
  start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL CHECK (end_ms >= start_ms), body TEXT NOT NULL,
  who TEXT NOT NULL, why TEXT NOT NULL, takes_back INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE INDEX entries_start ON entries (start_ms);
CREATE INDEX entries_back ON entries (takes_back);
CREATE INDEX entries_action ON entries (id) WHERE kind IN ('action', 'action_closed');
CREATE TABLE swept (id INTEGER PRIMARY KEY CHECK (id = 1), entry INTEGER NOT NULL) STRICT
"""


_ORDERS = """
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, product_id INTEGER NOT NULL REFERENCES products,
  quantity INTEGER NOT NULL CHECK (quantity > 0), lot TEXT NOT NULL, due_ms INTEGER, kind TEXT NOT NULL,
  machine_id INTEGER REFERENCES machines, planned_on TEXT, shift TEXT NOT NULL, place INTEGER NOT NULL,
  status TEXT NOT NULL, retired_at_ms INTEGER) STRICT;
CREATE TABLE order_versions (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders, entered_at_ms INTEGER NOT NULL,
  fields TEXT NOT NULL, retired INTEGER NOT NULL) STRICT;
CREATE INDEX order_versions_order ON order_versions (order_id, entered_at_ms)
"""


#: `scanner` is the signal of a line scanner, 0 the window. What was scanned before this version is carried out no more.
_SCAN_ANSWERS = """
CREATE TABLE scan_answers (
  id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, scanner INTEGER NOT NULL, scan INTEGER NOT NULL, code TEXT NOT NULL,
  machine_id INTEGER, says TEXT NOT NULL, entries TEXT NOT NULL) STRICT;
CREATE INDEX scan_answers_scan ON scan_answers (scanner, scan);
CREATE TABLE dialogues (scanner INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE carried_out (id INTEGER PRIMARY KEY CHECK (id = 1), scan INTEGER NOT NULL) STRICT;
INSERT INTO carried_out SELECT 1, coalesce(max(id), 0) FROM events;
CREATE INDEX events_command ON events (id) WHERE kind = 'scan' AND detail = 'command'
"""


#: a part with `product_id` 0 is for all products;
#: `kind` and `when_wrong` of a station, `mark`, `sampling` and `binding` of a characteristic: see `domain.quality`
_QUALITY = """
DROP INDEX events_material;
CREATE INDEX events_material ON events (machine_id, detail)
  WHERE kind = 'scan' AND detail IN ('lot', 'box', 'pallet');
CREATE INDEX events_finding ON events (id) WHERE kind = 'finding';
ALTER TABLE products ADD COLUMN unit_pattern TEXT NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN gtin TEXT NOT NULL DEFAULT '';
ALTER TABLE stations ADD COLUMN kind TEXT NOT NULL DEFAULT 'make';
ALTER TABLE stations ADD COLUMN when_wrong TEXT NOT NULL DEFAULT 'flag';
CREATE TABLE station_parts (
  id INTEGER PRIMARY KEY, station_id INTEGER NOT NULL REFERENCES stations, product_id INTEGER NOT NULL,
  material TEXT NOT NULL, required INTEGER NOT NULL, around INTEGER NOT NULL CHECK (around >= 0),
  UNIQUE (station_id, product_id, material)) STRICT;
CREATE TABLE gauges (
  id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, resolution REAL,
  interval_days INTEGER NOT NULL, when_due TEXT NOT NULL, place INTEGER NOT NULL, retired_at_ms INTEGER) STRICT;
CREATE TABLE characteristics (
  id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, product_id INTEGER REFERENCES products,
  machine_id INTEGER REFERENCES machines, signal_id INTEGER REFERENCES signals, unit TEXT NOT NULL, mark TEXT NOT NULL,
  gauge_id INTEGER REFERENCES gauges, sampling TEXT NOT NULL, per_hour INTEGER NOT NULL, subgroup INTEGER NOT NULL,
  binding TEXT NOT NULL, window_ms INTEGER NOT NULL, retests INTEGER NOT NULL, place INTEGER NOT NULL,
  retired_at_ms INTEGER) STRICT;
CREATE TABLE characteristic_limits (
  id INTEGER PRIMARY KEY, characteristic_id INTEGER NOT NULL REFERENCES characteristics, valid_from_ms INTEGER NOT NULL,
  nominal REAL, low REAL, high REAL, UNIQUE (characteristic_id, valid_from_ms)) STRICT;
CREATE TABLE attributes (
  id INTEGER PRIMARY KEY, unit_id INTEGER NOT NULL REFERENCES units, key TEXT NOT NULL, value TEXT NOT NULL,
  at_ms INTEGER NOT NULL, event_id INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE INDEX attributes_unit ON attributes (unit_id);
CREATE TABLE link_ends (
  id INTEGER PRIMARY KEY, link_id INTEGER NOT NULL REFERENCES links, at_ms INTEGER NOT NULL,
  event_id INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE INDEX link_ends_link ON link_ends (link_id);
CREATE TABLE moves (
  id INTEGER PRIMARY KEY, unit_id INTEGER NOT NULL REFERENCES units, station_id INTEGER NOT NULL REFERENCES stations,
  kind TEXT NOT NULL, at_ms INTEGER NOT NULL, event_id INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE INDEX moves_unit ON moves (unit_id)
"""


#: `kind`: unit or box; `scope`: for what a counter runs (`domain.numbering`); `fields`: what the label says, as JSON;
#: `fault`: why the printer did not take it, '' where it did
_LABELS = """
CREATE TABLE label_numbers (
  product_id INTEGER NOT NULL REFERENCES products, kind TEXT NOT NULL, pattern TEXT NOT NULL,
  PRIMARY KEY (product_id, kind)) STRICT, WITHOUT ROWID;
CREATE TABLE issued (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, product_id INTEGER NOT NULL REFERENCES products, scope TEXT NOT NULL,
  n INTEGER NOT NULL, code TEXT NOT NULL UNIQUE, at_ms INTEGER NOT NULL, who TEXT NOT NULL, fields TEXT NOT NULL,
  UNIQUE (scope, n)) STRICT;
CREATE TABLE label_prints (
  id INTEGER PRIMARY KEY, issued_id INTEGER NOT NULL REFERENCES issued, copy INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  who TEXT NOT NULL, why TEXT NOT NULL, fault TEXT NOT NULL, UNIQUE (issued_id, copy)) STRICT
"""


def apply(connection: Any) -> None:
    """Bring a database up to CURRENT and say so in `user_version`: all of it or nothing, in one transaction."""
    from desktop.store import master_data

    db = Database(connection)
    with db.atomic():
        _changes.apply(db)
        master_data.begin(connection)
        connection.execute(f"PRAGMA user_version = {CURRENT}")


def upgrade(connection: Any, folder: Path, version: int) -> Path:
    """Copy an older database into backups/, check the copy, then bring the original up to date.

    Returns the copy. Raises KnownError where the disk has no room for it: the original is then untouched.
    """
    import shutil

    from desktop.store.database import DATABASE, KnownError

    size = (folder / DATABASE).stat().st_size
    if shutil.disk_usage(folder).free < 2 * size + 50_000_000:
        raise KnownError(
            _("The disk of {folder} has no room for the copy that an update makes first. Free some space.").format(
                folder=folder
            )
        )
    copies = folder / "backups"
    copies.mkdir(exist_ok=True)
    copy = copies / f"before-schema-{CURRENT}-{datetime.now().astimezone():%Y%m%d-%H%M%S-%f}.db"
    connection.execute("VACUUM INTO ?", (str(copy),))
    apply(connection)
    return copy
