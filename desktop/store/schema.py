"""What everybody who opens the file must know of its schema. Light, so that a window need not load `migrations`."""

from __future__ import annotations

CURRENT = 26  # the schema version that this program writes: the number of changes in `migrations`

HEAD = "chain "  # keys of `meta` that hold the head of a chain which the desktop writes: rows, last id, hash

#: tables whose rows never change: name -> columns that the chain covers, in this order
APPEND_ONLY = {
    "events": (
        "id",
        "kind",
        "at_ms",
        "machine_id",
        "device_id",
        "signal_id",
        "word",
        "detail",
        "pieces",
        "from_ms",
        "reading",
        "flag",
        "raw",
    ),
    "units": ("id", "kind", "code", "at_ms", "event_id"),
    "links": ("id", "kind", "parent_id", "child_id", "machine_id", "at_ms", "event_id"),
    "steps": ("id", "unit_id", "machine_id", "at_ms", "result", "event_id"),
    "results": ("id", "unit_id", "signal_id", "machine_id", "at_ms", "value", "word", "judgement", "raw"),
    "attributes": ("id", "unit_id", "key", "value", "at_ms", "event_id"),
    "link_ends": ("id", "link_id", "at_ms", "event_id"),
    "moves": ("id", "unit_id", "station_id", "kind", "at_ms", "event_id"),
    "entries": ("id", "at_ms", "kind", "machine_id", "start_ms", "end_ms", "body", "who", "why", "takes_back"),
    "audit": ("id", "at_ms", "who", "action", "subject", "old", "new", "why"),
}

#: what besides its id tells a row of a table from all others, so that a second one would replace it
_UNIQUE = {"units": ("code", "kind")}


def guards(table: str) -> dict[str, str]:
    """The triggers of an append-only table by name: UPDATE, DELETE and INSERT OR REPLACE are refused.

    INSERT OR REPLACE passes the delete trigger unless recursive_triggers is on, which is per connection.
    """
    taken = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{column} = NEW.{column}' for column in columns)})"
        for columns in (("id",), *((_UNIQUE[table],) if table in _UNIQUE else ()))
    )
    return {
        f"{table}_no_update": f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table}: rows are never changed'); END",
        f"{table}_no_delete": f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table}: rows are never deleted'); END",
        f"{table}_no_replace": f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} "
        f"BEGIN SELECT RAISE(ABORT, '{table}: the id is taken'); END",
    }


#: tables whose rows never change either: name -> columns of which the audit, which is chained, holds a hash
GUARDED = {
    "issued": ("id", "kind", "product_id", "scope", "n", "code", "at_ms", "who", "fields"),
    "label_prints": ("id", "issued_id", "copy", "at_ms", "who", "why", "fault"),
}
