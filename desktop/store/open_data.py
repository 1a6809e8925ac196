"""Views on the file that a shop's own SQL can rely on (`resources/manual/*/open_data.md`): codes in place of ids, local
ISO times, and the milliseconds beside them. Columns are added at the end, never renamed or taken away.

SQLite knows no time zones, so that `local_offsets` holds how far the shop's wall clock is ahead of UTC from when on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from desktop.store.database import Store

_FROM, _TO, _STEP = 2000, 2080, timedelta(days=7)  # no clock is changed twice in a week
_AT_ONCE = 2000  # rows a question, so that no reader holds the file for long
MOMENT_MS = "at_ms"  # the column by which every view is cut


def _local(at_ms: str) -> str:
    """A moment as local ISO time with its offset from UTC."""
    return (
        f"(SELECT strftime('%Y-%m-%dT%H:%M:%f', ({at_ms} + o.ahead_ms) / 1000.0, 'unixepoch') || o.written"
        f" FROM local_offsets o WHERE o.from_ms <= {at_ms} ORDER BY o.from_ms DESC LIMIT 1)"
    )


def _code(table: str, key: str, column: str = "code") -> str:
    return f"(SELECT {column} FROM {table} WHERE id = {key})"


_MACHINE = _code("machines", "x.machine_id")
#: the newest thing said of a stop that was not taken back: its reason, and who said it
_SAID_OF_STOP = (
    "(SELECT {what} FROM entries e WHERE e.kind = 'label' AND e.start_ms BETWEEN x.at_ms AND {end}"
    " AND json_extract(e.body, '$.stop') = x.id"
    " AND NOT EXISTS (SELECT 1 FROM entries b WHERE b.takes_back = e.id) ORDER BY e.id DESC LIMIT 1)"
)
_NEXT = (
    "(SELECT n.at_ms FROM events n WHERE n.machine_id = x.machine_id AND n.kind = 'state'"
    " AND (n.at_ms, n.id) > (x.at_ms, x.id) ORDER BY n.at_ms, n.id LIMIT 1)"
)

#: view -> its table and its columns: name, SQL of it; the row of the table is x
VIEWS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "v_units": (
        "units x",
        (
            ("id", "x.id"),
            ("kind", "x.kind"),
            ("code", "x.code"),
            ("first_seen", _local("x.at_ms")),
            ("at_ms", "x.at_ms"),
        ),
    ),
    "v_attributes": (
        "attributes x JOIN units u ON u.id = x.unit_id",
        (
            ("id", "x.id"),
            ("kind", "u.kind"),
            ("code", "u.code"),
            ("key", "x.key"),
            ("value", "x.value"),
            ("said_at", _local("x.at_ms")),
            ("at_ms", "x.at_ms"),
        ),
    ),
    "v_steps": (
        "steps x JOIN units u ON u.id = x.unit_id",
        (
            ("id", "x.id"),
            ("kind", "u.kind"),
            ("code", "u.code"),
            ("machine", _MACHINE),
            ("began_at", _local("x.at_ms")),
            ("at_ms", "x.at_ms"),
            ("result", "x.result"),
        ),
    ),
    "v_results": (
        "results x LEFT JOIN units u ON u.id = x.unit_id LEFT JOIN signals s ON s.id = x.signal_id",
        (
            ("id", "x.id"),
            ("unit_code", "u.code"),
            ("machine", _MACHINE),
            ("signal", "s.key"),
            ("signal_name", "s.name"),
            ("measured_at", _local("x.at_ms")),
            ("at_ms", "x.at_ms"),
            ("value", "x.value"),
            ("measured_in", "s.unit"),
            ("word", "x.word"),
            ("judgement", "x.judgement"),
            ("by_hand", "0"),
            ("characteristic", "CAST(NULL AS TEXT)"),
            ("who", "CAST(NULL AS TEXT)"),
        ),
    ),
    "v_links": (
        "links x JOIN units p ON p.id = x.parent_id JOIN units c ON c.id = x.child_id",
        (
            ("id", "x.id"),
            ("link", "x.kind"),
            ("parent_kind", "p.kind"),
            ("parent", "p.code"),
            ("child_kind", "c.kind"),
            ("child", "c.code"),
            ("machine", _MACHINE),
            ("linked_at", _local("x.at_ms")),
            ("at_ms", "x.at_ms"),
            ("ended_at", _local("(SELECT min(e.at_ms) FROM link_ends e WHERE e.link_id = x.id)")),
        ),
    ),
    "v_moves": (
        "moves x JOIN units u ON u.id = x.unit_id",
        (
            ("id", "x.id"),
            ("kind", "u.kind"),
            ("code", "u.code"),
            ("move", "x.kind"),
            ("station", _code("stations", "x.station_id")),
            ("moved_at", _local("x.at_ms")),
            ("at_ms", "x.at_ms"),
        ),
    ),
    "v_events": (
        "events x",
        (
            ("id", "x.id"),
            ("kind", "x.kind"),
            ("happened_at", _local("x.at_ms")),
            ("at_ms", "x.at_ms"),
            ("machine", _MACHINE),
            ("device", _code("devices", "x.device_id", "key")),
            ("signal", _code("signals", "x.signal_id", "key")),
            ("word", "x.word"),
            ("detail", "x.detail"),
            ("pieces", "x.pieces"),
            ("flag", "x.flag"),
        ),
    ),
    "v_stops": (
        "events x",
        (
            ("id", "x.id"),
            ("machine", _MACHINE),
            ("state", "x.word"),
            ("device_code", "x.detail"),
            ("began_at", _local("x.at_ms")),
            ("at_ms", "x.at_ms"),
            ("ended_at", _local(_NEXT)),
            ("seconds", f"({_NEXT} - x.at_ms) / 1000.0"),
            (
                "reason",
                _code(
                    "reasons",
                    _SAID_OF_STOP.format(what="json_extract(e.body, '$.reason')", end=f"ifnull({_NEXT}, 9e15)"),
                ),
            ),
            ("said_by", _SAID_OF_STOP.format(what="e.who", end=f"ifnull({_NEXT}, 9e15)")),
        ),
    ),
    "v_entries": (
        "entries x",
        (
            ("id", "x.id"),
            ("kind", "x.kind"),
            ("said_at", _local("x.at_ms")),
            ("at_ms", "x.at_ms"),
            ("machine", _MACHINE),
            ("who", "x.who"),
            ("why", "x.why"),
            ("body", "x.body"),
            ("takes_back", "nullif(x.takes_back, 0)"),
            ("taken_back_by", "(SELECT b.id FROM entries b WHERE b.takes_back = x.id)"),
        ),
    ),
    "v_audit": (
        "audit x",
        (
            ("id", "x.id"),
            ("changed_at", _local("x.at_ms")),
            ("at_ms", "x.at_ms"),
            ("who", "x.who"),
            ("action", "x.action"),
            ("subject", "x.subject"),
            ("old", "x.old"),
            ("new", "x.new"),
            ("why", "x.why"),
        ),
    ),
}
_NO_STOPS = ("run", "unknown", "no_signal")
_WHERE = {"v_stops": f" WHERE x.kind = 'state' AND x.word NOT IN {_NO_STOPS}"}
_OF_LIMITS = (
    "ifnull((SELECT CASE WHEN l.low IS NULL AND l.high IS NULL THEN ''"
    " WHEN json_extract(x.body, '$.value') < l.low OR json_extract(x.body, '$.value') > l.high THEN 'reject'"
    " ELSE 'good' END FROM characteristic_limits l WHERE l.characteristic_id = c.id AND l.valid_from_ms <= x.start_ms"
    " ORDER BY l.valid_from_ms DESC LIMIT 1), '')"
)
#: view -> what stands in it besides: the table, the columns in their order, and which rows; of the same affinities as
#: those of the view, else SQLite reads all of it before it gives the first row
_ALSO = {
    "v_results": (
        "entries x LEFT JOIN characteristics c ON c.id = json_extract(x.body, '$.characteristic')",
        (
            "x.id",
            "CAST(json_extract(x.body, '$.unit') AS TEXT)",
            _MACHINE,
            "CAST(NULL AS TEXT)",
            "c.name",
            _local("x.start_ms"),
            "x.start_ms",
            "CAST(json_extract(x.body, '$.value') AS REAL)",
            "c.unit",
            "CAST('' AS TEXT)",
            f"CAST({_OF_LIMITS} AS TEXT)",
            "1",
            "c.code",
            "x.who",
        ),
        " WHERE x.kind = 'measured' AND NOT EXISTS (SELECT 1 FROM entries b WHERE b.takes_back = x.id)",
    )
}


def make_views(db: Any, zone: str) -> None:
    """Make the views, anew where they are there, and the offsets of a zone: in a migration."""
    db.execute(
        "CREATE TABLE IF NOT EXISTS local_offsets ("
        "from_ms INTEGER PRIMARY KEY, ahead_ms INTEGER NOT NULL, written TEXT NOT NULL) STRICT"
    )
    put_offsets(db, zone)
    for name, (table, columns) in VIEWS.items():
        shown = ", ".join(f'{sql} AS "{column}"' for column, sql in columns)
        db.execute(f"DROP VIEW IF EXISTS {name}")
        also = ""
        if name in _ALSO:
            source, values, where = _ALSO[name]
            also = f" UNION ALL SELECT {', '.join(values)} FROM {source}{where}"
        db.execute(f"CREATE VIEW {name} AS SELECT {shown} FROM {table}{_WHERE.get(name, '')}{also}")


def put_offsets(db: Any, zone: str) -> None:
    """From when on the wall clock of a zone is how far ahead of UTC, as the zone's rules are known today."""
    there, utc = ZoneInfo(zone), ZoneInfo("UTC")

    def ahead(at_ms: int) -> timedelta:
        return datetime.fromtimestamp(at_ms / 1000, there).utcoffset() or timedelta()

    at_ms, end_ms = (int(datetime(year, 1, 1, tzinfo=utc).timestamp() * 1000) for year in (_FROM, _TO))
    found = [(-(1 << 62), ahead(at_ms))]
    step_ms = _STEP // timedelta(milliseconds=1)
    while at_ms < end_ms:
        if ahead(at_ms + step_ms) != found[-1][1]:
            low, high = at_ms, at_ms + step_ms
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if ahead(middle) == found[-1][1] else (low, middle)
            found.append((high, ahead(high)))
        at_ms += step_ms
    db.execute("DELETE FROM local_offsets")
    for from_ms, length in found:
        minutes = round(length.total_seconds() / 60)
        written = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
        db.execute("INSERT INTO local_offsets VALUES (?, ?, ?)", (from_ms, minutes * 60_000, written))


def columns_of(view: str) -> tuple[str, ...]:
    """The names of a view's columns, in order."""
    return tuple(name for name, _sql in VIEWS[view][1])


def count(store: Store, view: str, since_ms: int, until_ms: int) -> int:
    """How many rows of a view are of moments in [since, until)."""
    sql = f"SELECT count(*) FROM {view} WHERE {MOMENT_MS} >= ? AND {MOMENT_MS} < ?"
    return int(store.row(sql, since_ms, until_ms)[0])


def rows(store: Store, view: str, since_ms: int, until_ms: int) -> Iterator[tuple[Any, ...]]:
    """The rows of a view of moments in [since, until), in the order of their ids; few are in memory at a time."""
    sql = f"SELECT * FROM {view} WHERE id > ? AND {MOMENT_MS} >= ? AND {MOMENT_MS} < ? ORDER BY id LIMIT {_AT_ONCE}"
    after, full = -1, True
    while full:
        found = store.rows(sql, after, since_ms, until_ms)
        full = len(found) == _AT_ONCE
        if full and found[-1][0] != found[0][0]:  # two tables of one view may have the same id: both in one part
            found = [row for row in found if row[0] != found[-1][0]]
        yield from found
        after = found[-1][0] if found else after
