"""What everybody who opens the file must know of its schema. Light, so that a window need not load `migrations`."""

from __future__ import annotations

CURRENT = 20  # the schema version that this program writes: the number of changes in `migrations`

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
